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

# The system's own comes first: another one before it in PATH is often built without optimisation.
pythons=(/usr/bin/python3 python3 python3.11 python3.12 python3.13 python3.14)

usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; }

make_venv() { # PYTHON [virtualenv]
    rm -rf .venv
    "$1" -m "${2:-venv}" .venv >/dev/null 2>&1 || { rm -rf .venv && return 1; }
}

install_venv() { # PYTHON, which is the distribution's
    local minor as_root=()
    minor=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$1 -m venv does not work here; installing python$minor-venv."
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
        "${as_root[@]}" apt-get update -qq || true # an old list may still do
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "python$minor-venv" ca-certificates >/dev/null || true # judged by who calls
    fi
}

find_and_make_venv() {
    local python found=() minor
    for python in "${pythons[@]}"; do
        if usable "$python"; then
            found+=("$python")
        fi
    done
    if [ ${#found[@]} -eq 0 ]; then
        echo "Soroe needs Python 3.11, 3.12, 3.13 or 3.14; none was found. Install one, then run this again." >&2
        exit 2
    fi
    make_venv "${found[0]}" && return
    install_venv "${found[0]}"
    for python in "${found[@]}"; do
        make_venv "$python" && return
        make_venv "$python" virtualenv && return
    done
    minor=$("${found[0]}" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "No virtual environment could be made. Install it, then run this again: apt-get install python$minor-venv" >&2
    exit 2
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    find_and_make_venv
fi
echo "Installing $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
