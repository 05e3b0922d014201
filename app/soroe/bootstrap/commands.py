"""The program as commands see it: `cli.ports.Program` on the real things."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from soroe.cli.ports import Check, DemoChoices, EndpointFault
from soroe.core.route import SyncName
from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.log import Code, Id
from soroe.ports.store import Store
from soroe.settings.model import Account, OracleAccount, RestAccount, Settings, kind_of
from soroe.settings.overlay import Overlay

from .connectors import now_utc
from .program import Program
from .sign_ins import SignIns
from .syncs import Syncs, account_facts

if TYPE_CHECKING:
    from soroe.cli.ports import OpenReading
    from soroe.engine.messages import Event
    from soroe.engine.worker import Worker
    from soroe.ports.meeting_links import MeetingLinks
    from soroe.ui.texts import Subject, Texts


class CommandProgram:
    """Hands commands what they ask for; everything is imported when it is asked for."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @property
    def stopped(self) -> Flag:
        """See `cli.ports.Program`; so for everything below."""
        return self._program.stopped

    @property
    def policy(self) -> Overlay:
        return self._program.policy

    @property
    def config_path(self) -> Path:
        return self._program.homes.config_file

    def settings(self) -> Settings:
        return self._program.settings()

    def change_settings(self, edit: Callable[[str], str]) -> Settings:
        self._program.homes.make()
        return self._program.config.change(edit)

    def open_store(self) -> Store:
        return self._program.open_store()

    def open_reading(self) -> OpenReading:
        return self._program.open_reading()

    def open_syncs(self, store: Store) -> Syncs:
        return Syncs(self._program, store)

    def sign_ins(self, store: Store, show_address: Callable[[str], None]) -> SignIns:
        from soroe.adapters.desktop.browser import SystemBrowser

        browser = SystemBrowser(self._program.environment)

        def open_page(address: str) -> None:
            try:
                browser.open(address)
            except LocalTrouble as trouble:
                if trouble.code != "no_browser":
                    raise
                show_address(address)

        return SignIns(self._program, store, open_page)

    def about(self, account: Account) -> Subject:
        from soroe import __version__
        from soroe.ui.texts import Subject

        from .registrations import registration_of, scopes_of

        known = registration_of(account)
        who = str(getattr(account, "email", "") or getattr(account, "username", "") or account.name)
        kind = self.texts()(f"kind.{kind_of(account)}")
        return Subject(who, kind, known.client_id, known.tenant, known.server, scopes_of(account), __version__)

    def forget_account(self, store: Store, account: Account) -> None:
        for key in account_facts(account.name):
            store.set_fact(key, None)
        try:
            self._program.connectors.sign_out(account)
        except PortError as error:  # the secret is gone here in any case; the service is told as far as it can be
            self._program.log.warning("not_given_back", account=Id(account.name), code=Code(type(error).__name__))

    def try_endpoint(self, account: Account, *, may_write: bool) -> Sequence[EndpointFault] | None:
        if isinstance(account, OracleAccount):
            from .oracle import try_oracle

            faults = try_oracle(self._program.connectors, account, may_write=may_write)
        elif isinstance(account, RestAccount):
            faults = self._program.connectors.try_endpoint(account, may_write=may_write)
        else:
            return None
        return [EndpointFault(point, problem) for point, problem in faults]

    def open_links(self, account: Account) -> MeetingLinks:
        return self._program.connectors.open_links(account)

    def turn(self, sync: SyncName) -> AbstractContextManager[None]:
        return self._program.turn(sync, self._program.patience)

    def worker(self, sync: SyncName, publish: Callable[[Event], None]) -> Worker:
        from soroe.engine.worker import Worker

        from .workers import workshop

        chosen = self._program.settings().sync(sync)
        if chosen is None:
            raise LookupError(sync)
        return Worker(workshop(self._program, chosen, publish))

    def doctor(self) -> Sequence[Check]:
        from .doctor import examine

        return examine(self._program)

    def write_support_bundle(self, target: Path) -> None:
        from .bundle import write_bundle

        write_bundle(self._program, target)

    def policy_of_file(self, path: Path) -> Overlay:
        from soroe.settings.overlay import overlay
        from soroe.settings.policy_sources import file_source

        return overlay([file_source(path)])

    def demo(self, choices: DemoChoices) -> int:
        from .demo_command import run_demo

        return run_demo(choices, self._program.environment, sys.stdout, sys.stderr)

    def tray(self, arguments: Sequence[str]) -> int:
        from .tray import TrayProgram

        return TrayProgram(self._program).run(["soroe", *arguments])

    def texts(self) -> Texts:
        return self._program.texts()

    def zone(self) -> str:
        return self._program.zone()

    def now(self) -> datetime:
        return now_utc()
