"""Reading the command line, carrying out one command, and ending with its exit code."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from .console import Console, NotWritten, write_line
from .exits import Exit
from .ports import Program
from .purpose import is_for_the_tray
from .usage import Words, usage_words

COMMANDS = {
    "demo": "demo",
    "accounts": "accounts",
    "syncs": "syncs",
    "plan": "plan",
    "sync": "sync",
    "findings": "findings",
    "resolve": "resolve",
    "explain": "explain",
    "meeting-link": "meeting_link",
    "history": "history",
    "undo": "undo",
    "restore": "restore",
    "test-sync": "trial",
    "rebuild": "rebuild",
    "doctor": "doctor",
    "support-bundle": "support_bundle",
    "policy": "policy",
}
"""Every command and its module, in the order of the help. A module is imported when its command is used."""


class WrongUsage(Exception):
    """The command line cannot be understood; the text says how it should look."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


def run(argv: Sequence[str], program: Program, out: TextIO, err: TextIO, stdin: TextIO) -> int:
    """Carry out one command line (without the program's name) and return the exit code.

    `out` gets the answer, `err` progress and hints. Secrets are read from `stdin`, and only when asked for; nothing is
    ever asked when it is no terminal.
    """
    if is_for_the_tray(argv):
        return program.tray(argv)
    console = Console(out, err, as_json="--json" in argv)
    texts = program.texts()
    try:
        arguments = parser(_wanted(argv), texts, out).parse_args(argv)
        if arguments.command is None:
            raise WrongUsage(texts("cli.error.no_command"), "soroe --help")
        if arguments.window or arguments.reconnect is not None:
            raise WrongUsage(texts("cli.error.tray_only"), "soroe --help")
        return _carry_out(arguments, program, console, stdin)
    except WrongUsage as wrong:
        return _wrong_usage(wrong, console)
    except SystemExit as ended:  # argparse has shown the help or the version
        return int(ended.code or 0)
    except NotWritten as lost:
        console.note(texts("cli.error.not_written", reason=str(lost)))
        return int(Exit.FAILURES)


def _wanted(argv: Sequence[str]) -> str | None:
    return next((argument for argument in argv if not argument.startswith("-")), None)


def parser(wanted: str | None, texts: Words, out: TextIO) -> argparse.ArgumentParser:
    """The parser; only the wanted command's own arguments are known to it, so that nothing else is imported."""
    from soroe import __version__

    class Printing(argparse.ArgumentParser):
        """Speaks the user's language, and raises `WrongUsage` instead of ending the process."""

        def __init__(self, *, add_help: bool = True, **named: Any) -> None:  # noqa: ANN401 - as argparse has it
            super().__init__(add_help=False, **named)
            self._positionals.title = texts("cli.help.positionals")
            self._optionals.title = texts("cli.help.options")
            if add_help:
                self.add_argument("-h", "--help", action="help", help=texts("cli.help.help"))

        def error(self, message: str) -> NoReturn:
            raise WrongUsage(usage_words(texts, message), self.format_usage().strip())

        def _print_message(self, message: str, file: object = None) -> None:
            write_line(out, (message or "").removesuffix("\n"))

    everywhere = Printing(add_help=False, allow_abbrev=False)
    everywhere.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=texts("cli.help.json"))
    whole = Printing(
        prog="soroe",
        description=texts("cli.help.soroe"),
        parents=[everywhere],
        epilog=texts("cli.help.exits"),
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"soroe {__version__}", help=texts("cli.help.version"))
    whole.add_argument("--window", action="store_true", help=texts("cli.help.window"))
    whole.add_argument("--reconnect", metavar="ACCOUNT", help=texts("cli.help.reconnect"))
    commands = whole.add_subparsers(dest="command", metavar=texts("cli.help.command"), parser_class=Printing)
    for name, module in COMMANDS.items():
        sentence = texts(f"cli.help.{name}")
        one = commands.add_parser(name, help=sentence, description=sentence, parents=[everywhere], allow_abbrev=False)
        if name == wanted:
            importlib.import_module(f"soroe.cli.{module}").arguments(one, texts, everywhere)
    return whole


def _carry_out(arguments: argparse.Namespace, program: Program, console: Console, stdin: TextIO) -> int:
    from soroe.engine.accounts import AccountTrouble
    from soroe.ports.errors import PortError
    from soroe.settings.problems import SettingsError

    from .context import Context
    from .exits import CommandError
    from .troubles import told

    texts = program.texts()
    command = importlib.import_module(f"soroe.cli.{COMMANDS[arguments.command]}")
    try:
        answer = command.run(Context(program, texts, console, arguments, stdin))
    except KeyboardInterrupt:
        console.note(texts("cli.error.interrupted"))
        return int(Exit.FAILURES)
    except (CommandError, SettingsError, AccountTrouble, PortError) as error:
        trouble = told(error, texts)
        console.end_progress()
        if console.as_json:
            console.document(trouble.document)
        else:
            console.note(trouble.message)
        return int(trouble.exit_code)
    console.end_progress()
    if isinstance(answer, int):  # a command that speaks for itself (demo)
        return int(answer)
    if console.as_json:
        console.document(answer.document)
    else:
        console.lines(answer.lines)
        console.told(texts)
    return int(answer.exit_code)


def _wrong_usage(wrong: WrongUsage, console: Console) -> int:
    if console.as_json:
        console.document({"error": {"code": "usage", "message": wrong.message, "usage": wrong.usage}})
    else:
        console.note(f"{wrong.usage}\nsoroe: {wrong.message}")
    return int(Exit.USAGE)
