"""The text hidden on an item that says which item across it is linked with.

A stamp survives what the local database does not: a reinstall, a second laptop, a restored backup (S-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from .event import ContainerId, ItemId, Ref
from .route import SyncKey

_VERSION = "soroe1"
_ORIGINAL = "+"
_CLAIM = "soroe1c"
_REST = "soroe1r"
_CLAIM_TIME = "%Y%m%dT%H%M%SZ"
_TIME_CHARACTERS = 16
_LONGEST_PARTNER = 160
_LETTERS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which sync linked this item, and with what.

    `partner` is the item across. `own` is a check on the stamped item itself, present where its id was known when the
    stamp was written: a copy of the item carries the stamp along, and the check unmasks it. `original` says that the
    meeting was born as the stamped item, and the partner made from it.
    """

    sync: SyncKey
    partner: str
    own: str = ""
    original: bool = False


def sync_key(crm_identity: str, calendar_identity: str) -> SyncKey:
    """The key of the sync of these two accounts, the same on every machine."""
    return SyncKey(token(f"{crm_identity}\0{calendar_identity}", 10))


def token(text: str, size: int) -> str:
    """A short lower-case hash in the characters a-v and 0-9, which every service takes in an id."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
    # As `base64.b32hexencode` writes it, in lower case and without its padding, in half the time.
    letters = (8 * size + 4) // 5
    bits = 10 * ((letters + 1) // 2)
    number = int.from_bytes(digest, "big") << (bits - 8 * size)
    return "".join([_PAIRS[number >> at & 1023] for at in range(bits - 10, -1, -10)])[:letters]


def partner_text(ref: Ref) -> str:
    """How a stamp names an item: its container's hash and its id, or one hash where the id is very long."""
    text = f"{container_token(ref.container)}.{ref.id}" if ref.container else f".{ref.id}"
    return text if len(text) <= _LONGEST_PARTNER and "|" not in text else f"={token(f'{ref.container}/{ref.id}', 15)}"


@lru_cache(maxsize=256)  # there are few containers, and every item names one
def container_token(container: ContainerId) -> str:
    """A calendar's short hash; a calendar id is often a mail address, which is nobody's business in a CRM."""
    return token(container, 5) if container else ""


def find_partner(partner: str, containers: tuple[ContainerId, ...]) -> Ref | None:
    """The item a stamp names, if it lives in one of these containers and its id was short enough to be written out."""
    head, dot, item = partner.partition(".")
    if not dot or partner.startswith("="):
        return None
    for container in containers:
        if container_token(container) == head:
            return Ref(container, ItemId(item))
    return None


def decode(text: str | None) -> Stamp | None:
    """The stamp in this text, or None for anything that is not one of ours."""
    if not text:
        return None
    parts = text.split("|")
    if len(parts) != 4 or parts[0] != _VERSION or not parts[2]:
        return None
    own = parts[3]
    original = own.endswith(_ORIGINAL)
    return Stamp(SyncKey(parts[1]), parts[2], own[: -len(_ORIGINAL)] if original else own, original)


CLAIM_LASTS = timedelta(minutes=10)
"""After so long a claim counts as abandoned, and another laptop may take it over."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A laptop is about to make this item's twin in a service where a create cannot safely be repeated (S-2), or has
    just taken the twin back (S-7): `rest_text`. `own` is a check on the item it was written on, as in `Stamp`."""

    sync: SyncKey
    installation: str
    at: datetime
    own: str = ""

    def fresh(self, now: datetime) -> bool:
        """Whether its laptop may still be at work; a claim from the future, by whatever clock, is not waited for."""
        return abs(now - self.at) <= CLAIM_LASTS


def claim_text(key: SyncKey, installation: str, own: Ref, now: datetime) -> str:
    """The text to hide on `own`, whose twin this installation is about to make (`now` in UTC).

    It is another one for each item: a CRM may keep it where no two items can have the same.
    """
    return "|".join((_CLAIM, key, _laptop(installation), _time_told(now), own_check(own)))


def rest_text(key: SyncKey, installation: str, own: Ref, now: datetime) -> str:
    """The text to hide on `own`, whose twin a person takes back on this installation (`now` in UTC): the twin's end is
    not to end the item on another laptop, and no twin is made again until somebody changes it (S-7)."""
    return "|".join((_REST, key, _laptop(installation), _time_told(now), own_check(own)))


@lru_cache(maxsize=16)  # many claims are made at one time
def _time_told(now: datetime) -> str:
    return now.strftime(_CLAIM_TIME)


@lru_cache(maxsize=16)
def _laptop(installation: str) -> str:
    return token(installation, 6)


def stamps_of(key: SyncKey) -> str:
    """How every stamp of this sync begins."""
    return f"{_VERSION}|{key}|"


def claims_of(key: SyncKey) -> str:
    """How every claim of this sync begins."""
    return f"{_CLAIM}|{key}|"


def read_claim(text: str | None, key: SyncKey) -> Claim | None:
    """The claim in this text, or None for anything that is not a claim of this sync."""
    return _read(text, key, _CLAIM)


def any_claim(text: str | None) -> Claim | None:
    """The claim in this text, of whichever sync, or None for anything that is not a claim."""
    parts = (text or "").split("|", 2)
    return _read(text, SyncKey(parts[1]), _CLAIM) if len(parts) > 1 else None


def read_rest(text: str | None, key: SyncKey) -> Claim | None:
    """What `rest_text` has written, or None for anything else."""
    return _read(text, key, _REST)


def is_rest(text: str | None) -> bool:
    """Whether some sync has written this with `rest_text`."""
    return (text or "").startswith(f"{_REST}|")


def _read(text: str | None, key: SyncKey, kind: str) -> Claim | None:
    if not text or not text.startswith(kind):
        return None
    parts = text.split("|")
    if len(parts) != 5 or parts[0] != kind or parts[1] != key:
        return None
    at = _claimed_at(parts[3]) if len(parts[3]) <= _TIME_CHARACTERS else None
    return None if at is None else Claim(key, parts[2], at, parts[4])


@lru_cache(maxsize=64)  # as many are read, each of them several times
def _claimed_at(text: str) -> datetime | None:
    """The time in a claim: what `_CLAIM_TIME` wrote, and nothing else that reads as a time."""
    try:
        # Without strptime, which looks its pattern up anew for each of the four times that a create asks.
        at = datetime(
            int(text[:4]),
            int(text[4:6]),
            int(text[6:8]),
            int(text[9:11]),
            int(text[11:13]),
            int(text[13:15]),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return at if text == at.strftime(_CLAIM_TIME) else None


@lru_cache(maxsize=1024)  # what is claimed is soon stamped, and read back each time
def own_check(ref: Ref) -> str:
    """The check that ties a stamp to the item it was written on."""
    return token(f"{ref.container}/{ref.id}", 5)


def stamp_for(key: SyncKey, partner: Ref, own: Ref | None, *, original: bool = False) -> str:
    """The text to hide on `own` (None while its id is not yet known) to say that it is linked with `partner`.

    At most 255 characters, in ASCII-safe framing.
    """
    check = own_check(own) if own is not None else ""
    return f"{_VERSION}|{key}|{partner_text(partner)}|{check}{_ORIGINAL if original else ''}"


def names(text: str | None, key: SyncKey, partner: Ref, own: Ref) -> bool:
    """Whether the stamp found on `own` says, truthfully, that it is linked with `partner` by this sync."""
    if not text:
        return False
    beginning = f"{_VERSION}|{key}|{partner_text(partner)}|"
    if not text.startswith(beginning):
        return False
    check = text[len(beginning) :].removesuffix(_ORIGINAL)
    return not check or check == own_check(own)


def creation_seed(key: SyncKey, source: Ref, instead_of: Ref | None = None) -> str:
    """The seed from which a twin's own id or idempotency key is made: the same on every laptop and at every retry.

    `instead_of` is a former twin that is gone for good, so that its successor is another item.
    """
    former = f"{instead_of.container}/{instead_of.id}" if instead_of is not None else ""
    return token(f"{key}/{source.container}/{source.id}/{former}", 20)
