"""Ask for known vulnerabilities of a lock; tell "vulnerable" from "could not be asked"."""

from __future__ import annotations

import json
import subprocess
import sys


def main(lock: str) -> int:
    """Answer 1 when a locked release is vulnerable, otherwise 0, and say which it was."""
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", lock, "-f", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"AUDIT NOT DONE: the advisory service could not be asked ({last})")
        return 0
    bad = [(p["name"], p["version"], v["id"]) for p in packages for v in p.get("vulns", ())]
    for name, version, advisory in bad:
        print(f"VULNERABLE: {name} {version}: {advisory}")
    skipped = [p["name"] for p in packages if "skip_reason" in p]
    if skipped:
        reason = next(p["skip_reason"] for p in packages if "skip_reason" in p)
        print(f"AUDIT NOT DONE for {len(skipped)} of {len(packages)} releases ({reason})")
    print(f"Audit: {len(packages) - len(skipped)} of {len(packages)} releases asked about, {len(bad)} advisories")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
