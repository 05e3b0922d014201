#!/usr/bin/env bash
# Write the hashed locks from pyproject.toml; with --check, only say whether they still answer it.
# No address of an index and no comment of this machine gets into them.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=packaging/lock
if [ "${1:-}" = --check ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp packaging/lock/*.txt "$folder"
fi

compile() {
    local output=$1
    shift
    env -u PIP_FIND_LINKS MACOSX_DEPLOYMENT_TARGET=14.0 .venv/bin/uv pip compile pyproject.toml --quiet --system-certs \
        --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@" -o "$folder/$output"
}

if ! { compile runtime.txt --group setup &&
    compile dev.txt --group setup --group dev -c "$folder/runtime.txt" &&
    compile bench.txt --group setup --group bench -c "$folder/runtime.txt"; }; then
    echo "The locks could not be compared: the package index did not answer, or pyproject.toml cannot be met (above)." >&2
    exit 2
fi
if [ "${1:-}" = --check ] && ! diff -rq "$folder" packaging/lock; then
    echo "pyproject.toml and the locks differ: run make lock" >&2
    exit 1
fi
