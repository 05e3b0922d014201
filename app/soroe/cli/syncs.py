"""`soroe syncs`: which CRM goes with which calendar, and whether it runs. Nothing moves before `start`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy
from soroe.ports.store import SyncState, SyncStatus
from soroe.settings import edit
from soroe.settings.model import Guests, SyncSettings
from soroe.ui.texts import status_words, times

from .console import table
from .context import Answer, Context
from .exits import CommandError
from .items import utc
from .plan import count_document, counts, planned
from .usage import Words

TEXTS = ("dialect", "incoming_type", "private_title", "empty_title", "zone")
LISTS = ("calendars", "activity_types")
NUMBERS = ("past_days", "future_days", "poll_seconds")
CHOICES = {"direction": Direction, "privacy": PrivacyPolicy, "conflicts": ConflictPolicy, "guests": Guests}


def arguments(parser: ArgumentParser, texts: Words, everywhere: ArgumentParser) -> None:
    """`soroe syncs list | add | start | pause | stop | remove`."""
    doing = parser.add_subparsers(dest="doing", required=True, metavar=texts("cli.help.command"))

    def one(name: str) -> ArgumentParser:
        sentence = texts(f"cli.help.syncs.{name}")
        made = doing.add_parser(name, help=sentence, description=sentence, parents=[everywhere], allow_abbrev=False)
        if name != "list":
            made.add_argument("name", metavar="NAME", help=texts("cli.arg.sync_name"))
        return made

    one("list")
    _adding(one("add"), texts)
    one("start")
    pause = one("pause")
    pause.add_argument("--for", dest="minutes", type=int, metavar="MINUTES", help=texts("cli.arg.pause"))
    one("stop")
    one("remove")


def _adding(parser: ArgumentParser, texts: Words) -> None:
    parser.add_argument("--crm", required=True, metavar="ACCOUNT", help=texts("cli.arg.crm"))
    parser.add_argument("--calendar", required=True, metavar="ACCOUNT", help=texts("cli.arg.calendar"))
    for name, kind in CHOICES.items():
        parser.add_argument(f"--{name}", choices=[member.value for member in kind], help=texts(f"cli.arg.{name}"))
    for name in LISTS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="A,B", help=texts(f"cli.arg.{name}"))
    for name in TEXTS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=texts(f"cli.arg.{name}"))
    for name in NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=texts(f"cli.arg.{name}"))
    parser.add_argument("--new-items-only", action="store_true", default=None, help=texts("cli.arg.new_items_only"))
    parser.add_argument("--all-items", dest="new_items_only", action="store_false", help=texts("cli.arg.all_items"))
    parser.add_argument(
        "--backfill-from", type=date.fromisoformat, metavar="YYYY-MM-DD", help=texts("cli.arg.backfill_from")
    )


def run(context: Context) -> Answer:
    """Carry out one of them."""
    doing: dict[str, Callable[[Context], Answer]] = {
        "list": _list,
        "add": _add,
        "start": _start,
        "pause": _pause,
        "stop": _stop,
        "remove": _remove,
    }
    return doing[context.arguments.doing](context)


# --- list, add ---
def _list(context: Context) -> Answer:
    syncs = context.program.settings().syncs
    with closing(context.program.open_store()) as store:
        known = [(sync, store.sync(sync.name).state()) for sync in syncs]
        found = {sync.name: len(store.sync(sync.name).findings()) for sync in syncs}
        linked = {sync.name: store.sync(sync.name).link_count() for sync in syncs}
    documents = [
        {**sync_document(sync, state), "links": linked[sync.name], "findings": found[sync.name]}
        for sync, state in known
    ]
    rows = [_row(context, sync, state, found[sync.name]) for sync, state in known]
    return Answer({"syncs": documents}, table(rows) or [context.texts("today.empty.title")])


def sync_document(sync: SyncSettings, state: SyncState) -> dict[str, object]:
    """One sync as JSON: its choices and where it stands."""
    return {
        "name": sync.name,
        "crm": sync.crm,
        "calendar": sync.calendar,
        "calendars": list(sync.calendars),
        "direction": sync.direction.value,
        "dialect": sync.dialect.name,
        "privacy": sync.privacy.value,
        "conflicts": sync.conflicts.value,
        "status": state.status.value,
        "started": utc(state.started),
        "paused_until": utc(state.paused_until),
        "last_run": utc(state.last_run),
        "last_change": utc(state.last_change),
    }


def _row(context: Context, sync: SyncSettings, state: SyncState, findings: int) -> list[str]:
    texts = context.texts
    return [
        sync.name,
        f"{sync.crm} ↔ {sync.calendar}" if sync.direction is Direction.TWO_WAY else _arrow(sync),
        status_words(texts, state, context.now, context.zone),
        f"{texts('sync.last')}: {times.moment(texts, state.last_run, context.now, context.zone)}",
        texts.count("findings.subtitle", findings) if findings else "",
    ]


def _arrow(sync: SyncSettings) -> str:
    if sync.direction is Direction.CRM_TO_CALENDAR:
        return f"{sync.crm} → {sync.calendar}"
    return f"{sync.calendar} → {sync.crm}"


def _add(context: Context) -> Answer:
    asked = context.arguments
    if context.program.settings().sync(asked.name) is not None:
        raise CommandError("sync_exists", name=asked.name)
    values: dict[str, edit.Value | None] = {"crm": asked.crm, "calendar": asked.calendar}
    for key in (*CHOICES, *TEXTS, *NUMBERS, "new_items_only", "backfill_from"):
        values[key] = getattr(asked, key)
    for key in LISTS:
        given = getattr(asked, key)
        values[key] = None if given is None else [part.strip() for part in given.split(",") if part.strip()]
    context.program.change_settings(lambda text: edit.with_sync(text, asked.name, values))
    sync = context.sync(asked.name)
    lines = [context.texts("cli.syncs.added", name=sync.name)]
    return Answer({"sync": sync_document(sync, SyncState())}, lines)


# --- start, pause, stop ---
def _start(context: Context) -> Answer:
    """What the first run will do is counted before anything may move."""
    sync = context.sync(context.arguments.name)
    with context.desk() as desk:
        plan, _ = planned(desk, sync)
        state = _entered(context, desk.store.sync(sync.name).state(), SyncStatus.RUNNING)
        desk.store.sync(sync.name).save_state(state)
    lines = [
        context.texts("cli.plan.title", sync=sync.name, counts=counts(plan, context.texts)),
        context.texts("cli.syncs.started", name=sync.name),
    ]
    preview = {"actions": count_document(plan), "findings": len({finding.id for finding in plan.findings})}
    return Answer({"sync": sync_document(sync, state), "preview": preview}, lines)


def _pause(context: Context) -> Answer:
    minutes = context.arguments.minutes
    if minutes is not None and not 0 < minutes <= 60 * 24 * 365:
        raise CommandError("bad_minutes")
    until = context.now + timedelta(minutes=minutes) if minutes is not None else None
    return _enter(context, SyncStatus.PAUSED, "cli.syncs.paused", until)


def _stop(context: Context) -> Answer:
    return _enter(context, SyncStatus.STOPPED, "cli.syncs.stopped")


def _enter(context: Context, status: SyncStatus, sentence: str, until: datetime | None = None) -> Answer:
    sync = context.sync(context.arguments.name)
    with closing(context.program.open_store()) as store:
        kept = store.sync(sync.name)
        if status is SyncStatus.PAUSED and kept.state().status is SyncStatus.STOPPED:
            raise CommandError("not_started", name=sync.name)
        state = _entered(context, kept.state(), status, until)
        kept.save_state(state)
    return Answer({"sync": sync_document(sync, state)}, [context.texts(sentence, name=sync.name)])


def _entered(context: Context, state: SyncState, status: SyncStatus, until: datetime | None = None) -> SyncState:
    started = state.started or (context.now if status is SyncStatus.RUNNING else None)
    return replace(state, status=status, started=started, paused_until=until)


def _remove(context: Context) -> Answer:
    """The sync goes, the meetings on both sides stay; added again, it finds them by their marks."""
    sync = context.sync(context.arguments.name)
    with context.program.turn(sync.name), closing(context.program.open_store()) as store:
        context.program.change_settings(lambda text: edit.without_sync(text, sync.name))
        store.remove_sync(sync.name)
    return Answer({"removed": sync.name}, [context.texts("cli.syncs.removed", name=sync.name)])
