"""What the service says in the words of a refusal: no document tells a status or a code of most of it."""

from __future__ import annotations

import re

from soroe.adapters.crm.documents import at
from soroe.adapters.net.exchange import Answer, Json

_RATE = re.compile(r"(?i)maximum rate of requests|requests per minute")
_SESSION = re.compile(r"(?i)session\b.{0,80}\b(not valid|invalid|expired|timed out|no longer valid)|invalid session")
_PRIVILEGE = re.compile(r"(?i)privilege|restful services")
_RIGHTS = re.compile(r"(?i)access rights|read-only|not allowed to (change|delete)")
_LOCKED = re.compile(r"(?i)\block(ed|out)\b")
_FIELD = re.compile(r"(?i)\bfield '?([A-Za-z_]\w{0,80})'?")


def is_rate(answer: Answer) -> bool:
    """Whether the minute's requests are used up: whatever the status, the words count."""
    return answer.status == 429 or (not 200 <= answer.status < 300 and bool(_RATE.search(words(answer))))


def session_ended(answer: Answer) -> bool:
    """Whether a new session may help: the service calls it invalid, or refuses without a reason of its own."""
    if 200 <= answer.status < 300 or answer.is_page or is_rate(answer):
        return False
    return answer.status in {401, 403} or says_so(answer)


def says_so(answer: Answer) -> bool:
    """Whether the service itself calls the session ended; otherwise a new one is only worth a try."""
    return bool(_SESSION.search(words(answer)))


def lacks_privilege(answer: Answer) -> bool:
    """Whether the user's role may not use the interface at all."""
    return bool(_PRIVILEGE.search(words(answer)))


def lacks_rights(answer: Answer) -> bool:
    """Whether this user may not change this record."""
    return bool(_RIGHTS.search(words(answer)))


def is_locked(answer: Answer) -> bool:
    """Whether too many wrong passwords have locked the user out."""
    return bool(_LOCKED.search(words(answer)))


def field_named(answer: Answer) -> str | None:
    """The field that a refusal is about, if it names one."""
    found = _FIELD.search(words(answer))
    return found.group(1) if found else None


def words(answer: Answer) -> str:
    """The service's own words on what went wrong; "" where it says none."""
    first = _first(answer)
    for name in ("detail", "title"):
        value = at(first, name)
        if isinstance(value, str) and value:
            return value[:2_000]
    return "" if first is not None else answer.body[:2_000].decode("utf-8", "replace")


def code_of(answer: Answer) -> str:
    """The service's own code, "" where it names none."""
    value = at(_first(answer), "errorCode")
    return value if isinstance(value, str) and re.fullmatch(r"[\w.\-]{1,60}", value) else ""


def _first(answer: Answer) -> Json:
    listed = at(answer.document_or_none(), "Error")
    if isinstance(listed, list):
        return listed[0] if listed else None
    return listed
