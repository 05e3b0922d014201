#!/usr/bin/env bash
# Install the Debian packages that Qt and the desktop tests need, those that are missing only.
# Usage: packaging/linux/system-packages.sh [qt]      (qt: only what the app itself needs)
# Exit: 0 all there, 2 wrong usage, 3 some are missing and could not be installed.
set -euo pipefail

case "$#:${1:-}" in
    0: | 1:qt) ;;
    *)
        echo "Not understood: $*. Usage: packaging/linux/system-packages.sh [qt]" >&2
        exit 2
        ;;
esac

qt=(libegl1 libgl1 libfontconfig1 libfreetype6 libxkbcommon0 libdbus-1-3 libxcb-cursor0 libxcb-icccm4 libxcb-image0
    libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxcb-shm0
    libxcb-render0 libxkbcommon-x11-0 libx11-xcb1)
desktop=(xvfb xauth dbus dbus-x11 gnome-keyring libsecret-tools xfce4-panel xfconf trayer xfce4-notifyd dunst xdotool
    imagemagick x11-utils fonts-noto-cjk)

# Renamed in newer releases, so either name will do. The tests compare recurrences with libical's.
renamed=(libglib2.0-0)
[ "${1:-}" = qt ] || renamed+=(libical3)

there() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

has_japanese() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ja family)" ]; }

wanted=("${qt[@]}")
if [ "${1:-}" != qt ]; then
    wanted+=("${desktop[@]}")
elif ! has_japanese; then # without such a font every Japanese title is a row of boxes
    wanted+=(fonts-noto-cjk)
fi

if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian-like system. Install the equivalents of: ${wanted[*]} ${renamed[*]}" >&2
    exit 3
fi

missing=()
for package in "${renamed[@]}"; do
    there "$package" || there "${package}t64" || missing+=("$package")
done
for package in "${wanted[@]}"; do
    there "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "${#missing[@]} of the system's packages are missing, and you may not install them. Ask an administrator for:" >&2
    echo "    apt-get install ${missing[*]}" >&2
    exit 3
fi
echo "Installing ${#missing[@]} of the system's packages; this takes a minute or two: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${as_root[@]}" apt-get update -qq >"$log" 2>&1 || cat "$log" >&2 # an old list may still do

install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1
}

give_up() {
    echo "Could not install: $*" >&2
    exit 3
}

if ! install "${missing[@]}"; then
    tail -20 "$log" >&2
    # A release may have dropped one of them, as Debian did trayer: that is no reason to go without the others.
    offered=()
    dropped=()
    for package in "${missing[@]}"; do
        if apt-get install -s --no-install-recommends "$package" >/dev/null 2>&1; then
            offered+=("$package")
        else
            dropped+=("$package")
        fi
    done
    if [ ${#dropped[@]} -eq 0 ] || [ ${#offered[@]} -eq 0 ]; then
        give_up "${missing[@]}"
    fi
    if ! install "${offered[@]}"; then
        tail -20 "$log" >&2
        give_up "${missing[@]}"
    fi
    give_up "${dropped[@]}"
fi
