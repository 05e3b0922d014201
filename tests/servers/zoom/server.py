"""Zoom on loopback: its sign-in with PKCE and rotating refresh tokens, and the few calls of its API that we use."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from soroe.sandbox.crm.pages import Pages
from soroe.sandbox.crm.sign_in import Client, SignIn
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

from .meetings import Meetings, User, ZoomError

CLIENT_ID = "soroe-zoom-app"
SCOPES: Mapping[str, Mapping[str, str]] = {
    name: {"en": name, "ja": name}
    for name in ("user:read:user", "meeting:read:list_meetings", "meeting:write:meeting", "meeting:delete:meeting")
}
PASSWORD = "sandbox"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ZoomServer(OnLoopback):
    """From `start` to `stop` (or as a context manager). `missing_scopes` are refused as Zoom refuses them (4711)."""

    def __init__(self, clock: Callable[[], datetime] = _utc_now) -> None:
        self._lock = threading.RLock()
        self._passwords: dict[str, str] = {}
        self.users: dict[str, User] = {}
        self.meetings = Meetings(clock)
        self.missing_scopes: set[str] = set()
        self.sign_in = SignIn(clock, lambda: secrets.token_urlsafe(24), SCOPES, self._check)
        self.sign_in.clients[CLIENT_ID] = Client(CLIENT_ID, "Soroe")
        app = Site("zoom", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        Pages(self.sign_in, self._lock, "Zoom", self._passwords).install(app)
        self._install(app)
        self.server = LoopbackServer(app, clock=clock)

    @property
    def api_endpoint(self) -> str:
        return f"{self.url}/v2/"

    @property
    def authorization_endpoint(self) -> str:
        return f"{self.url}/oauth/authorize"

    @property
    def token_endpoint(self) -> str:
        return f"{self.url}/oauth/token"

    def add_user(self, email: str) -> User:
        """Somebody of the company; everyone's password is for practice."""
        user = User(secrets.token_urlsafe(16), email)
        self.users[user.id] = user
        self._passwords[email] = PASSWORD
        return user

    def tokens(self, user: User) -> dict[str, object]:
        """What a sign-in of that user would have brought."""
        return self.sign_in.give(user.id, CLIENT_ID, tuple(SCOPES))

    def _check(self, email: str, password: str) -> str | None:
        found = next((user for user in self.users.values() if user.email == email), None)
        return found.id if found and password == self._passwords[email] else None

    # --- the API ---
    def _install(self, app: Flask) -> None:
        app.register_error_handler(ZoomError, _refused)
        routes: list[tuple[str, str, str, Callable[..., Any]]] = [
            ("GET", "/v2/users/me", "user:read:user", self._me),
            ("GET", "/v2/users/me/meetings", "meeting:read:list_meetings", self._list),
            ("POST", "/v2/users/me/meetings", "meeting:write:meeting", self._create),
            ("DELETE", "/v2/meetings/<number>", "meeting:delete:meeting", self._delete),
        ]
        for method, path, scope, view in routes:
            app.add_url_rule(path, f"{method} {path}", self._guarded(view, scope), methods=[method])

    def _guarded(self, view: Callable[..., Any], scope: str) -> Callable[..., Any]:
        def answer(**parts: str) -> Any:
            with self._lock:
                return view(self._caller(scope), **parts)

        return answer

    def _caller(self, scope: str) -> User:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = self.sign_in.access(token) if scheme.lower() == "bearer" else None
        if found is None:
            raise ZoomError(401, 124, "Invalid access token.")
        grant, is_valid = found
        if not is_valid:
            raise ZoomError(401, 124, "Access token is expired.")
        if scope not in grant.scopes or scope in self.missing_scopes:
            raise ZoomError(400, 4711, f"Invalid access token, does not contain scopes:[{scope}].")
        user = self.users[grant.user_id]
        if not user.active:
            raise ZoomError(404, 1001, f"User does not exist: {user.id}.")
        return user

    def _me(self, user: User) -> Response:
        kind = 2 if user.licensed else 1
        return jsonify(id=user.id, email=user.email, type=kind, timezone=user.zone, status="active")

    def _list(self, user: User) -> Response:
        size = min(int(request.args.get("page_size", "30")), 300)
        start = int(request.args.get("next_page_token") or 0)
        found = self.meetings.upcoming(user)
        token = str(start + size) if start + size < len(found) else ""
        return jsonify(page_size=size, total_records=len(found), next_page_token=token, meetings=found[start:][:size])

    def _create(self, user: User) -> tuple[Response, int]:
        return jsonify(self.meetings.create(user, request.get_json(silent=True))), 201

    def _delete(self, user: User, number: str) -> tuple[str, int]:
        self.meetings.delete(user, number, request.args)
        return "", 204


def _refused(error: ZoomError) -> tuple[Response, int, dict[str, str]]:
    headers = {"Retry-After": "3600"} if error.status == 429 else {}
    return jsonify(code=error.code, message=error.message), error.status, headers
