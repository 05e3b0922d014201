"""What is remembered of a sign-in, so that its end can be foretold: when it began, how long the last one held.

Kept as two facts of the store, none of them secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from soroe.ports.store import Store

from .forecast import Known

USE_NOTED = timedelta(days=1)
"""A use is noted once a day: ends are foretold in days, and a run must not write for it every minute."""


def sign_in_fact(account: str) -> str:
    """The key of the fact about the sign-in itself."""
    return f"sign-in:{account}"


def use_fact(account: str) -> str:
    """The key of the fact about its last use."""
    return f"used:{account}"


def note_sign_in(store: Store, account: str, at: datetime, ends: datetime | None = None) -> None:
    """The user has signed in; `ends` is the end that the service told, if it told one."""
    before = _read(store.fact(sign_in_fact(account)))
    began, ended = _time(before.get("at")), _time(before.get("ended"))
    lasted = (ended - began).total_seconds() if began is not None and ended is not None else None
    told = {"at": at.isoformat(), "ends": ends.isoformat() if ends else None, "lasted": lasted}
    store.set_fact(sign_in_fact(account), json.dumps(told))
    store.set_fact(use_fact(account), at.isoformat())


def note_end(store: Store, account: str, at: datetime) -> None:
    """The service has refused the sign-in that it took until now."""
    known = _read(store.fact(sign_in_fact(account)))
    if known and not known.get("ended"):
        store.set_fact(sign_in_fact(account), json.dumps(known | {"ended": at.isoformat()}))


def note_use(store: Store, account: str, at: datetime) -> datetime:
    """The service has taken the sign-in; returns when that was noted last."""
    last = _time(store.fact(use_fact(account)))
    if last is not None and timedelta() <= at - last < USE_NOTED:
        return last
    store.set_fact(use_fact(account), at.isoformat())
    return at


def known_sign_in(account: str, fact: Callable[[str], str | None]) -> Known:
    """What is known of an account's sign-in; `fact` reads a fact of the store."""
    raw, used = _read(fact(sign_in_fact(account))), _time(fact(use_fact(account)))
    lasted = raw.get("lasted")
    held = timedelta(seconds=lasted) if isinstance(lasted, int | float) else None
    return Known(_time(raw.get("at")), _time(raw.get("ends")), used, held)


def _read(text: str | None) -> dict[str, object]:
    found = json.loads(text) if text is not None else {}
    return found if isinstance(found, dict) else {}


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
