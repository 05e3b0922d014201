#!/usr/bin/env bash
# Make .venv with the system's Python and install one lock into it, hashes checked, then Soroe itself.
# Usage: packaging/setup.sh packaging/lock/NAME.txt
# Exit: 0 installed, 2 wrong usage or no usable Python, otherwise what pip answered.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "Not understood: ${*:-nothing}. Usage: packaging/setup.sh packaging/lock/NAME.txt" >&2
    exit 2
fi

find_python() {
    local name
    for name in python3 python3.11 python3.12 python3.13 python3.14; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Soroe needs Python 3.11, 3.12, 3.13 or 3.14; none was found. Install one, then run this again." >&2
    exit 2
}

make_venv() {
    local python=$1 minor
    minor=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    echo "python3 -m venv does not work here; installing python$minor-venv."
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
        "${as_root[@]}" apt-get update -qq || true # an old list may still do
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "python$minor-venv" ca-certificates >/dev/null || true # judged by the next line
    fi
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    rm -rf .venv
    "$python" -m virtualenv .venv >/dev/null 2>&1 && return
    rm -rf .venv
    echo "No virtual environment could be made. Install it, then run this again: apt-get install python$minor-venv" >&2
    exit 2
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    make_venv "$(find_python)"
fi
echo "Installing $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
