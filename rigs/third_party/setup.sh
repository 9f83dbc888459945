#!/bin/bash
# Sets up assistants of other makers, each in virtual environments of its own: see docs/devices/.
#   rigs/third_party/setup.sh [NAME...]   default: all; NAME is a folder beside this file
# What is installed is held by the *.lock files of that folder, with hashes. Nothing of it is changed.
# It goes to .cache/third_party/NAME-LOCK of the checkout; `rm -rf .cache/third_party` undoes it.
# Environment: PYTHON, the interpreter to build with (default: that of .venv, else python3).
# Exit codes: 0 ready; 2 something could not be installed; 3 usage.
set -euo pipefail

cd "${0%/*}/../.."
readonly root=$PWD here=$PWD/rigs/third_party there=$PWD/.cache/third_party log=$PWD/.cache/third_party.log
python=${PYTHON:-$([[ -x .venv/bin/python ]] && echo .venv/bin/python || echo python3)}

fail() { printf 'third-party set-up: %s\n' "$*" >&2; exit "${code:-2}"; }

stamp_of() { { echo "$root"; uname -m; "$python" -V; cat "$1" setup/python-build.lock; } | sha256sum | cut -c 1-64; }

pip_install() { # VENV...: complete locks, so nothing is resolved; no isolation, which no hash holds
    "$1/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes "${@:2}"
}

build() { # VENV LOCK
    "$python" -m venv --clear "$1"
    pip_install "$1" -r setup/python-build.lock
    pip_install "$1" --no-build-isolation -r "$2"
}

set_up() { # NAME
    local lock venv stamp
    for lock in "$here/$1"/*.lock; do
        venv=$there/$1-$(basename "$lock" .lock)
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
for program in arecord aplay; do
    command -v "$program" >/dev/null || fail "$program is missing: sudo apt-get install alsa-utils"
done
for name in "$@"; do
    compgen -G "$here/$name/*.lock" >/dev/null || code=3 fail "there is no assistant $name here"
    set_up "$name"
done
echo "Third-party assistants set up in $SECONDS s: $*"
