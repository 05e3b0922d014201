"""The addresses of the sandbox: the API, batches, and everything about signing in."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from flask import Flask, redirect, request
from flask import Response as WebResponse
from werkzeug.wrappers import Response as BaseResponse

from soroe.sandbox.google.api import CalendarApi
from soroe.sandbox.google.batch import Batch
from soroe.sandbox.google.grants import Grants, OAuthError
from soroe.sandbox.google.http import JSON_TYPE, Request, Response, json_response
from soroe.sandbox.google.model import State
from soroe.sandbox.google.pages import language_of
from soroe.sandbox.google.scopes import SIGN_IN
from soroe.sandbox.google.sign_in import Page, Redirect, SignIn, Step
from soroe.sandbox.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_API = "/calendar/v3/"
_BATCH = "/batch/calendar/v3"


def make_app(state: State, grants: Grants, sign_in: SignIn) -> Flask:
    """Makes the web application for everything about signing in."""
    app = Site("google-sandbox", static_folder=None)
    _add_pages(app, state, sign_in)
    _add_tokens(app, state, grants)
    _add_identity(app, state, grants)

    def refused(error: OAuthError) -> BaseResponse:
        return _sent(json_response(error.body(), error.status))

    app.register_error_handler(OAuthError, refused)
    return app


def _sent(response: Response) -> WebResponse:
    return WebResponse(
        response.body, response.status, response.headers, content_type=response.headers.get("Content-Type")
    )


def serve_api(app: WSGIApplication, api: CalendarApi, batch: Batch) -> WSGIApplication:
    """Puts the API and batches before the web application, which serves everything else.

    They need no cookies, forms or templates, and a benchmark sends tens of thousands of them.
    """

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        # The raw address keeps a percent-encoded slash inside a calendar's id apart from a real one.
        path, _, query = str(environ["REQUEST_URI"]).partition("?")
        if path.startswith(_API):
            headers = _headers(environ)
            body = environ["wsgi.input"].read()
            method = str(environ["REQUEST_METHOD"])
            parameters = parse_qs(query, keep_blank_values=True)
            response = api.serve(Request(method, path.removeprefix(_API), parameters, headers, body))
        elif path == _BATCH and environ["REQUEST_METHOD"] == "POST":
            response = batch.answer(_headers(environ), environ["wsgi.input"].read())
        else:
            return app(environ, start)
        start(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.headers.items()))
        return [response.body]

    return application


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    names = {key: key[5:].replace("_", "-").lower() for key in environ if key.startswith("HTTP_")}
    return {"content-type": environ["CONTENT_TYPE"]} | {name: environ[key] for key, name in names.items()}


def _add_pages(app: Flask, state: State, sign_in: SignIn) -> None:
    def language() -> str:
        return request.values.get("hl") or language_of(request.headers.get("Accept-Language", ""))

    def shown(step: Step) -> BaseResponse:
        match step:
            case Page(status, html):
                return WebResponse(html, status, {"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8")
            case Redirect(url):
                return redirect(url, 302)

    def begin() -> BaseResponse:
        with state.lock:
            return shown(sign_in.begin(request.args.to_dict(), language()))

    def choose() -> BaseResponse:
        with state.lock:
            return shown(sign_in.choose(request.form.get("session", ""), request.form.get("account", ""), language()))

    def decide() -> BaseResponse:
        form = request.form
        with state.lock:
            step = sign_in.decide(form.get("session", ""), form.get("action", ""), form.getlist("scope"), language())
            return shown(step)

    app.add_url_rule("/o/oauth2/v2/auth", view_func=begin, methods=["GET"])
    app.add_url_rule("/o/oauth2/auth", endpoint="begin_old", view_func=begin, methods=["GET"])
    app.add_url_rule("/signin/account", view_func=choose, methods=["POST"])
    app.add_url_rule("/signin/consent", view_func=decide, methods=["POST"])


def _add_tokens(app: Flask, state: State, grants: Grants) -> None:
    def token() -> BaseResponse:
        form = request.form
        with state.lock:
            # Client id and secret come in the form, or as HTTP Basic (RFC 6749, section 2.3.1).
            basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
            client_id = basic.username if basic is not None else form.get("client_id")
            client = grants.client(client_id or "", basic.password if basic is not None else form.get("client_secret"))
            match form.get("grant_type"):
                case "authorization_code":
                    code, address = form.get("code", ""), form.get("redirect_uri", "")
                    answer = grants.exchange(client, code, address, form.get("code_verifier"))
                case "refresh_token":
                    answer = grants.renew(client, form.get("refresh_token", ""))
                case other:
                    raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {other or ''}")
        return _sent(json_response(answer, headers={"Cache-Control": "no-store"}))

    def revoke() -> BaseResponse:
        with state.lock:
            grants.revoke(request.values.get("token", ""))
        return WebResponse("{}", 200, content_type=JSON_TYPE)

    app.add_url_rule("/token", view_func=token, methods=["POST"])
    app.add_url_rule("/revoke", view_func=revoke, methods=["POST"])


def _add_identity(app: Flask, state: State, grants: Grants) -> None:
    def token_info() -> BaseResponse:
        with state.lock:
            held = grants.holder(request.values.get("access_token", ""))
            if held is None:
                raise OAuthError(400, "invalid_token", "Invalid Value")
            answer = {
                "azp": held.client_id,
                "aud": held.client_id,
                "sub": held.account.subject,
                "scope": " ".join(held.scopes),
                "exp": str(int(held.expires.timestamp())),
                "expires_in": str(int((held.expires - state.clock()).total_seconds())),
                "access_type": "offline" if held.offline else "online",
            }
            if SIGN_IN["email"] in held.scopes:
                answer |= {"email": held.account.email, "email_verified": "true"}
        return _sent(json_response(answer))

    def user_info() -> BaseResponse:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        with state.lock:
            held = grants.holder(bearer)
            if held is None or not set(held.scopes) & set(SIGN_IN.values()):
                raise OAuthError(401, "invalid_request", "Invalid Credentials")
            answer: dict[str, object] = {"sub": held.account.subject}
            if SIGN_IN["email"] in held.scopes:
                answer |= {"email": held.account.email, "email_verified": True}
            if SIGN_IN["profile"] in held.scopes:
                answer |= {"name": held.account.name, "locale": held.account.locale}
        return _sent(json_response(answer))

    app.add_url_rule("/tokeninfo", view_func=token_info, methods=["GET", "POST"])
    app.add_url_rule("/oauth2/v3/userinfo", view_func=user_info, methods=["GET", "POST"])
    app.add_url_rule("/v1/userinfo", endpoint="user_info_new", view_func=user_info, methods=["GET", "POST"])
