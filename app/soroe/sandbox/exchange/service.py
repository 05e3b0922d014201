"""`/EWS/Exchange.asmx` after the sign-in: which operation it is, and its answer in an envelope."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, refused
from soroe.sandbox.exchange.converting import convert_ids
from soroe.sandbox.exchange.deleting import Deletes
from soroe.sandbox.exchange.errors import EwsError, SoapFault, schema
from soroe.sandbox.exchange.finding import find_items
from soroe.sandbox.exchange.folders import find_folders, get_folder
from soroe.sandbox.exchange.getting import get_item
from soroe.sandbox.exchange.lies import Lies
from soroe.sandbox.exchange.mailbox import Mail
from soroe.sandbox.exchange.model import Account, State
from soroe.sandbox.exchange.soap import LONGEST, MESSAGES, SOAP, TYPES, Build, NotXml, envelope, local, node, parse
from soroe.sandbox.exchange.syncing import sync_folder_items
from soroe.sandbox.exchange.writing import Writes
from soroe.sandbox.exchange.zones import zone

_VERSION = re.compile(r"Exchange20(07(_SP1)?|10(_SP[12])?|13(_SP1)?|15|16)|V\d{4}_\d\d_\d\d")
_Handler = Callable[[Call], list[Element]]


@dataclass(frozen=True, slots=True)
class Request:
    """A readable request: its operation's element and its header."""

    operation: Element
    header: Element | None

    @property
    def name(self) -> str:
        return local(self.operation)


class Service:
    """Carries operations out, one at a time under the sandbox's lock."""

    def __init__(self, state: State, lies: Lies, mailbox: list[Mail], build: Callable[[], Build]) -> None:
        self._state = state
        self._build = build
        writes, deletes = Writes(mailbox), Deletes(mailbox)
        self._handlers: dict[str, _Handler] = {
            "GetFolder": get_folder,
            "FindFolder": find_folders,
            "SyncFolderItems": lambda call: sync_folder_items(call, lies),
            "FindItem": lambda call: find_items(call, lies),
            "GetItem": get_item,
            "CreateItem": writes.create,
            "UpdateItem": writes.update,
            "DeleteItem": deletes.delete,
            "MoveItem": deletes.move,
            "ConvertId": convert_ids,
        }

    def read(self, body: bytes) -> Request:
        """Takes the envelope off; what is no SOAP request is refused."""
        if len(body) > LONGEST:
            raise SoapFault("ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
        try:
            root = parse(body)
        except NotXml as error:
            raise schema(str(error)) from None
        content = root.find(f"{SOAP}Body")
        if root.tag != f"{SOAP}Envelope" or content is None or len(content) != 1:
            raise schema("The request is no SOAP envelope with one operation.")
        return Request(content[0], root.find(f"{SOAP}Header"))

    def answer(self, account: Account, request: Request) -> bytes:
        """Answers one operation; refusals of single items are inside, those of the request are raised."""
        operation = request.operation
        handler = self._handlers.get(request.name)
        if handler is None or operation.tag != MESSAGES + request.name:
            raise SoapFault("ErrorInvalidRequest", f"The operation '{request.name}' is not known.")
        with self._state.lock:
            call = Call(self._state, account, operation, self._checked(request.header))
            try:
                messages = handler(call)
            except EwsError as error:
                messages = _for_each(call, error)
        content = node("m:ResponseMessages", *messages)
        return envelope(node(f"m:{request.name}Response", content), self._build())

    def refusing(self, account: Account, request: Request, error: EwsError) -> bytes:
        """Answers an operation with one response code for each of its items, and does nothing else."""
        messages = _for_each(Call(self._state, account, request.operation), error)
        return envelope(node(f"m:{request.name}Response", node("m:ResponseMessages", *messages)), self._build())

    def _checked(self, header: Element | None) -> str:
        """Checks the header and returns the zone of its TimeZoneContext."""
        if header is None:
            return "UTC"
        version = header.find(f"{TYPES}RequestServerVersion")
        if version is not None and not _VERSION.fullmatch(version.get("Version", "")):
            raise SoapFault("ErrorInvalidServerVersion", "The specified server version is invalid.")
        if header.find(f"{TYPES}ExchangeImpersonation") is not None:
            raise SoapFault(
                "ErrorImpersonateUserDenied", "The account does not have permission to impersonate the requested user."
            )
        context = header.find(f"{TYPES}TimeZoneContext/{TYPES}TimeZoneDefinition")
        if context is None:
            return "UTC"
        try:
            zone(context.get("Id", ""))
        except EwsError as error:
            raise SoapFault(error.code, error.message) from None
        return context.get("Id", "")


def _for_each(call: Call, error: EwsError) -> list[Element]:
    parts = [part for part in call.body if local(part) in _LISTS]
    return [refused(call, error) for _ in range(len(parts[0]) if parts else 1)]


_LISTS = ("SourceIds", "FolderIds", "ParentFolderIds", "ItemIds", "Items", "ItemChanges")
