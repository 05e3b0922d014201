"""What the window needs from outside, kept in memory: accounts, notifications, the commands it sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from soroe.bootstrap import forms
from soroe.core.event import ContainerId
from soroe.core.finding import FindingId
from soroe.core.route import PrivacyPolicy, SyncName
from soroe.engine.messages import Choice, Command, Preview
from soroe.settings.overlay import Level, PolicySource, Scope, overlay
from soroe.ui.ports import (
    Account,
    AccountKind,
    Display,
    FormField,
    Outside,
    Refused,
    Services,
    SyncSetup,
)
from soroe.ui.texts import Language
from tests.fakes.reading import FakeReading

RESOURCES = Path(__file__).parents[2] / "resources"
NOW = datetime(2026, 5, 12, 1, 42, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tokyo")


BY_IT = overlay(
    [
        PolicySource(Level.MANAGED, Scope.MACHINE, "policy", {
            "GoogleClientId": "soroe-desktop", "Microsoft365ClientId": "5c1b0f5e-90c1-4d2b-9f0d-5d0f6c3f8a11",
            "ExchangeServer": "https://mail.example.com/EWS/Exchange.asmx", "ZoomClientId": "zQ2xk0bTR4aS7",
            "TeamsClientId": "5c1b0f5e-90c1-4d2b-9f0d-5d0f6c3f8a11",
        }),
        PolicySource(Level.RECOMMENDED, Scope.MACHINE, "policy", {
            "Microsoft365Tenant": "example.com", "TeamsTenant": "example.com",
        }),
    ]
)  # fmt: skip # short values, several a line
"""What the organisation has set of the forms."""


@dataclass
class FakeAccounts:
    """Accounts in a list; what was asked for is written down."""

    all: list[Account] = field(default_factory=list)
    setups: list[SyncSetup] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    reconnected: list[str] = field(default_factory=list)
    signed_in: list[tuple[str, str, str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    unlocked: int = 0
    chosen: list[tuple[SyncName, dict[str, Choice]]] = field(default_factory=list)
    others: list[tuple[ContainerId, str]] = field(default_factory=list)
    previewed: list[Preview] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    added: list[tuple[AccountKind, dict[str, str]]] = field(default_factory=list)

    def accounts(self) -> Sequence[Account]:
        return self.all

    def syncs(self) -> Sequence[SyncSetup]:
        return self.setups

    def activity_types(self) -> Sequence[str]:
        return self.types

    def colleagues(self) -> Sequence[tuple[ContainerId, str]]:
        return self.others

    def kinds(self) -> Sequence[AccountKind]:
        return forms.kinds()

    def form(self, kind: AccountKind) -> Sequence[FormField]:
        return forms.form_of(kind, BY_IT)

    def add(self, kind: AccountKind, values: dict[str, str]) -> None:
        if any(account.name == values["name"] for account in self.all):
            raise Refused("name", "taken")
        self.added.append((kind, values))

    def reconnect(self, account: str) -> None:
        self.reconnected.append(account)

    def sign_in(self, account: str, user: str, secret: str) -> None:
        self.signed_in.append((account, user, secret))

    def preview(self, command: Preview) -> None:
        if dict(command.choices).get("incoming_type") == "impossible":
            raise Refused("incoming_type", "unknown_type")
        self.previewed.append(command)

    def choose(self, sync: SyncName, values: dict[str, Choice]) -> None:
        self.chosen.append((sync, values))
        (setup,) = [one for one in self.setups if one.name == sync]
        if "privacy" in values:
            self.setups = [replace(setup, privacy=PrivacyPolicy(str(values["privacy"])))]

    def cancel(self, account: str) -> None:
        self.cancelled.append(account)

    def unlock_keychain(self) -> None:
        self.unlocked += 1

    def remove(self, account: str) -> None:
        self.removed.append(account)
        self.all = [one for one in self.all if one.name != account]


@dataclass(frozen=True)
class Shown:
    """One notification as it was shown."""

    key: str
    title: str
    body: str
    buttons: tuple[tuple[str, str], ...]
    on_pressed: Callable[[str], None]


@dataclass
class FakeNotifier:
    """Notifications in a list."""

    shown: list[Shown] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    def notify(
        self,
        key: str,
        title: str,
        body: str,
        buttons: Sequence[tuple[str, str]],
        on_pressed: Callable[[str], None],
    ) -> None:
        self.shown.append(Shown(key, title, body, tuple(buttons), on_pressed))

    def withdraw(self, key: str) -> None:
        self.withdrawn.append(key)


@dataclass
class Desk:
    """Everything around the window. `publish` is the receiver that the window handed out."""

    reading: FakeReading = field(default_factory=FakeReading)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    sent: list[Command] = field(default_factory=list)
    taken_back: list[FindingId] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    support_files: list[Path] = field(default_factory=list)
    publish: Callable[[Outside], None] | None = None
    now: datetime = NOW
    language: Language = Language.ENGLISH
    dark: bool = False

    def tell(self, event: Outside) -> None:
        """Publish an event as the engine does."""
        assert self.publish is not None, "nobody subscribed"
        self.publish(event)

    def services(self) -> Services:
        """The services made of all this."""
        return Services(
            reading=self.reading,
            send=self.sent.append,
            take_back=lambda _sync, finding: self.taken_back.append(finding),
            subscribe=self._subscribed,
            accounts=self.accounts,
            notifier=self.notifier,
            clock=lambda: self.now,
            display=Display(self.language, ZONE, dark=self.dark),
            resources=RESOURCES,
            open_page=self.pages.append,
            write_support_file=self.support_files.append,
            version="1.0",
        )

    def _subscribed(self, publish: Callable[[Outside], None]) -> None:
        self.publish = publish


def sync_name(name: str = "Work") -> SyncName:
    """A sync's name."""
    return SyncName(name)
