"""Which mailbox, at which server and how to sign in; and the secret that stands for a signed-in account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from soroe.ports.errors import SignInRequired
from soroe.ports.remote import Identity

_EWS_PATH = "/EWS/Exchange.asmx"
_ONLINE_HOSTS = ("outlook.com", "office365.com", "office365.us", "office.com", "hotmail.com", "live.com", "msn.com")
_ONLINE_BUILD = "15.20."
_LONGEST_SECRET = 1200


class Auth(StrEnum):
    """How the user signs in. Kerberos takes the ticket of the signed-in desktop user and no password.

    On Windows it is part of the program (SSPI); elsewhere it needs requests-gssapi and the system's Kerberos beside it.
    """

    NTLM = "ntlm"
    BASIC = "basic"
    KERBEROS = "kerberos"


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """One mailbox. The server is `endpoint` (the full address of EWS) or `server` (a host), else it is found by
    autodiscover from the domain of `email`; with `autodiscover`, a named server is asked where EWS is.

    `username` is a mail address or `DOMAIN\\name`; empty means `email`. Without `email` the mailbox is that of whoever
    signs in. `zone` is the user's own time zone, an IANA name: times that the server tells without a zone are meant in
    it.
    """

    email: str
    username: str = ""
    endpoint: str = ""
    server: str = ""
    autodiscover: bool = False
    auth: Auth = Auth.NTLM
    zone: str = "Etc/UTC"

    @property
    def login(self) -> str:
        """The name to sign in with."""
        return self.username or self.email

    @property
    def identity(self) -> Identity:
        """Whose mailbox it is: by its address, or else by the name that signs in."""
        name = self.email or self.login
        return Identity(name.casefold(), name)

    @property
    def address(self) -> str:
        """The address of EWS as far as the settings tell it; empty when it has to be found."""
        told = (self.endpoint or self.server).strip()
        if not told:
            return ""
        whole = told if "//" in told else f"https://{told}"
        try:
            has_path = bool(urlsplit(whole).path.strip("/"))
        except ValueError:
            return whole  # no address at all; whoever opens it says so
        return whole if has_path else whole.rstrip("/") + _EWS_PATH

    @property
    def domain(self) -> str:
        """The part of the mail address after the @, in lower case."""
        return self.email.rpartition("@")[2].strip().lower()


@dataclass(frozen=True, slots=True)
class ExchangeSecret:
    """What is kept in the keychain for an account: the password, and what signing in has found out."""

    password: str
    endpoint: str
    auth: Auth
    build: str = ""
    identity: str = ""

    def text(self) -> str:
        """The secret as JSON; raises `ValueError` when it would not fit into the smallest keychain."""
        value = {
            "kind": "exchange",
            "password": self.password,
            "endpoint": self.endpoint,
            "auth": self.auth.value,
            "build": self.build,
            "identity": self.identity,
        }
        text = json.dumps(value, separators=(",", ":"))
        if len(text) > _LONGEST_SECRET:
            raise ValueError(f"The secret has {len(text)} characters; keychains take {_LONGEST_SECRET}.")
        return text

    @classmethod
    def parse(cls, text: str) -> ExchangeSecret:
        """The secret in this text; raises `SignInRequired` when it is none of ours."""
        try:
            value = json.loads(text)
            parts = [value[name] for name in ("password", "endpoint", "auth", "build", "identity")]
            auth = Auth(parts[2])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SignInRequired("secret_unreadable") from error
        if not all(isinstance(part, str) for part in parts) or not parts[1]:
            raise SignInRequired("secret_unreadable")
        return cls(parts[0], parts[1], auth, parts[3], parts[4])


def is_online_host(host: str) -> bool:
    """Whether a host, or the domain of a mail address, is Microsoft's own cloud, where passwords open nothing."""
    name = host.strip().rstrip(".").lower()
    return any(name == one or name.endswith(f".{one}") for one in _ONLINE_HOSTS)


def is_online_address(address: str) -> bool:
    """Whether an address of EWS is Exchange Online's."""
    try:
        return is_online_host(urlsplit(address).hostname or "")
    except ValueError:
        return False


def is_online_build(build: str) -> bool:
    """Whether a server's build number is Exchange Online's: its own servers are 15.20, all others are below."""
    return build.startswith(_ONLINE_BUILD)
