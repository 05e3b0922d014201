"""What commands need of the program; `bootstrap` joins them to the real things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from soroe.core.route import SyncName
    from soroe.engine.health import Health
    from soroe.engine.joint import Joint
    from soroe.engine.messages import Event
    from soroe.engine.phase import Phase
    from soroe.engine.worker import Worker
    from soroe.ports.meeting_links import MeetingLinks
    from soroe.ports.reading import Reading
    from soroe.ports.remote import ContainerEntry, Identity
    from soroe.ports.store import Store
    from soroe.settings.model import Account, Settings
    from soroe.settings.overlay import Overlay
    from soroe.ui.texts import Subject, Texts

    class OpenReading(Reading, Protocol):
        """The database for display, for the time of one command."""

        def close(self) -> None:
            """Let go of the file."""
            ...


class OpenSyncs(Protocol):
    """The connections of one command."""

    def open(self, name: SyncName, progress: Callable[[Phase, int, int | None], None] | None = None) -> Joint:
        """The sync, ready to run. Raises `AccountTrouble` when an account is the trouble."""
        ...

    def ask(self, account: Account) -> tuple[Identity, Sequence[ContainerEntry]]:
        """Who is signed in and which calendars there are, asked of the service now."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...


class SignIns(Protocol):
    """Signing accounts in."""

    def needs_browser(self, account: Account) -> bool:
        """Whether the account signs in in the browser, and not with a key."""
        ...

    def with_browser(self, account: Account) -> Identity:
        """Sign in in the browser; blocks until it is done or given up."""
        ...

    def takes_password(self, account: Account) -> bool:
        """Whether the account signs in with a password, or with the sign-in of this computer."""
        ...

    def needs_secret(self, account: Account) -> bool:
        """Whether something has to be typed: not in the browser, and not with the sign-in of this computer."""
        ...

    def with_key(self, account: Account, key: str) -> Identity:
        """Sign in with a key; it is kept only after the service has accepted it."""
        ...

    def with_password(self, account: Account, password: str) -> Identity:
        """Sign in with a password, once; it is kept only after the server has accepted it."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `soroe doctor` looked at. `check` and `code` are codes, worded as `doctor.<check>` and
    `doctor.<check>.<code>`; `state` is ok, warning, error or skipped. `subject` is an account's name or a host.
    `trouble` is what an account's service answered, where it did not let us in."""

    check: str
    state: str
    code: str
    subject: str = ""
    detail: str = ""
    trouble: Health | None = None


@dataclass(frozen=True, slots=True)
class EndpointFault:
    """A point of an endpoint that does not hold to its profile, and why; both are codes."""

    point: str
    problem: str


@dataclass(frozen=True, slots=True)
class DemoChoices:
    """What was asked of `soroe demo`. `encoding` is what the files are written in; empty: that is to be found out."""

    headless: bool = False
    provider: str = "google"
    crm: str = "rest"
    calendar_file: Path | None = None
    activities_file: Path | None = None
    encoding: str = ""
    screenshots: Path | None = None
    keep: bool = False
    as_json: bool = False


class Program(Protocol):
    """One installation of the program, as commands see it."""

    @property
    def stopped(self) -> Flag:
        """Set when the program is asked to end: whatever waits gives up at once."""
        ...

    @property
    def policy(self) -> Overlay:
        """What IT has set."""
        ...

    @property
    def config_path(self) -> Path:
        """The user's config.toml."""
        ...

    def settings(self) -> Settings:
        """The settings as they are on disk now; raises `SettingsError`."""
        ...

    def change_settings(self, edit: Callable[[str], str]) -> Settings:
        """Change the text of config.toml; a change that would not be valid is refused with `SettingsError`."""
        ...

    def open_store(self) -> Store:
        """The database."""
        ...

    def open_reading(self) -> OpenReading:
        """The database for display."""
        ...

    def open_syncs(self, store: Store) -> OpenSyncs:
        """What opens syncs and keeps their connections."""
        ...

    def sign_ins(self, store: Store, show_address: Callable[[str], None]) -> SignIns:
        """What signs accounts in; `show_address` is told the page when no browser could be opened."""
        ...

    def about(self, account: Account) -> Subject:
        """What IT has to know of an account's connection: the application, the server, the permissions."""
        ...

    def forget_account(self, store: Store, account: Account) -> None:
        """Sign an account out and drop what is known of it; meetings and links stay as they are."""
        ...

    def try_endpoint(self, account: Account, *, may_write: bool) -> Sequence[EndpointFault] | None:
        """Hold a CRM's endpoint against its profile; None for kinds that have none."""
        ...

    def open_links(self, account: Account) -> MeetingLinks:
        """A connection that makes online meetings as this account; for one that cannot, it raises `LocalTrouble`."""
        ...

    def turn(self, sync: SyncName) -> AbstractContextManager[None]:
        """The right to run one sync on this computer; `RetryLater("busy")` when another process keeps it too long."""
        ...

    def worker(self, sync: SyncName, publish: Callable[[Event], None]) -> Worker:
        """A worker for one sync, not yet started."""
        ...

    def doctor(self) -> Sequence[Check]:
        """Look at everything that the program depends on."""
        ...

    def write_support_bundle(self, target: Path) -> None:
        """Write the file for the support."""
        ...

    def policy_of_file(self, path: Path) -> Overlay:
        """A draft of a policy file as if it were in force."""
        ...

    def demo(self, choices: DemoChoices) -> int:
        """Show the product with servers of its own; returns the exit code."""
        ...

    def tray(self, arguments: Sequence[str]) -> int:
        """Start the tray app, or raise the one that runs; returns the exit code."""
        ...

    def texts(self) -> Texts:
        """Every word of the program; with broken settings, in the system's language."""
        ...

    def zone(self) -> str:
        """The user's own zone."""
        ...

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


Document = Mapping[str, object]
