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

install_venv() { # PACKAGE
    local log as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
        return
    fi
    echo "Python's own venv is not there yet; installing $1."
    log=$(mktemp)
    "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || cat "$log" >&2 # an old list may still do
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "$1" ca-certificates >"$log" 2>&1 || tail -20 "$log" >&2 # judged by who calls
    rm -f "$log"
}

find_and_make_venv() {
    local python found=() package
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
    package=$("${found[0]}" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    install_venv "$package"
    for python in "${found[@]}"; do
        make_venv "$python" && return
        make_venv "$python" virtualenv && return
    done
    echo "No virtual environment could be made with ${found[0]}. An administrator is to install $package:" >&2
    echo "    apt-get install $package" >&2
    echo "and at best what the window and all the tests need, too: packaging/linux/system-packages.sh" >&2
    echo "Then run this again." >&2
    exit 2
}

install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps "$@" || {
        local answered=$?
        echo "Not everything could be installed (above). Where the network, a proxy or a certificate was in the way," >&2
        echo "mend that, then run this again." >&2
        exit "$answered"
    }
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    find_and_make_venv
fi
echo "Installing the $(grep -c '^[^ #]*==' "$1") packages of $1 into .venv; this takes a minute or two."
install --require-hashes -r "$1"
install --no-build-isolation -e .
