"""The house rules that a program can check."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
SELF = "tests/architecture/test_house_rules.py"
LOCKS = "packaging/lock/"


def tracked(*suffixes: str) -> list[str]:
    """Every tracked file that is still there, by its path in the repository."""
    git = shutil.which("git")
    assert git is not None, "git lists the files these rules apply to"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if not suffixes or name.endswith(suffixes)]


def lines_matching(pattern: str, names: list[str]) -> list[str]:
    found = []
    wanted = re.compile(pattern)
    for name in names:
        text = (ROOT / name).read_text("utf-8", errors="replace")
        if not wanted.search(text):
            continue  # most files: line by line takes much longer
        for number, line in enumerate(text.splitlines(), 1):
            if wanted.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def sources() -> list[str]:
    return [name for name in tracked(".py", ".sh", ".toml", ".md", ".yaml", ".json") if name != SELF]


def test_the_import_directions_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_longer_than_the_limit() -> None:
    sizes = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in tracked(".py")}
    assert {name: size for name, size in sizes.items() if size > LONGEST} == {}


def test_a_run_asks_services_only_once_all_is_on_disk() -> None:
    engine = [
        name for name in tracked(".py") if name.startswith("app/soroe/engine/") and not name.endswith("/joint.py")
    ]
    past_the_joint = r"\.reader\.(read|find|changes)\(|\bend\([^)]*\)\.keeper\("
    assert lines_matching(past_the_joint, engine) == []  # `Joint.ask` and `Joint.keeper` save first


def test_nothing_is_left_to_do() -> None:
    assert lines_matching(r"\b(TODO|FIXME|XXX)\b", sources()) == []


@pytest.mark.parametrize(
    ("exception", "with_reason"),
    [
        (r"#\s*noqa", r"#\s*noqa:\s*[A-Z0-9, ]+\s*(--|#|—|-)\s*\S.{3,}"),
        (r"#\s*type:\s*ignore", r"#\s*type:\s*ignore\[[^\]]+\]\s*(--|#|—|-)\s*\S.{3,}"),
        (r"#\s*fmt:", r"#\s*fmt:\s*skip # \S.{3,}"),  # the formatter knows no other mark before a reason
        (r"pytest\.mark\.(skip|skipif|xfail)\b", r"pytest\.mark\.(skip|skipif|xfail)\(.*(reason=|$)"),
    ],
)
def test_every_exception_to_a_rule_says_why(exception: str, with_reason: str) -> None:
    names = [name for name in tracked(".py") if name != SELF]
    assert [line for line in lines_matching(exception, names) if not re.search(with_reason, line)] == []


def test_no_file_names_a_machine_or_a_package_index() -> None:
    pattern = (
        r"(?<![\w.])/(home/\w+|root|work|opt/pypi)/|(?<![\w.])/tmp/\w"
        r"|\bpypi\.org\b|pythonhosted|--(extra-)?index-url |(?<!emit-)find-links "
    )
    names = [name for name in tracked() if name != SELF and not name.endswith((".svg", ".png"))]
    assert lines_matching(pattern, names) == []


def test_every_locked_release_has_a_hash() -> None:
    for name in tracked(".txt"):
        if name.startswith(LOCKS):
            entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text("utf-8").strip())
            assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["README.md", "app/ARCHITECTURE.md"])
def test_a_newcomer_finds_a_map(name: str) -> None:
    assert (ROOT / name).is_file(), f"{name} tells a newcomer where things are"
