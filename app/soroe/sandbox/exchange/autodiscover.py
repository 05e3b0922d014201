"""Where a mailbox's EWS is: the SOAP service (GetUserSettings) and the older plain XML one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

from soroe.sandbox.exchange.errors import SoapFault, schema
from soroe.sandbox.exchange.model import Account, State
from soroe.sandbox.exchange.page import Page
from soroe.sandbox.exchange.soap import SOAP, Build, NotXml, fault, node, parse

SOAP_PATH = "/autodiscover/autodiscover.svc"
PLAIN_PATH = "/autodiscover/autodiscover.xml"

_SPACE = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
_ASKED = f"{{{_SPACE}}}"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_REQUEST = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006}"
_OUTER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_INNER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_SCHEMAS = (
    "Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1"
)
_MOST_USERS = 90


@dataclass(slots=True)
class Autodiscover:
    """Answers for the accounts of the sandbox; `ews_url` gives the address to tell.

    `redirect` sends every user to another address or URL instead, as a moved mailbox does.
    """

    state: State
    ews_url: Callable[[], str]
    build: Callable[[], Build]
    redirect_address: str = ""
    redirect_url: str = ""

    def soap(self, account: Account, body: bytes) -> Page:
        """Answers GetUserSettings; the settings this server does not have are told one by one."""
        try:
            request = self._operation(body)
        except SoapFault as error:
            return Page(error.status, fault(error.code, error.message, error.values, error.violation))
        users = [one.text or "" for one in request.iter(f"{_ASKED}Mailbox")]
        settings = [one.text or "" for one in request.iter(f"{_ASKED}Setting")]
        if not users or not settings or len(users) > _MOST_USERS:
            return self._enveloped("InvalidRequest", "The request names no user or no setting.", [])
        return self._enveloped("NoError", "", [self._user(user, settings) for user in users])

    def _operation(self, body: bytes) -> Element:
        try:
            content = parse(body).find(f"{SOAP}Body")
        except NotXml as error:
            raise schema(str(error)) from None
        if content is None or len(content) != 1 or content[0].tag != f"{_ASKED}GetUserSettingsRequestMessage":
            raise SoapFault("ErrorInvalidRequest", "The request is invalid.")
        return content[0]

    def _user(self, user: str, settings: list[str]) -> Element:
        if self.redirect_address or self.redirect_url:
            code = "RedirectUrl" if self.redirect_url else "RedirectAddress"
            return _answer(code, "Redirection.", self.redirect_url or self.redirect_address, {}, [])
        known = self.state.accounts.get(user.lower())
        if known is None:
            return _answer("InvalidUser", f"Invalid user: '{user}'", "", {}, [])
        having = {
            "UserDisplayName": known.name,
            "AutoDiscoverSMTPAddress": known.email,
            "InternalEwsUrl": self.ews_url(),
            "ExternalEwsUrl": self.ews_url(),
            "EwsSupportedSchemas": _SCHEMAS,
            "CasVersion": ".".join(str(n) for n in _numbers(self.build())),
            "UserMSOnline": str(self.build().online),
        }
        found = {name: having[name] for name in settings if name in having}
        return _answer("NoError", "No error.", "", found, [name for name in settings if name not in having])

    def _enveloped(self, code: str, message: str, users: list[Element]) -> Page:
        numbers = zip(
            ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber"),
            _numbers(self.build()),
            strict=True,
        )
        version = node("a:ServerVersionInfo", *(node(f"a:{name}", str(number)) for name, number in numbers))
        response = node(
            "a:Response",
            node("a:ErrorCode", code),
            node("a:ErrorMessage", message),
            node("a:UserResponses", *users),
        )
        root = node(
            "s:Envelope",
            node("s:Header", version),
            node("s:Body", node("a:GetUserSettingsResponseMessage", response)),
            **{"xmlns:s": SOAP[1:-1], "xmlns:a": _SPACE, "xmlns:i": _XSI},
        )
        return Page(200, b'<?xml version="1.0" encoding="utf-8"?>' + tostring(root))

    def plain(self, account: Account, body: bytes) -> Page:
        """Answers the older protocol."""
        try:
            request = parse(body)
        except NotXml:
            return _plain(_problem("600", "Invalid Request"))
        wanted = request.findtext(f"{_REQUEST}Request/{_REQUEST}EMailAddress", "").lower()
        accepted = request.findtext(f"{_REQUEST}Request/{_REQUEST}AcceptableResponseSchema", "")
        if not wanted:
            return _plain(_problem("600", "Invalid Request"))
        if accepted != _INNER:
            return _plain(_problem("601", "Provider is not available"))
        if self.redirect_address or self.redirect_url:
            kind = ("redirectUrl", "RedirectUrl") if self.redirect_url else ("redirectAddr", "RedirectAddr")
            moved = node(kind[1], self.redirect_url or self.redirect_address)
            return _plain(node("Account", node("Action", kind[0]), moved))
        known = self.state.accounts.get(wanted)
        if known is None:
            return _plain(_problem("500", "The email address can't be found."))
        protocols = (
            node("Protocol", node("Type", kind), node("Server", "EXCHANGE1"), node("EwsUrl", self.ews_url()))
            for kind in ("EXCH", "EXPR")
        )
        person = node("User", node("DisplayName", known.name), node("AutoDiscoverSMTPAddress", known.email))
        return _plain(person, node("Account", node("AccountType", "email"), node("Action", "settings"), *protocols))


def _numbers(build: Build) -> tuple[int, int, int, int]:
    return build.major, build.minor, build.build, build.revision


def _answer(code: str, message: str, target: str, found: dict[str, str], missing: list[str]) -> Element:
    problems = (
        node(
            "a:UserSettingError",
            node("a:ErrorCode", "SettingIsNotAvailable"),
            node("a:ErrorMessage", f"The requested setting, '{name}', is not available."),
            node("a:SettingName", name),
        )
        for name in missing
    )
    settings = (
        node("a:UserSetting", node("a:Name", name), node("a:Value", text), **{"i:type": "a:StringSetting"})
        for name, text in found.items()
    )
    return node(
        "a:UserResponse",
        node("a:ErrorCode", code),
        node("a:ErrorMessage", message),
        node("a:RedirectTarget", target) if target else node("a:RedirectTarget", **{"i:nil": "true"}),
        node("a:UserSettingErrors", *problems),
        node("a:UserSettings", *settings),
    )


def _problem(code: str, message: str) -> Element:
    return node("Error", node("ErrorCode", code), node("Message", message), node("DebugData"), Time="00:00:00", Id="1")


def _plain(*content: Element) -> Page:
    root = node("Autodiscover", node("Response", *content, xmlns=_INNER), xmlns=_OUTER)
    return Page(200, b'<?xml version="1.0" encoding="utf-8"?>' + tostring(root))
