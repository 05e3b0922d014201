"""Salesforce's requests for one account, answers checked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, checked_zone, id_at, text_at
from soroe.adapters.crm.service import Call, Service
from soroe.adapters.net.exchange import Answer, Json
from soroe.core.event import UTC_ZONE
from soroe.ports.errors import ConsentMissing, Gone, RetryLater, ServiceFault
from soroe.ports.remote import Identity

from .errors import FIELD_CODES, Complaint, refusal
from .queries import selection
from .settings import SalesforceSettings
from .shape import Shape
from .undelete import fault_of, undelete_envelope, was_undeleted
from .usage import Usage
from .words import is_record_id, literal

FIELD_REFUSED = "field_refused"
MOST_PAGES = 5_000
MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in user and the organisation; `zone` is the user's own (IANA)."""

    id: str
    organisation: str
    email: str
    zone: str


class FieldsChanged(RetryLater):
    """IT has changed what this user may see: what he may is asked for anew, and the question can be put again."""

    def __init__(self) -> None:
        super().__init__("fields_changed")


class Api:
    """Salesforce's interface for one account. `clock` tells aware UTC times. Raises the port's errors."""

    def __init__(self, service: Service, settings: SalesforceSettings, clock: Callable[[], datetime]) -> None:
        self.service = service
        self.clock = clock
        self.usage = Usage(clock)
        self._data = f"services/data/{settings.api_version}"
        self._soap = f"services/Soap/u/{settings.api_version.removeprefix('v')}"
        self._stamp_field = settings.stamp_field
        self._lock = threading.Lock()
        self._user: User | None = None
        self._shape: Shape | None = None
        self._shape_doubted = False
        self._shared: bool | None = None
        self._server_time: datetime | None = None

    # ------------------------------------------------------------------ who and what
    def identity(self) -> Identity:
        """Who is signed in, asked anew. The key holds user and organisation: both never change."""
        user = self.user(anew=True)
        return Identity(f"{user.organisation}/{user.id}", user.email or user.id)

    def user(self, *, anew: bool = False) -> User:
        """The signed-in user, asked once."""
        with self._lock:
            known = None if anew else self._user
        if known is not None:
            return known
        document = self._who()
        try:
            told = at(document, "zoneinfo")
            zone = UTC_ZONE if told is None else checked_zone(told, "zoneinfo")
            email = text_at(document, "email", 320) or text_at(document, "preferred_username", 320)
            found = User(_id(document, "user_id"), _id(document, "organization_id"), email, zone)
        except Malformed as error:
            raise ServiceFault(f"user_{error.field}") from error
        with self._lock:
            self._user = found
        return found

    def _who(self) -> Json:
        """The page that tells who is signed in: it says 403 where all others say 401 to a session that has ended."""
        page = Call("GET", "services/oauth2/userinfo")
        answer = self.service.send(page)
        if _is_bad_token(answer):
            self._sent(Call("GET", f"{self._data}/sobjects/Event/describe"))  # a 401 here has the session renewed
            answer = self.service.send(page)
        if _is_bad_token(answer):
            raise ConsentMissing("openid")
        if not 200 <= answer.status < 300:
            raise refusal(answer, self.clock(), writes=False)
        self._keep_time(answer)
        return answer.document()

    def shape(self) -> Shape:
        """What the user may see and set of an event, asked once, and anew after Salesforce refused a field."""
        with self._lock:
            known = self._shape
        if known is None:
            document = self._sent(Call("GET", f"{self._data}/sobjects/Event/describe")).document()
            known = Shape.described(document, self._stamp_field)
            with self._lock:
                self._shape = known
        return known

    def selection(self) -> str:
        """What is asked of every event, as a query lists it."""
        return selection(self.shape().asked, invitees_only=self.invitees_only())

    def invitees_only(self) -> bool:
        """Whether invitations stand among other relations of an event: where the organisation shares activities."""
        with self._lock:
            known = self._shared
        if known is None:
            document = self._sent(Call("GET", f"{self._data}/sobjects/EventRelation/describe")).document()
            known = any(at(one, "name") == "IsInvitee" for one in at(document, "fields") or ())
            with self._lock:
                self._shared = known
        return known

    def server_time(self) -> datetime:
        """The time by Salesforce's own clock at its last answer; before the first, this machine's."""
        with self._lock:
            return self._server_time or self.clock()

    # ------------------------------------------------------------------ reading
    def query(self, words: str) -> Iterator[list[Json]]:
        """The pages of records that a query finds, deleted and archived ones too; lists within are made whole."""
        answer = self._sent(Call("GET", f"{self._data}/queryAll", (("q", words),)))
        visited: set[str] = set()
        while True:
            document = answer.document()
            listed, following = at(document, "records"), at(document, "nextRecordsUrl")
            if not isinstance(listed, list):
                raise ServiceFault("list_is_missing:records")
            for record in listed:
                self._complete(record)
            yield listed
            if at(document, "done") is not False:
                return
            answer = self._following(following, visited)

    def all_of(self, words: str) -> list[Json]:
        """All records that a query finds."""
        return [record for page in self.query(words) for record in page]

    def _complete(self, record: Json) -> None:
        """Fetches what is left of a list within a record: Salesforce cuts long ones."""
        for value in record.values() if isinstance(record, dict) else ():
            visited: set[str] = set()
            while isinstance(value, dict) and isinstance(value.get("records"), list) and value.get("done") is False:
                if len(visited) >= MOST_PARTS:
                    raise ServiceFault("paging_does_not_advance")
                rest = self._following(value.get("nextRecordsUrl"), visited).document()
                value["records"] += at(rest, "records") or []
                value["done"], value["nextRecordsUrl"] = at(rest, "done"), at(rest, "nextRecordsUrl")

    def _following(self, address: object, visited: set[str]) -> Answer:
        if not isinstance(address, str) or not address.startswith("/services/data/") or len(address) > 2_048:
            raise ServiceFault("paging:nextRecordsUrl")
        if address in visited or len(visited) >= MOST_PAGES:
            raise ServiceFault("paging_does_not_advance")
        visited.add(address)
        return self._sent(Call("GET", address))

    def log(self, kind: str, start: datetime, end: datetime) -> Json:
        """The log of ids that were "updated" or "deleted" between two moments more than a minute apart."""
        span = (("start", literal(start)), ("end", literal(end)))
        return self._sent(Call("GET", f"{self._data}/sobjects/Event/{kind}/", span)).document()

    # ------------------------------------------------------------------ writing
    def create_many(self, records: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Makes up to 200 records, each for itself; one result a record, in order."""
        body = {"allOrNone": False, "records": list(records)}
        return self._results(Call("POST", f"{self._data}/composite/sobjects", body=body), len(records))

    def delete_many(self, ids: Sequence[str]) -> list[Json]:
        """Deletes up to 200 records, each for itself, into the recycle bin; one result a record, in order."""
        query = (("ids", ",".join(ids)), ("allOrNone", "false"))
        return self._results(Call("DELETE", f"{self._data}/composite/sobjects", query), len(ids))

    def change(self, own: str, fields: Mapping[str, Any], unmodified_since: datetime | None) -> None:
        """Changes the given fields of an event, if nobody has changed it since that moment (whole seconds).

        Raises `ChangedMeanwhile`, `Gone`.
        """
        headers = {}
        if unmodified_since is not None:
            headers["If-Unmodified-Since"] = format_datetime(unmodified_since.astimezone(UTC), usegmt=True)
        call = Call("PATCH", f"{self._data}/sobjects/Event/{own}", body=dict(fields), headers=headers)
        self._sent(call)

    def undelete(self, own: str) -> bool:
        """Brings an event back from the recycle bin, under its id; False where it is not in there any more.

        The REST interface has no call for it; the SOAP interface of the same address takes the same token.
        """
        token = self.service.proof().get("Authorization", "").removeprefix("Bearer ")
        call = Call(
            "POST",
            self._soap,
            headers={"SOAPAction": '""', "Accept": "text/xml"},
            content_type="text/xml; charset=UTF-8",
            body=undelete_envelope(token, own),
        )
        return was_undeleted(self._sent(call).body)

    def _results(self, call: Call, expected: int) -> list[Json]:
        found = self._sent(call).document_or_none()
        if not isinstance(found, list) or len(found) != expected:
            raise RetryLater("results_unreadable", outcome_unknown=True)
        return found

    # ------------------------------------------------------------------ every call
    def _sent(self, call: Call) -> Answer:
        self.usage.check()
        answer = self.service.send(call)
        self.usage.take_note(answer.headers)
        self._keep_time(answer)
        if 200 <= answer.status < 300:
            with self._lock:
                self._shape_doubted = False if self._shape is not None else self._shape_doubted
            return answer
        trouble = fault_of(answer.body) or refusal(answer, self.clock(), writes=call.method != "GET")
        if Complaint.in_document(answer.document_or_none(), answer.status).code in FIELD_CODES:
            first = self._doubt_shape()
            if call.method == "GET":
                raise FieldsChanged if first else ServiceFault(FIELD_REFUSED)
        if call.method == "GET" and isinstance(trouble, Gone):
            raise ServiceFault("endpoint_missing")
        raise trouble

    def learn_from(self, complaint: Complaint) -> None:
        """Keeps in mind what one record's refusal says about the fields of all."""
        if complaint.code in FIELD_CODES:
            self._doubt_shape()

    def _doubt_shape(self) -> bool:
        """IT has changed what the user may see or set: it is asked for anew; False when that was done just before."""
        with self._lock:
            first, self._shape_doubted, self._shape = not self._shape_doubted, True, None
        return first

    def _keep_time(self, answer: Answer) -> None:
        try:
            found = parsedate_to_datetime(answer.headers.get("date", ""))
        except (ValueError, IndexError):
            return
        with self._lock:
            self._server_time = found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_bad_token(answer: Answer) -> bool:
    return answer.status == 403 and answer.body[:40].strip().endswith(b"_OAuth_Token")


def _id(document: object, path: str) -> str:
    found = id_at(document, path)
    if not is_record_id(found):
        raise Malformed(path, "is not an id of a record")
    return found
