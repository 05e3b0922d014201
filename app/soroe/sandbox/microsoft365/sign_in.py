"""The sign-in as the browser walks through it: request, account, consent, and back to the program's own address."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from soroe.sandbox.microsoft365.entra_errors import EntraError
from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.grants import CODE_LIFE, Code, Grants, wanted_scopes
from soroe.sandbox.microsoft365.model import Account, State
from soroe.sandbox.microsoft365.pages import accounts_page, approval_page, consent_page, error_page, post_page
from soroe.sandbox.microsoft365.scopes import read_scopes


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    html: str


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str


Step = Page | Redirect


@dataclass(slots=True)
class _Session:
    """One sign-in under way."""

    tenant: str
    parameters: dict[str, str]
    scopes: tuple[str, ...]
    account: Account | None = None


@dataclass(slots=True)
class SignIn:
    """Leads a browser through the sign-in. The caller holds the lock. `app_name` is what the pages call the program.

    `users_may_consent` is false in a company that leaves consent to its administrators.
    """

    state: State
    grants: Grants
    app_name: str = "Soroe"
    users_may_consent: bool = True
    _refusals: list[tuple[EntraError, bool]] = field(default_factory=list)
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def refuse_next(self, error: EntraError, *, returned: bool) -> None:
        """Ends the next sign-in with `error`: told to the program, or only shown to the person on a page."""
        self._refusals.append((error, returned))

    def begin(self, tenant: str, parameters: dict[str, str], language: str) -> Step:
        """Answers the address a program opens in the browser."""
        try:
            self._check(parameters)
        except EntraError as error:
            return Page(400, error_page(language, error.description))
        session = _Session(tenant, parameters, ())
        try:
            session.scopes = read_scopes(parameters.get("scope", ""))
            _check_answerable(parameters)
        except EntraError as error:
            return self._refused(session, error, language)
        if self._refusals:
            refusal, returned = self._refusals.pop(0)
            if returned:
                return self._refused(session, refusal, language)
            return Page(200, error_page(language, refusal.description))
        name = secrets.token_urlsafe(24)
        self._sessions[name] = session
        return self._first_step(name, session, language)

    def choose(self, name: str, email: str, language: str) -> Step:
        """Goes on with the account the user clicked."""
        session, account = self._sessions.get(name), self.state.accounts.get(email)
        if session is None or account is None:
            return Page(400, error_page(language, "AADSTS90014: The sign-in is no longer open."))
        return self._with_account(name, session, account, language)

    def decide(self, name: str, action: str, language: str) -> Step:
        """Ends the sign-in with the button the user pressed."""
        session = self._sessions.pop(name, None)
        if session is None or session.account is None:
            return Page(400, error_page(language, "AADSTS90014: The sign-in is no longer open."))
        if not self.users_may_consent:
            text = "An administrator has set a policy that prevents you from granting the permissions requested."
            return self._refused(session, EntraError(90094, "access_denied", text), language)
        if action != "accept":
            text = f"User declined to consent to access the app {self.app_name}."
            return self._refused(session, EntraError(65004, "access_denied", text), language)
        return self._grant(session, session.account, language)

    def _first_step(self, name: str, session: _Session, language: str) -> Step:
        parameters = session.parameters
        hinted = self.state.accounts.get(parameters.get("login_hint", "").lower())
        prompt = parameters.get("prompt", "")
        if prompt == "none" and hinted is None:
            return self._refused(session, EntraError(50058, "login_required", "User is not signed in."), language)
        if hinted is not None and prompt != "select_account":
            return self._with_account(name, session, hinted, language)
        return Page(200, accounts_page(language, name, self.state.accounts.values()))

    def _with_account(self, name: str, session: _Session, account: Account, language: str) -> Step:
        refusal = self._wrong_tenant(session.tenant, account)
        if refusal is not None:
            return Page(200, error_page(language, refusal.description))
        session.account = account
        parameters = session.parameters
        held = self.grants.consented.get((account.email, parameters["client_id"]), frozenset())
        asked = wanted_scopes(session.scopes)
        prompt = parameters.get("prompt", "")
        if set(asked) <= held and prompt != "consent":
            self._sessions.pop(name, None)
            return self._grant(session, account, language)
        if prompt == "none":
            error = EntraError(65001, "interaction_required", "The user has not consented to use the application.")
            return self._refused(session, error, language)
        if not self.users_may_consent:
            return Page(200, approval_page(language, name, self.app_name))
        return Page(200, consent_page(language, name, self.app_name, account, asked))

    def _wrong_tenant(self, tenant: str, account: Account) -> EntraError | None:
        if tenant == "consumers" and account.work_account:
            return EntraError(
                50020, "invalid_request", "User account does not exist in the tenant of personal accounts."
            )
        if tenant not in ("common", "consumers") and not account.work_account:
            return EntraError(500208, "invalid_request", "The domain is not a valid login domain for the account type.")
        return None

    def _grant(self, session: _Session, account: Account, language: str) -> Step:
        parameters = session.parameters
        code = Code(
            account=account,
            client_id=parameters["client_id"],
            scopes=session.scopes,
            redirect_uri=parameters["redirect_uri"],
            challenge=parameters["code_challenge"],
            nonce=parameters.get("nonce", ""),
            expires=self.state.clock() + CODE_LIFE,
            claims=read_claims(parameters.get("claims", "")),
        )
        answer = {"code": self.grants.give_code(code)}
        if parameters.get("client_info") == "1":
            answer["client_info"] = self.grants.client_info(account)
        return self._back(session, answer, language)

    def _refused(self, session: _Session, error: EntraError, language: str) -> Step:
        answer = {"error": error.error, "error_description": error.description}
        if error.code == 65004:
            answer["error_subcode"] = "cancel"
        return self._back(session, answer, language)

    def _back(self, session: _Session, answer: dict[str, str], language: str) -> Step:
        parameters = session.parameters
        if "state" in parameters:
            answer |= {"state": parameters["state"]}
        address = parameters["redirect_uri"]
        if parameters.get("response_mode") == "form_post":
            return Page(200, post_page(language, address, answer))
        joint = "&" if urlsplit(address).query else "?"
        return Redirect(address + joint + urlencode(answer))

    def _check(self, parameters: dict[str, str]) -> None:
        """Refuses what must not be sent back: an unknown program, or an address that is not registered for it."""
        client_id = parameters.get("client_id", "")
        if not client_id:
            raise EntraError(900144, "invalid_request", "The request body must contain the parameter: 'client_id'.")
        if client_id not in self.grants.clients:
            raise EntraError(700016, "unauthorized_client", f"Application with identifier '{client_id}' was not found.")
        if not _is_registered(parameters.get("redirect_uri", "")):
            text = "The redirect URI specified in the request does not match the redirect URIs configured."
            raise EntraError(50011, "invalid_request", text)


def read_claims(text: str) -> Json:
    """Reads a `claims` parameter, which is a JSON object."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise EntraError(1002012, "invalid_request", "The provided value for 'claims' is not a valid JSON object.")
    return found


def _check_answerable(parameters: dict[str, str]) -> None:
    """Refuses what the program can be told about at its own address."""
    if parameters.get("response_type") != "code":
        raise EntraError(700054, "unsupported_response_type", "response_type must be 'code' for this application.")
    if parameters.get("response_mode", "query") not in ("query", "form_post"):
        raise EntraError(70007, "invalid_request", "The response_mode is not supported for this request.")
    if not parameters.get("code_challenge") or parameters.get("code_challenge_method") != "S256":
        raise EntraError(9002325, "invalid_request", "Proof Key for Code Exchange (S256) is required.")
    if parameters.get("prompt", "") not in ("", "none", "login", "consent", "select_account", "create"):
        raise EntraError(90023, "invalid_request", "Unsupported 'prompt' value.")
    if not parameters.get("scope"):
        raise EntraError(900144, "invalid_request", "The request body must contain the parameter: 'scope'.")
    read_claims(parameters.get("claims", ""))


def _is_registered(address: str) -> bool:
    """The registration has `http://localhost`, for which any port counts as the same."""
    try:
        parts = urlsplit(address)
        return (parts.scheme, parts.hostname, parts.path.strip("/")) == ("http", "localhost", "") and parts.port != 0
    except ValueError:
        return False
