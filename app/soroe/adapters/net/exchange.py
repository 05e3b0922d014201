"""One HTTP request and its answer, with every trouble of the network translated for the ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soroe.ports.errors import AdminRequired, PortError, RetryLater, ServiceFault

from .failures import is_web_page, network_trouble
from .json_text import json_in
from .query import query_text

if TYPE_CHECKING:
    from .transport import LibraryClient

Json = Any
"""What a service sent: anything at all, until it was looked at."""

READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: header names in lower case, the body as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def is_page(self) -> bool:
        """Whether a web page came where an answer was expected: a captive portal, a proxy, a block."""
        return is_web_page(self.headers, self.body)

    def document(self) -> Json:
        """The body as JSON; `RetryLater` for a web page, `ServiceFault` for anything else that is not JSON."""
        if self.is_page:
            raise RetryLater("web_page_instead_of_answer")
        found = self.document_or_none()
        if found is None:
            raise ServiceFault("answer_is_not_json")
        return found

    def document_or_none(self) -> Json:
        """The body as JSON, or None when it is not."""
        try:
            return json_in(self.body)
        except (ValueError, RecursionError):  # an answer is hostile until read; the caller says what is wrong
            return None


def exchange(
    client: LibraryClient,
    method: str,
    address: str,
    query: tuple[tuple[str, str], ...],
    headers: Mapping[str, str],
    content: bytes | None,
    *,
    writes: bool,
) -> Answer:
    """Sends one request and reads its answer within bounds; every trouble of the network becomes a port error."""
    mark = "&" if "?" in address else "?"
    whole = f"{address}{mark}{query_text(query)}" if query else address
    try:
        response, body = client.request(whole, method, content, headers)
    except (OSError, ValueError) as error:
        raise _trouble(error, writes=writes) from error
    return _checked(Answer(response.status, response, body))


def _trouble(error: BaseException, *, writes: bool) -> PortError:
    trouble = network_trouble(error)
    if isinstance(trouble, RetryLater) and not writes:
        return RetryLater(trouble.reason, trouble.after)
    return trouble


def _checked(found: Answer) -> Answer:
    if found.status == 407:
        raise AdminRequired("proxy_authentication")
    if 300 <= found.status < 400:
        raise RetryLater("redirected_elsewhere")
    return found
