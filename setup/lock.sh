#!/bin/bash
# Renews the lock files from pyproject.toml and the *.in files here. Needs uv (pip install uv) and npm.
# Locks hold for x86_64 and aarch64, Python 3.11 and newer; they carry hashes and no addresses.
set -euo pipefail
cd "${0%/*}/.."

compile() { # INPUT LOCK [OPTION...]; what the lock already holds stays, unless --upgrade is among them
    local input=$1 lock=$2
    shift 2
    uv pip compile "$input" --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --output-file "$lock" "$@" >/dev/null
}

compile setup/python-build.in setup/python-build.lock "$@"
compile pyproject.toml setup/python.lock --extra device --extra reading --extra cloud --extra live --extra test \
    --extra dev --extra site --constraint setup/python-build.lock "$@"
compile setup/node.in setup/node.lock "$@"
compile setup/fuzz.in setup/fuzz.lock "$@"
for input in rigs/third_party/*/*.in; do compile "$input" "${input%.in}.lock" "$@"; done
compile pyproject.toml setup/whisper.lock --extra whisper --constraint setup/python.lock "$@"

cd setup/allure
npm install --package-lock-only --ignore-scripts --omit=dev --omit-lockfile-registry-resolved
# npm writes addresses (where to fund, where to fetch) that nobody needs to install.
node -e '
  const fs = require("fs"), lock = JSON.parse(fs.readFileSync("package-lock.json"));
  for (const entry of Object.values(lock.packages)) { delete entry.funding; delete entry.resolved; }
  fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");'
