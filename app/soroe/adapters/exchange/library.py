"""exchangelib's services, made to our promises: one wire, one API version, no second try, each item by itself.

Loaded when an account of this kind is opened. The library would keep its connections for the whole process, guess how
to sign in with the password in hand, and drop a page because of one item that it cannot read.
"""

# mypy: disable-error-code="import-untyped, misc"
# exchangelib publishes no typing information, so everything that stands on its classes stands on Any.

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import requests
from exchangelib import services
from exchangelib.configuration import Configuration
from exchangelib.errors import EWSError, MalformedResponseError
from exchangelib.ewsdatetime import EWSTimeZone
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.fields import FieldPath
from exchangelib.items import CalendarItem
from exchangelib.properties import DistinguishedFolderId, FolderId
from exchangelib.properties import Mailbox as Address
from exchangelib.protocol import FailFast, Protocol
from exchangelib.transport import DEFAULT_HEADERS
from exchangelib.transport import NOAUTH as SIGNED_BY_US
from exchangelib.util import TNS
from exchangelib.version import Build, Version

from soroe.adapters.net.transport import Network, RequestCount
from soroe.adapters.outlook.stamp import PROPERTY_NAME, PROPERTY_SET

from .elements import Element, brief, element
from .errors import Refused, UnsafeXml
from .settings import ExchangeSecret, ExchangeSettings, is_online_address, is_online_build
from .wires import Wire, open_session, signing

_OLDEST = Build(15, 0)
_SERVICE_PACK = Build(15, 0, 847)
_UNSAFE = re.compile(rb"<!(DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
_REGISTERING = Lock()


class StampProperty(ExtendedProperty):
    """The text that links an item with its partner; the same property is named through Microsoft Graph."""

    property_set_id = PROPERTY_SET
    property_name = PROPERTY_NAME
    property_type = "String"


class SeedProperty(ExtendedProperty):
    """The seed of the create that made an item, by which it is found when the create's answer was lost."""

    property_set_id = PROPERTY_SET
    property_name = "SoroeSeed"
    property_type = "String"


def register() -> None:
    """Teach the library our two properties, once in a process, and silence its log, which holds whole requests."""
    with _REGISTERING:
        known = {field.name for field in CalendarItem.FIELDS}
        for name, kind in (("soroe_stamp", StampProperty), ("soroe_seed", SeedProperty)):
            if name not in known:
                CalendarItem.register(name, kind)
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)
        logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


class OneTry(FailFast):
    """Never waits and never repeats: an answer without SOAP is raised as it came."""

    def __init__(self, online: bool) -> None:
        self._online = online

    def raise_response_errors(self, response: requests.Response) -> None:
        """Raises `Refused` for anything that is not SOAP, `UnsafeXml` for SOAP that may not be read."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = response.content
        soap = response.status_code in {200, 500} and b":Envelope" in body[:1_000]
        if not soap:
            online = self._online or is_online_build(headers.get("x-owa-version", ""))
            raise Refused(response.status_code, headers, body[:4_096], online)
        if _UNSAFE.search(body):
            raise UnsafeXml


class _Uncached(type(Protocol)):
    """Gives every account a connection of its own; the library would hand out an old one with old settings."""

    def __call__(cls, *positional: Any, **named: Any) -> Any:  # noqa: ANN401 - any class's constructor
        return type.__call__(cls, *positional, **named)


class Connection(Protocol, metaclass=_Uncached):
    """One signed-in connection to one server."""

    RETRY_WAIT = 0

    def __init__(
        self, settings: ExchangeSettings, secret: ExchangeSecret, network: Network, count: RequestCount
    ) -> None:
        build = _build(secret.build)
        version = Version(build, "Exchange2013_SP1" if build >= _SERVICE_PACK else "Exchange2013")
        online = is_online_address(secret.endpoint)
        super().__init__(
            config=Configuration(
                service_endpoint=secret.endpoint,
                auth_type=SIGNED_BY_US,
                version=version,
                retry_policy=OneTry(online),
                max_connections=1,
            )
        )
        self.auth = secret.auth
        self._signing = (secret.auth, settings.login, secret.password)
        self._network = network
        self._count = count

    def create_session(self) -> requests.Session:
        """A session with our wire under it."""
        wire = Wire(self._network, self._count)
        session: Any = open_session(self.service_endpoint, wire, signing(*self._signing), DEFAULT_HEADERS)
        session.session_id = session.usage_count = 0
        return session  # type: ignore[no-any-return] # two attributes more than requests knows of


class Mailbox:
    """What the library's services ask of an account: whose it is, its zone, its connection."""

    access_type = "delegate"
    identity = None
    affinity_cookie = None

    def __init__(self, settings: ExchangeSettings, connection: Connection) -> None:
        register()
        self.protocol = connection
        self.version = connection.version.copy()
        self.primary_smtp_address = settings.email
        self.default_timezone = EWSTimeZone(settings.zone)
        self.address = Address(email_address=settings.email) if settings.email else None

    @property
    def build(self) -> str:
        """The server's build number, as its last answer told it."""
        return str(self.version.build)

    def folder(self, name: str) -> DistinguishedFolderId:
        """A folder of this mailbox by the name that every mailbox has for it."""
        return DistinguishedFolderId(id=name, mailbox=self.address) if self.address else _OwnFolderId(id=name)


class _OwnFolderId(DistinguishedFolderId):
    """A folder of whoever signs in; the library insists on an address, the protocol does not."""

    def clean(self, version: Version | None = None) -> None:
        FolderId.clean(self, version=version)


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer in one piece: the library would take it byte by byte, which costs seconds for a long one."""

    content: bytes

    def iter_content(self) -> Iterator[bytes]:
        yield self.content  # the library closes what it has read, which not every iterator allows


class _OneByOne:
    """Makes a service tell exactly one thing, an item or an error, for each message of its answer."""

    ERRORS_TO_CATCH_IN_RESPONSE = EWSError
    WARNINGS_TO_CATCH_IN_RESPONSE = EWSError
    account: Mailbox
    element_container_name: str | None
    returns_elements: bool

    @classmethod
    def _get_soap_parts(cls, response: requests.Response) -> Any:  # noqa: ANN401 - two lxml elements
        return super()._get_soap_parts(Whole(response.content))

    def _api_versions_to_try(self) -> tuple[str, ...]:
        return (self.account.version.api_version,)

    def _update_api_version(self, api_version: str, header: Any) -> None:  # noqa: ANN401 - an lxml element
        """Learn the server's build, but keep to the version we have asked for."""
        told = header.find(f"{{{TNS}}}ServerVersionInfo")
        try:
            build = Build.from_xml(elem=told)
        except (ValueError, TypeError, AttributeError):
            return
        self.account.version = Version(build, api_version)

    def _get_elements_in_response(self, response: Sequence[Any]) -> Iterator[Any]:
        for message in response:
            found = self._get_element_container(message=message, name=self.element_container_name)  # type: ignore[attr-defined] # the service's own
            if isinstance(found, bool | Exception) or not self.returns_elements:
                yield found if isinstance(found, Exception) else True
                continue
            inside = list(found)
            yield inside[0] if inside else MalformedResponseError("No item in a message of success")

    def _elem_to_obj(self, elem: Any) -> Any:  # noqa: ANN401 - an lxml element
        return element(elem, self.account)


class GetItems(_OneByOne, services.GetItem):
    """Reads items by id."""


class CreateItems(_OneByOne, services.CreateItem):
    """Makes items; tells their ids."""

    def into(self, folder: FolderId, items: Sequence[CalendarItem]) -> list[Element | Exception]:
        """Make these items in a folder; nobody is sent an invitation."""
        quiet = {"message_disposition": "SaveOnly", "send_meeting_invitations": "SendToNone"}
        return list(
            self._elems_to_objs(self._chunked_get_elements(self.get_payload, items=items, folder=folder, **quiet))
        )


class UpdateItems(_OneByOne, services.UpdateItem):
    """Changes items; tells their new change keys."""


class DeleteItems(_OneByOne, services.DeleteItem):
    """Deletes items."""


class MoveItems(_OneByOne, services.MoveItem):
    """Moves items; tells their new ids."""


class FindItems(_OneByOne, services.FindItem):
    """Searches folders."""


class SyncItems(_OneByOne, services.SyncFolderItems):
    """What changed in a folder; a change is told as its kind and an `Element`."""

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:  # noqa: ANN401 - an lxml element
        if message.get("ResponseClass") == "Error":
            return services.common.EWSService._get_element_container(self, message, name)
        return super()._get_element_container(message, name)

    def _get_elements_in_response(self, response: Sequence[Any]) -> Iterator[Any]:
        for message in response:
            found = self._get_element_container(message=message, name=self.element_container_name)
            if isinstance(found, Exception):
                raise found
            yield from found

    def _elem_to_obj(self, elem: Any) -> tuple[str, Element]:  # noqa: ANN401 - an lxml element
        kind = elem.tag.rpartition("}")[2]
        if kind in {"Create", "Update"} and len(elem):
            return kind, brief(elem[0])
        own = elem.find(f"{{{TNS}}}ItemId")
        ids = ("", "") if own is None else (own.get("Id") or "", own.get("ChangeKey") or "")
        return kind, Element(*ids, kind, None, False, None, None)


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One folder as the server told it; `rights` are the names of what we may do in it."""

    id: str
    parent: str
    name: str
    kind: str
    rights: frozenset[str]


class GetFolders(_OneByOne, services.GetFolder):
    """Reads folders by id."""

    def _elems_to_objs(self, elems: Iterator[Any]) -> Iterator[Any]:
        for one in elems:
            yield one if isinstance(one, Exception) else _folder(one)


class FindFolders(_OneByOne, services.FindFolder):
    """All folders below one."""

    def below(self, folder: Any, fields: Sequence[FieldPath]) -> Iterator[FolderEntry]:  # noqa: ANN401 - a folder id of the library
        """Every folder below, at any depth."""
        arguments: dict[str, Any] = {
            "additional_fields": fields, "restriction": None, "shape": "IdOnly", "depth": "Deep",
            "page_size": self.page_size, "offset": 0,
        }  # fmt: skip # short values, several a line
        for one in self._paged_call(payload_func=self.get_payload, max_items=None, folders=[folder], **arguments):
            if isinstance(one, Exception):
                raise one
            yield _folder(one)


def _folder(found: Any) -> FolderEntry:  # noqa: ANN401 - an lxml element
    own, parent = found.find(f"{{{TNS}}}FolderId"), found.find(f"{{{TNS}}}ParentFolderId")
    rights = found.find(f"{{{TNS}}}EffectiveRights")
    granted = [] if rights is None else [one for one in rights if (one.text or "").strip().lower() in {"true", "1"}]
    return FolderEntry(
        "" if own is None else own.get("Id") or "",
        "" if parent is None else parent.get("Id") or "",
        found.findtext(f"{{{TNS}}}DisplayName") or "",
        found.findtext(f"{{{TNS}}}FolderClass") or "",
        frozenset(one.tag.rpartition("}")[2] for one in granted),
    )


def paths(names: Sequence[str], model: Any = CalendarItem) -> list[FieldPath]:  # noqa: ANN401 - an item or folder class
    """The library's field paths for these names."""
    return [FieldPath(field=model.get_field_by_fieldname(name)) for name in names]


def _build(text: str) -> Build:
    numbers = [int(part) for part in text.split(".")[:4] if part.isdigit()]
    return Build(*numbers) if len(numbers) >= 2 and numbers[0] >= 15 else _OLDEST


__all__ = [
    "Connection",
    "CreateItems",
    "DeleteItems",
    "Element",
    "FindFolders",
    "FindItems",
    "FolderEntry",
    "GetFolders",
    "GetItems",
    "Mailbox",
    "MoveItems",
    "SyncItems",
    "UpdateItems",
    "element",
    "paths",
]
