"""The program with a browser that a test looks into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from soroe.bootstrap.commands import CommandProgram
from soroe.bootstrap.sign_ins import SignIns
from soroe.cli.main import run
from soroe.ports.store import Store
from soroe.sandbox.browser import ScriptedBrowser
from tests.cli.homes import Installation
from tests.cli.shell import Outcome, Terminal, check_document


@dataclass
class BrowsingProgram(CommandProgram):
    """The program with a browser that a test looks into."""

    laptop: Installation
    browser: ScriptedBrowser
    shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.laptop.program)

    def sign_ins(self, store: Store, show_address: Callable[[str], None]) -> SignIns:
        def open_page(address: str) -> None:
            show_address(address)
            self.browser.open_in_background(address)

        return SignIns(self.laptop.program, store, open_page)


def in_browser(program: BrowsingProgram, *line: str, stdin: str = "") -> Outcome:
    out, err = Terminal(), Terminal()
    code = run([*line, "--json"], program, out, err, Terminal(stdin))
    outcome = Outcome(code, out.getvalue(), err.getvalue())
    check_document(line[0], outcome.document)
    return outcome
