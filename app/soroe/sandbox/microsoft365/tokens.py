"""The state tokens inside nextLink and deltaLink: nothing a program could read or make up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from dataclasses import asdict, dataclass

from soroe.sandbox.microsoft365.errors import bad_sync_token


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where a program stands: the calendar and window it follows, and up to which change.

    `round`, `offset` and `turn` are set while it is reading pages; `generation` ends all older links when it grows.
    """

    email: str
    calendar: str
    start: str
    end: str
    since: int
    generation: int
    round: int = 0
    offset: int = 0
    turn: int = 0


def written(state: SyncState, key: bytes) -> str:
    content = zlib.compress(json.dumps(asdict(state), separators=(",", ":")).encode())
    seal = hmac.new(key, content, hashlib.sha256).digest()[:9]
    return base64.urlsafe_b64encode(seal + content).rstrip(b"=").decode()


def read(text: str, key: bytes) -> SyncState:
    """Reads a token; anything that was not written here is refused."""
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        seal, content = whole[:9], whole[9:]
        if not hmac.compare_digest(seal, hmac.new(key, content, hashlib.sha256).digest()[:9]):
            raise bad_sync_token()
        return SyncState(**json.loads(zlib.decompress(content)))
    except (ValueError, TypeError, zlib.error):
        raise bad_sync_token() from None
