"""Ask for known vulnerabilities of a lock; tell "vulnerable" and "clean" from "could not be asked"."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def ask(lock: str) -> tuple[str, str]:
    """What pip-audit prints and complains about a lock, without installing anything of it."""
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", lock, "-f", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr


def verdict(printed: str, complained: str) -> tuple[list[str], int]:
    """The lines to show and the exit code: 1 when a locked release is vulnerable, otherwise 0.

    What could not be asked is never called clean; it fails nothing either, because an index without advisories, or no
    network, is no fault of the lock.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(printed)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (complained.strip().splitlines() or ["no answer"])[-1]
        return [f"AUDIT NOT DONE: the advisory service could not be asked ({last})"], 0
    if not packages:
        return ["AUDIT NOT DONE: the lock names no release"], 0
    bad = [(p["name"], p["version"], v["id"]) for p in packages for v in p.get("vulns", ())]
    lines = [f"VULNERABLE: {name} {version}: {advisory}" for name, version, advisory in bad]
    skipped = [package for package in packages if "skip_reason" in package]
    if skipped:
        lines.append(f"AUDIT NOT DONE for {len(skipped)} of {len(packages)} releases ({skipped[0]['skip_reason']})")
    asked = len(packages) - len(skipped)
    if asked:
        lines.append(f"Audit: {asked} of {len(packages)} releases asked about, {len(bad)} advisories")
    return lines, 1 if bad else 0


def main(lock: str) -> int:
    """Print the verdict on a lock; returns the exit code."""
    lines, code = verdict(*ask(lock))
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
