"""What the system says of a running process (Linux)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds and wake-ups of all threads since the start, and the memory held now in MiB."""

    cpu: float
    wakes: int
    memory: float


def usage(pid: int) -> Usage:
    """What the process has used so far."""
    process = Path(f"/proc/{pid}")
    ran = wakes = 0
    for thread in (process / "task").iterdir():
        ran += int((thread / "schedstat").read_text().split()[0])
        wakes += _field(thread / "status", "voluntary_ctxt_switches")
    return Usage(ran / 1e9, wakes, _field(process / "status", "VmRSS") / 1024)


def _field(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0])
    raise LookupError(name)
