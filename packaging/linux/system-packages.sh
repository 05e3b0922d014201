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

qt=(libglib2.0-0 libegl1 libgl1 libfontconfig1 libfreetype6 libxkbcommon0 libdbus-1-3 libxcb-cursor0 libxcb-icccm4
    libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxcb-shm0
    libxcb-render0 libxkbcommon-x11-0 libx11-xcb1)
# The tests compare recurrences with libical's.
desktop=(libical3 xvfb xauth dbus dbus-x11 gnome-keyring libsecret-tools xfce4-panel xfconf trayer xfce4-notifyd dunst
    xdotool imagemagick x11-utils fonts-noto-cjk)

# What newer releases have instead; either will do.
newer() {
    case "$1" in
        libglib2.0-0 | libical3) echo "$1t64" ;;
        trayer) echo stalonetray ;;
        *) echo "$1" ;;
    esac
}

there() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

has_japanese() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ja family)" ]; }

wanted=("${qt[@]}")
if [ "${1:-}" != qt ]; then
    wanted+=("${desktop[@]}")
elif ! has_japanese; then # without such a font every Japanese title is a row of boxes
    wanted+=(fonts-noto-cjk)
fi

if ! command -v dpkg-query >/dev/null; then
    echo "Not a Debian-like system. Install the equivalents of: ${wanted[*]}" >&2
    exit 3
fi

missing=()
for package in "${wanted[@]}"; do
    there "$package" || there "$(newer "$package")" || missing+=("$package")
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

offered() { apt-get install -s --no-install-recommends "$1" >/dev/null 2>&1; }

give_up() {
    echo "Could not install: $*" >&2
    exit 3
}

if ! install "${missing[@]}"; then
    tail -20 "$log" >&2
    # A release that has no such package, and nothing instead, is no reason to go without the others.
    chosen=()
    dropped=()
    for package in "${missing[@]}"; do
        if offered "$package"; then
            chosen+=("$package")
        elif offered "$(newer "$package")"; then
            chosen+=("$(newer "$package")")
        else
            dropped+=("$package")
        fi
    done
    if [ "${chosen[*]}" = "${missing[*]}" ] || ! install "${chosen[@]}"; then
        give_up "${missing[@]}"
    fi
    [ ${#dropped[@]} -eq 0 ] || give_up "${dropped[@]}"
fi
