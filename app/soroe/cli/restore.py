"""`soroe restore`: bring back an item that was deleted by us in the last 30 days (S-7)."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import closing

from soroe.engine.undo import restore
from soroe.ports.reading import DeletedItem, Reading

from .context import Answer, Context
from .exits import CommandError
from .history import RESTORABLE
from .undo import taken_back
from .usage import Words


def arguments(parser: ArgumentParser, texts: Words, _everywhere: ArgumentParser) -> None:
    """`soroe restore ITEM`."""
    parser.add_argument("item", metavar="ITEM", help=texts("cli.arg.deleted_item"))


def run(context: Context) -> Answer:
    """Restore the item with this id."""
    with closing(context.program.open_reading()) as reading:
        deleted = _the_item(context, reading)
    context.sync(deleted.sync)
    with context.desk() as desk, context.program.turn(deleted.sync):
        result = restore(desk.clean(deleted.sync), deleted.change.id)
    return taken_back(context, result, context.texts("done.restore"))


def _the_item(context: Context, reading: Reading) -> DeletedItem:
    """The newest deletion of the item that was named by its id, or by the whole of its title."""
    wanted = context.arguments.item
    items = reading.deleted_items(context.now - RESTORABLE)
    by_id = [item for item in items if item.change.target is not None and item.change.target.id == wanted]
    if by_id:
        return by_id[0]
    by_title = [item for item in items if item.content.title == wanted]
    if len(by_title) > 1:
        ids = [item.change.target.id for item in by_title if item.change.target is not None]
        raise CommandError("several_items", item=wanted, items="\n".join(f"  {one}" for one in ids))
    if not by_title:
        raise CommandError("nothing_to_restore", item=wanted)
    return by_title[0]
