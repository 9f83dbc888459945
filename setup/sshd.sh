#!/bin/bash
# Fetches OpenSSH's server into .cache/sshd for the tests of a tap on another machine. It is not
# installed: a package would open port 22 of this machine, which nobody asked for.
# Exit codes: 0 there is one; 2 it could not be had, so those tests are skipped.
set -euo pipefail
cd "${0%/*}/.."
PATH=$PATH:/usr/sbin:/sbin
readonly place=$PWD/.cache/sshd
command -v sshd >/dev/null && exit 0
[[ -x $place/usr/sbin/sshd ]] && exit 0
missing() { printf 'set-up: no sshd here and none could be fetched (%s); its tests are skipped.\n' "$1" >&2; exit 2; }
command -v apt-get dpkg-deb >/dev/null || missing 'no apt'
rm -rf "$place.new" && mkdir -p "$place.new"
(cd "$place.new" && apt-get -q download openssh-server >log 2>&1) || missing 'apt-get download failed'
dpkg-deb -x "$place.new"/openssh-server_*.deb "$place.new"
rm -rf "$place" && mv "$place.new" "$place"
