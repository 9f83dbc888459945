#!/bin/bash
# Sets up assistants of other makers, each in virtual environments of its own: see docs/devices/.
#   rigs/third_party/setup.sh [NAME...]   default: all; NAME is a folder beside this file, or FOLDER/LOCK for
#                                         one of its environments
# What is installed is held by the *.lock files of that folder, with hashes. Nothing of it is changed.
# System packages in its apt-packages.txt that are missing are installed, where that is allowed.
# It goes to .cache/third_party/NAME-LOCK of the checkout; `rm -rf .cache/third_party` undoes it.
# Environment: PYTHON, the interpreter to build with (default: that of .venv, else python3).
# Exit codes: 0 ready; 2 something could not be installed; 3 usage.
set -euo pipefail

cd "${0%/*}/../.."
readonly root=$PWD here=$PWD/rigs/third_party there=$PWD/.cache/third_party log=$PWD/.cache/third_party.log
python=${PYTHON:-$([[ -x .venv/bin/python ]] && echo .venv/bin/python || echo python3)}

fail() { printf 'third-party set-up: %s\n' "$*" >&2; exit "${code:-2}"; }

stamp_of() { { echo "$root"; uname -m; "$python" -V; cat "$1" setup/python-build.lock; } | sha256sum | cut -c 1-64; }

holds() { # PROBE: does the machine have it?
    case $1 in
        command:*) command -v "${1#*:}" >/dev/null ;;
        file:*) compgen -G "${1#*:}" >/dev/null ;;
        *) fail "apt-packages.txt: unknown probe $1" ;;
    esac
}

install_parts() { # NAME: the system packages that it lacks
    local package probe purpose missing=() as_root=()
    while read -r package probe purpose; do
        [[ -z $package || $package == \#* ]] && continue
        holds "$probe" || missing+=("$package")
    done <"$here/$1/apt-packages.txt"
    ((${#missing[@]} == 0)) && return
    ((EUID == 0)) || as_root=(sudo -n)
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    printf '  system packages: %s ...' "${missing[*]}"
    { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}"; } \
        >>"$log" 2>&1 </dev/null 9>&- || {
        echo " failed"
        fail "these are missing: sudo apt-get install --no-install-recommends ${missing[*]} (the whole log: $log)"
    }
    echo " done"
}

pip_install() { # VENV...: complete locks, so nothing is resolved; no isolation, which no hash holds
    "$1/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes "${@:2}"
}

build() { # VENV LOCK
    "$python" -m venv --clear "$1"
    pip_install "$1" -r setup/python-build.lock
    pip_install "$1" --no-build-isolation -r "$2"
}

set_up() { # NAME
    local lock venv stamp folder=${1%%/*} only='*'
    [[ $1 == */* ]] && only=${1#*/}
    for lock in "$here/$folder"/$only.lock; do
        venv=$there/$folder-$(basename "$lock" .lock)
        stamp=$(stamp_of "$lock")
        [[ -f $venv/stamp && $(<"$venv/stamp") == "$stamp" ]] && continue
        printf '  %s ...' "${venv##*/}"
        build "$venv" "$lock" >>"$log" 2>&1 </dev/null || {
            echo " failed"
            tail -n 15 "$log" >&2
            fail "${venv##*/} could not be installed. The whole log: $log. Run this again."
        }
        printf '%s\n' "$stamp" >"$venv/stamp"
        echo " done"
    done
}

mkdir -p "$there"
: >"$log"
# One set-up at a time: the second waits, and then finds the work done.
exec 9<"$here"
flock 9
(($#)) || set -- $(cd "$here" && ls -d */ | tr -d /)
for name in "$@"; do
    lock=$name/*
    [[ $name == */* ]] && lock=$name
    compgen -G "$here/$lock.lock" >/dev/null || code=3 fail "there is no assistant $name here"
    install_parts "${name%%/*}"
    set_up "$name"
done
echo "Third-party assistants set up in $SECONDS s: $*"
