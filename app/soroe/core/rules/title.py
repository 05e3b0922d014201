"""The form of a title in the calendar: what a CRM knows of an activity stands behind its subject (ESM-O4, OD-4).

The law: a title never grows. What was written behind a subject is known when it comes back, and is taken off again.
"""

from __future__ import annotations

from soroe.core.dialect import Dialect, TailPart
from soroe.core.event import ObservedItem, Particulars

_HALF_WIDTH = str.maketrans("（）／", "()/")
_BARE = Particulars()


def tail_of(item: ObservedItem, dialect: Dialect) -> str:
    """What stands behind this activity's subject in the calendar; empty for nothing."""
    tail = dialect.title_tail
    if tail is None or (tail.types is not None and item.activity_type not in tail.types):
        return ""
    told = _told(item)
    if not told[tail.needs]:
        return ""
    return tail.opening + tail.between.join(told[part] for part in tail.parts if told[part]) + tail.closing


def _told(item: ObservedItem) -> dict[TailPart, str]:
    particulars = item.particulars or _BARE
    return {
        TailPart.CUSTOMER: " ".join(particulars.customer.split()),
        TailPart.DEAL: " ".join(particulars.deal.split()),
        TailPart.LOCATION: " ".join(item.content.location.split()),
    }


def with_tail(subject: str, tail: str) -> str:
    """The title as the calendar shows it; a subject that ends like that already gets nothing more."""
    return subject if _ends_with(subject, tail) else f"{subject}{tail}".strip()


def without_tail(title: str, tail: str, subject: str) -> str:
    """The subject that this title says, of an activity whose subject was `subject` before.

    Only exactly what we wrote is taken off: a tail that somebody edited is meant to be part of the subject (ESM-O4).
    """
    if with_tail(subject, tail) == title.strip():
        return subject
    bare = title.rstrip()
    if bare.strip().translate(_HALF_WIDTH) == tail.strip().translate(_HALF_WIDTH):
        return ""
    return bare[: len(bare) - len(tail)].rstrip() if _ends_with(bare, tail) else title


def split_tail(title: str, location: str, dialect: Dialect) -> tuple[str, str]:
    """A title, parted into a subject and what looks like a tail of this dialect's; the tail is empty for none.

    `location` is the place of the same item: a tail that tells the place tells this one.
    """
    form = dialect.title_tail
    if form is None:
        return title.strip(), ""
    subject, tail = tail_like(title, dialect)
    if not tail:
        return subject, ""
    within = tail[len(form.opening) : len(tail) - len(form.closing)]
    known = within == " ".join(location.split()) if form.needs is TailPart.LOCATION else form.between in within
    return (subject, tail) if known else (title.strip(), "")


def tail_like(title: str, dialect: Dialect) -> tuple[str, str]:
    """A title, parted at the last brackets that look like a tail of this dialect's, whatever they hold."""
    form, bare = dialect.title_tail, title.strip()
    if form is None or not _ends_with(bare, form.closing):
        return bare, ""
    at = bare.translate(_HALF_WIDTH).rfind(form.opening.translate(_HALF_WIDTH))
    return (bare, "") if at <= 0 else (bare[:at].rstrip(), bare[at:])


def _ends_with(text: str, tail: str) -> bool:
    """Whether it ends like that; a tail alone, behind no subject, has lost the space before it."""
    bare, behind = text.rstrip().translate(_HALF_WIDTH), tail.translate(_HALF_WIDTH)
    return bare.endswith(behind) or bare.strip() == behind.strip()
