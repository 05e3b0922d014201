"""What every page has at hand: the words, the colours, the icons, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from soroe.core.finding import FindingKind
from soroe.core.route import SyncName
from soroe.engine.health import Mend
from soroe.engine.messages import AddLink, Choice, Command, Preview, TestSync

from .icons import Icons
from .ports import Services
from .texts import Texts
from .theme import Theme
from .view.banner import Page
from .view.told import Told


@dataclass(frozen=True, slots=True)
class Context:
    """One look of the window: it is made anew when the language or the colours change.

    `findings` opens that page at one kind. `say` shows a line at the foot of the window, with a button that takes back
    what was done when there is one. `mend` does what mends a connection: it signs in (in the browser, or with a sheet
    for the password), asks for the keychain, copies the message for IT. `sign_in` takes account, user name and
    password; `choose` changes settings of a sync, `preview` asks what a change would do, `show_choices` opens
    them at one key. `reconnect`, `mend`, `sign_in`, `signing_in`, `test`, `remove` and `add_link` also tell the state
    that something is under way.
    """

    services: Services
    texts: Texts
    theme: Theme
    icons: Icons
    go: Callable[[Page], None]
    findings: Callable[[FindingKind | None], None]
    say: Callable[[str, Callable[[], None] | None], None]
    reconnect: Callable[[str], None]
    signing_in: Callable[[str], None]
    test: Callable[[TestSync], None]
    remove: Callable[[str], None]
    mend: Callable[[Mend, str], None]
    sign_in: Callable[[str, str, str], None]
    choose: Callable[[SyncName, dict[str, Choice]], None]
    preview: Callable[[Preview], None]
    show_choices: Callable[[SyncName, str], None]
    add_link: Callable[[AddLink], None]

    def told(self) -> Told:
        """The words at this moment."""
        return Told(self.texts, self.services.clock(), self.services.display.zone)

    def cancel(self, account: str) -> None:
        """Give up a sign-in that is under way."""
        self.services.accounts.cancel(account)

    def send(self, command: Command) -> None:
        """Hand a command to the engine."""
        self.services.send(command)
