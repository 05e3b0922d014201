"""What every command is handed, and what it hands back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

from .console import Console
from .exits import CommandError, Exit
from .ports import OpenSyncs, Program
from .signals import asked_to_end

if TYPE_CHECKING:
    from soroe.core.route import SyncName
    from soroe.engine.joint import Joint
    from soroe.engine.phase import Phase
    from soroe.ports.store import Store
    from soroe.settings.model import Account, Settings, SyncSettings
    from soroe.ui.texts import Texts


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: as a document, in lines for people, and by its exit code."""

    document: Mapping[str, object]
    lines: Sequence[str] = ()
    exit_code: Exit = Exit.DONE


@dataclass(frozen=True, slots=True)
class Context:
    """One command under way."""

    program: Program
    texts: Texts
    console: Console
    arguments: Namespace
    stdin: TextIO

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.program.now()

    @property
    def zone(self) -> tzinfo:
        """The user's own zone."""
        return ZoneInfo(self.program.zone())

    def sync(self, name: str) -> SyncSettings:
        """The sync of that name; `CommandError` names those there are."""
        settings = self.program.settings()
        found = settings.sync(name)
        if found is None:
            raise CommandError("no_such_sync", name=name, known=self._named([sync.name for sync in settings.syncs]))
        return found

    def syncs(self, name: str | None) -> Sequence[SyncSettings]:
        """The one sync that was named, or all of them; at least one."""
        if name is not None:
            return [self.sync(name)]
        found = self.program.settings().syncs
        if not found:
            raise CommandError("no_sync")
        return found

    def account(self, name: str, settings: Settings | None = None) -> Account:
        """The account of that name; `CommandError` names those there are."""
        settings = settings or self.program.settings()
        found = settings.account(name)
        if found is None:
            known = self._named([account.name for account in settings.accounts])
            raise CommandError("no_such_account", name=name, known=known)
        return found

    def _named(self, names: Sequence[str]) -> str:
        return self.texts.listed(names) if names else self.texts("none")

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The database and the connections, for the time of one command; a signal ends it between two writes."""
        with (
            asked_to_end(self.program.stopped),
            closing(self.program.open_store()) as store,
            closing(self.program.open_syncs(store)) as syncs,
        ):
            yield Desk(self, store, syncs)


@dataclass(frozen=True, slots=True)
class Desk:
    """The database and the connections of one command."""

    context: Context
    store: Store
    syncs: OpenSyncs
    _cleaned: set[str] = field(default_factory=set)

    def open(self, name: SyncName) -> Joint:
        """The sync, ready to run, telling its progress on stderr."""
        return self.syncs.open(name, self._progress)

    def clean(self, name: SyncName) -> Joint:
        """The sync, ready to run, and rid of what a test that was killed half way left behind (PD-2)."""
        from soroe.engine.trial import clean_up

        joint = self.open(name)
        if name not in self._cleaned:
            clean_up(joint, self.store)
            self._cleaned.add(name)
        return joint

    def _progress(self, phase: Phase, done: int, total: int | None) -> None:
        """Also the place where a run ends early when the program is asked to: between two batches of writes."""
        from soroe.ports.errors import LocalTrouble
        from soroe.ui.texts import progress_words

        if self.context.program.stopped.is_set():
            raise LocalTrouble("shutting_down")
        words = progress_words(self.context.texts, phase, done, total)
        self.context.console.progress(words, phase=phase.value)
