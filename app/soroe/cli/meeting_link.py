"""`soroe meeting-link`: make an online meeting (Zoom, Teams) for a synced activity, and put its address into both."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing

from soroe.engine.by_person import CannotResolve
from soroe.engine.meeting_links import add_link
from soroe.engine.run import Run
from soroe.ports.store import SyncStatus
from soroe.settings.model import LOCATION_KINDS, Account, kind_of

from .context import Answer, Context
from .exits import CommandError
from .explain import the_item
from .sync import Outcome, answer, carried_out
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe meeting-link ITEM --account NAME [--sync NAME]`."""
    parser.add_argument("item", metavar="ITEM", help=texts("cli.arg.item"))
    parser.add_argument("--account", metavar="NAME", required=True, help=texts("cli.arg.location_account"))
    parser.add_argument("--sync", metavar="NAME", help=texts("cli.arg.sync"))


def run(context: Context) -> Answer:
    """Make the link, and let the sync run, so that it is on both sides."""
    account = _place_to_meet(context)
    told = the_item(context, context.arguments.item, context.arguments.sync)[0]
    sync = context.sync(told.sync)
    with (
        context.desk() as desk,
        context.program.turn(told.sync),
        closing(context.program.open_links(account)) as links,
    ):
        joint = desk.clean(told.sync)
        try:
            link = add_link(joint, desk.store, told.side, told.ref, account.name, links)
        except CannotResolve as refusal:
            raise CommandError(f"link_{refusal.code}", item=told.ref.id) from refusal
        outcomes: list[Outcome] = []
        if joint.store.state().status is not SyncStatus.STOPPED:
            outcomes.append(carried_out(desk, sync, Run(joint).carry_out()))
    after = answer(context, outcomes)
    made = {"sync": told.sync, "item": told.ref.id, "account": account.name, "id": link.id, "url": link.join_url}
    lines = [context.texts("cli.link.done", address=link.join_url)]
    return Answer({"link": made, **after.document}, lines, after.exit_code)


def _place_to_meet(context: Context) -> Account:
    account = context.account(context.arguments.account)
    if kind_of(account) not in LOCATION_KINDS:
        raise CommandError("not_a_place_to_meet", name=account.name)
    return account
