"""A terminal for tests: runs one command line in this process, and holds every document against its schema."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from soroe.bootstrap.commands import CommandProgram
from soroe.bootstrap.program import Program
from soroe.cli.main import COMMANDS, run

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "resources" / "commands.schema.json").read_text("utf-8"))


def check_document(command: str, document: object) -> None:
    """Fail when a document is not as the published schema says: the command's own, or an error's."""
    failed = isinstance(document, dict) and "error" in document
    judge("error" if failed else command).validate(document)


@cache
def judge(definition: str) -> Draft202012Validator:
    """The published schema of one kind of document; the schema itself is judged once, which takes its time."""
    check_schema()
    return Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{definition}"})


@cache
def check_schema() -> None:
    """Fail when what is published is no schema."""
    Draft202012Validator.check_schema({"$defs": SCHEMA["$defs"]})


@dataclass(frozen=True)
class Outcome:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        told = json.loads(self.out)
        assert isinstance(told, dict)
        return told


class Terminal(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, text: str = "", *, tty: bool = False) -> None:
        super().__init__(text)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@dataclass
class Shell:
    """Runs command lines on one home."""

    program: Program

    def __call__(self, *line: str, stdin: str = "") -> Outcome:
        """Run `soroe <line>`; stdin is no terminal, so that nothing may ask."""
        out, err = Terminal(), Terminal()
        code = run(list(line), CommandProgram(self.program), out, err, Terminal(stdin))
        outcome = Outcome(code, out.getvalue(), err.getvalue())
        command = next((word for word in line if not word.startswith("-")), "")
        if "--json" in line and command in COMMANDS:
            check_document(command, outcome.document)
        return outcome

    def json(self, *line: str, stdin: str = "") -> Outcome:
        """Run it with --json."""
        return self(*line, "--json", stdin=stdin)
