"""Who may come in: HTTP Basic and NTLM against the sandbox's accounts, and the pages of those who may not."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from soroe.sandbox.exchange.model import Account, State
from soroe.sandbox.exchange.ntlm import Handshake

LOCKED_OUT = b"The referenced account is currently locked out and may not be logged on to."
PASSWORD_EXPIRED = b"The password for this account has expired and must be changed."


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer instead of the service: 401 with the offered schemes."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class SignIn:
    """Checks the Authorization header of each request; `schemes` are those the server offers, in its order."""

    state: State
    schemes: tuple[str, ...] = ("NTLM", "Basic")
    realm: str = "mail.example.com"
    online: bool = False
    handshake: Handshake = field(default_factory=Handshake)

    def account(self, authorization: str) -> Account | Refusal:
        """The account behind a header, or why not."""
        scheme, _, token = authorization.partition(" ")
        offered = {one.lower(): one for one in self.schemes}
        match offered.get(scheme.lower()):
            case "Basic":
                found = self._basic(token)
            case "NTLM":
                return self._ntlm(token)
            case _:
                return self.refusal()
        return self._admitted(found) if found is not None else self.refusal()

    def _basic(self, token: str) -> Account | None:
        try:
            name, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        account = self.named(name)
        return account if account is not None and secret in account.secrets else None

    def _ntlm(self, token: str) -> Account | Refusal:
        try:
            message = base64.b64decode(token, validate=True)
            if self.handshake.is_first(message):
                challenge = base64.b64encode(self.handshake.challenge(self.state.random.randbytes(8))).decode()
                return Refusal(401, headers=(("WWW-Authenticate", f"NTLM {challenge}"),))
            proof = self.handshake.read(message)
        except (binascii.Error, ValueError):
            return self.refusal()
        account = self.named(f"{proof.domain}\\{proof.user}" if proof.domain else proof.user)
        if account is None or not any(self.handshake.proves(proof, secret) for secret in account.secrets):
            return self.refusal()
        return self._admitted(account)

    def named(self, name: str) -> Account | None:
        """The account of an address, of DOMAIN\\name, or of a bare name."""
        domain, _, login = name.rpartition("\\")
        for account in self.state.accounts.values():
            mine = not domain or domain.lower() in (account.domain.lower(), account.email.partition("@")[2])
            if mine and login.lower() in (account.email, account.login.lower()):
                return account
        return None

    def _admitted(self, account: Account) -> Account | Refusal:
        if account.locked:
            return self.refusal(LOCKED_OUT)
        if account.password_expired:
            return self.refusal(PASSWORD_EXPIRED)
        return account

    def refusal(self, body: bytes = b"") -> Refusal:
        """401, with what the server would take."""
        headers = [("WWW-Authenticate", self._offer(scheme)) for scheme in self.schemes]
        if self.online:
            headers.append(("ms-diagnostics-public", _MODERN))
        return Refusal(401, body, tuple(headers))

    def _offer(self, scheme: str) -> str:
        match scheme:
            case "Basic":
                return f'Basic realm="{self.realm}"'
            case "Bearer":
                return 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", token_types="app_asserted_user_v1"'
            case _:
                return scheme


_MODERN = (
    '4000000;reason="The user could not be authenticated as the request is not using Modern Auth.";'
    'error_category="invalid_grant"'
)
