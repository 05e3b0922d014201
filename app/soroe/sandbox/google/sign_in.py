"""The sign-in as the browser walks through it: request, account, consent, redirect to the program's own address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from soroe.sandbox.google.grants import CODE_LIFE, Code, Grants
from soroe.sandbox.google.model import Account, State
from soroe.sandbox.google.pages import accounts_page, consent_page, error_page
from soroe.sandbox.google.scopes import KNOWN, SIGN_IN

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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

    client_id: str
    redirect_uri: str
    scopes: list[str]
    parameters: dict[str, str]
    account: Account | None = None


@dataclass(slots=True)
class SignIn:
    """Leads a browser through the sign-in. The caller holds the lock. `app_name` is what the pages call the program.

    `blocked_by_admin` plays a company that does not let the app in.
    """

    state: State
    grants: Grants
    app_name: str = "Soroe"
    blocked_by_admin: bool = False
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def begin(self, parameters: dict[str, str], language: str) -> Step:
        """Answers the address a program opens in the browser."""
        problem = self._problem(parameters)
        if problem is not None:
            return Page(problem[0], error_page(language, *problem))
        scopes = list(dict.fromkeys(SIGN_IN.get(scope, scope) for scope in parameters["scope"].split()))
        session = _Session(parameters["client_id"], parameters["redirect_uri"], scopes, parameters)
        name = secrets.token_urlsafe(24)
        self._sessions[name] = session
        hinted = self.state.accounts.get(parameters.get("login_hint", "").lower())
        if hinted is not None and "select_account" not in parameters.get("prompt", ""):
            return self._with_account(name, session, hinted, language)
        return Page(200, accounts_page(language, name, self.app_name, self.state.accounts.values()))

    def choose(self, name: str, email: str, language: str) -> Step:
        """Goes on with the account the user clicked."""
        session, account = self._sessions.get(name), self.state.accounts.get(email)
        if session is None or account is None:
            return Page(400, error_page(language, 400, "invalid_request", "The sign-in is no longer open."))
        return self._with_account(name, session, account, language)

    def decide(self, name: str, action: str, ticked: list[str], language: str) -> Step:
        """Ends the sign-in with what the user ticked and pressed."""
        session = self._sessions.pop(name, None)
        if session is None or session.account is None:
            return Page(400, error_page(language, 400, "invalid_request", "The sign-in is no longer open."))
        if action != "allow":
            return self._back(session, {"error": "access_denied"})
        asked = _permissions(session.scopes)
        granted = [scope for scope in asked if len(asked) == 1 or scope in ticked]
        sign_in = [scope for scope in session.scopes if scope not in asked]
        if asked and not granted and not sign_in:
            return self._back(session, {"error": "access_denied"})
        return self._grant(session, session.account, granted + sign_in, asked_user=True)

    def _with_account(self, name: str, session: _Session, account: Account, language: str) -> Step:
        if self.blocked_by_admin:
            text = "The administrator of your organization does not allow this app."
            return Page(400, error_page(language, 400, "admin_policy_enforced", text))
        session.account = account
        consented = self.grants.consented.get((account.email, session.client_id), frozenset())
        if "consent" not in session.parameters.get("prompt", "") and set(session.scopes) <= consented:
            del self._sessions[name]
            return self._grant(session, account, session.scopes, asked_user=False)
        asked = _permissions(session.scopes)
        return Page(200, consent_page(language, name, self.app_name, account, asked))

    def _grant(self, session: _Session, account: Account, scopes: list[str], *, asked_user: bool) -> Step:
        """Gives the code. A refresh token comes with it only for offline access that the user was asked about."""
        parameters = session.parameters
        if parameters.get("include_granted_scopes") == "true":
            scopes = [*scopes, *sorted(self.grants.consented.get((account.email, session.client_id), ()))]
            scopes = list(dict.fromkeys(scopes))
        code = Code(
            account=account,
            client_id=session.client_id,
            scopes=tuple(scopes),
            redirect_uri=session.redirect_uri,
            challenge=parameters.get("code_challenge"),
            challenge_method=parameters.get("code_challenge_method", "plain"),
            offline=parameters.get("access_type") == "offline" and asked_user,
            expires=self.state.clock() + CODE_LIFE,
        )
        text = self.grants.give_code(code)
        return self._back(session, {"code": text, "scope": " ".join(scopes), "authuser": "0"})

    def _back(self, session: _Session, answer: dict[str, str]) -> Redirect:
        state = session.parameters.get("state")
        answer = ({"state": state} if state is not None else {}) | answer
        joint = "&" if urlsplit(session.redirect_uri).query else "?"
        return Redirect(session.redirect_uri + joint + urlencode(answer))

    def _problem(self, parameters: dict[str, str]) -> tuple[int, str, str] | None:
        """Names what is wrong with a request: status, error, explanation. The program itself never hears of it."""
        if parameters.get("client_id") not in self.grants.clients:
            return 401, "invalid_client", "The OAuth client was not found."
        if parameters.get("response_type") != "code":
            return 400, "unsupported_response_type", "response_type must be code for an installed app."
        if not _is_loopback(parameters.get("redirect_uri", "")):
            return 400, "redirect_uri_mismatch", f"redirect_uri: {parameters.get('redirect_uri', '')}"
        scopes = parameters.get("scope", "").split()
        if not scopes:
            return 400, "invalid_request", "Missing required parameter: scope"
        unknown = [scope for scope in scopes if scope not in KNOWN]
        if unknown:
            return 400, "invalid_scope", f"Some requested scopes were invalid: {' '.join(unknown)}"
        if parameters.get("code_challenge_method", "plain") not in ("plain", "S256"):
            return 400, "invalid_request", "Invalid code challenge method."
        return None


def _permissions(scopes: list[str]) -> list[str]:
    signing_in = set(SIGN_IN.values())
    return [scope for scope in scopes if scope not in signing_in]


def _is_loopback(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "http" and parts.hostname in _LOOPBACK and not parts.fragment and parts.port != 0
    except ValueError:
        return False
