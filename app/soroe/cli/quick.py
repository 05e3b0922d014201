"""The help and the version at once, without waking the rest of the program."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from .main import parser

LANGUAGES = ("en", "ja")


def answered(argv: Sequence[str], environment: Mapping[str, str], config: Path, resources: Path, out: TextIO) -> bool:
    """Answer `soroe --help` and `soroe --version` and tell whether that was all; everything else is left alone."""
    if list(argv) not in (["--help"], ["-h"], ["--version"]):
        return False
    file = resources / "translations" / f"{_language(environment, config)}.json"
    sentences = json.loads(file.read_text("utf-8"))

    def words(key: str, **values: object) -> str:
        return str(sentences[key]).format_map(values)

    try:
        parser(None, words, out).parse_args(argv)
    except SystemExit:  # how argparse ends after it has shown what was asked for
        return True
    return False


def _language(environment: Mapping[str, str], config: Path) -> str:
    """The language chosen in config.toml, or the system's; broken settings do not keep anybody from the help."""
    try:
        app = tomllib.loads(config.read_text("utf-8-sig")).get("app", {})
    except (OSError, ValueError, RecursionError):
        app = {}
    named = [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    chosen = str(app.get("language", "")) if isinstance(app, dict) else ""
    wanted = chosen if chosen in LANGUAGES else next((name for name in named if name), "")[:2].lower()
    return wanted if wanted in LANGUAGES else LANGUAGES[0]
