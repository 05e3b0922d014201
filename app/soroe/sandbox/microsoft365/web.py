"""The addresses of the sandbox: Graph, its batches, and everything about signing in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask, redirect, request
from flask import Response as WebResponse
from werkzeug.wrappers import Response as BaseResponse

from soroe.sandbox.microsoft365.api import GraphApi
from soroe.sandbox.microsoft365.batch import Batch
from soroe.sandbox.microsoft365.entra_errors import EntraError
from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.grants import Grants
from soroe.sandbox.microsoft365.http import Request
from soroe.sandbox.microsoft365.model import State
from soroe.sandbox.microsoft365.pages import language_of
from soroe.sandbox.microsoft365.scopes import read_scopes
from soroe.sandbox.microsoft365.sign_in import Page, Redirect, SignIn, Step, read_claims
from soroe.sandbox.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_API = "/v1.0/"
_ANY_TENANT = ("common", "organizations", "consumers")


class Entra:
    """What the pages and the token endpoint share: the state, and the two addresses the server has."""

    def __init__(
        self, state: State, grants: Grants, sign_in: SignIn, plain: Callable[[], str], tls: Callable[[], str]
    ) -> None:
        self.state = state
        self.grants = grants
        self.sign_in = sign_in
        self.plain = plain
        self.tls = tls
        self.domains: set[str] = set()
        self.refusals: list[EntraError] = []

    def check_tenant(self, tenant: str) -> None:
        if tenant.lower() not in (*_ANY_TENANT, self.grants.tenant, *self.domains):
            text = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
            raise EntraError(90002, "invalid_tenant", text)

    def configuration(self, tenant: str, base: str) -> Json:
        """The OpenID configuration as it is told to who asks at `base`.

        The sign-in page is on plain HTTP, which a browser opens without complaint.
        """
        self.check_tenant(tenant)
        own = self.grants.tenant if tenant not in _ANY_TENANT else tenant
        here = f"{base}/{own}"
        return {
            "token_endpoint": f"{here}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{here}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["HS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{self.tls()}/{{tenantid}}/v2.0" if own in _ANY_TENANT else f"{self.tls()}/{own}/v2.0",
            "authorization_endpoint": f"{self.plain()}/{own}/oauth2/v2.0/authorize",
            "end_session_endpoint": f"{self.plain()}/{own}/oauth2/v2.0/logout",
            "tenant_region_scope": "AS",
            "cloud_instance_name": "microsoftonline.com",
        }

    def token(self, tenant: str, form: dict[str, str]) -> Json:
        """Answers the token endpoint."""
        self.check_tenant(tenant)
        if self.refusals:
            raise self.refusals.pop(0)
        client_id = form.get("client_id", "")
        if client_id not in self.grants.clients:
            text = f"Application with identifier '{client_id}' was not found."
            raise EntraError(700016, "unauthorized_client", text)
        if form.get("client_secret"):
            text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
            raise EntraError(700025, "invalid_client", text, status=401)
        match form.get("grant_type"):
            case "authorization_code":
                answer = self.grants.exchange(
                    client_id, form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
                )
            case "refresh_token":
                scopes, claims = read_scopes(form.get("scope", "")), read_claims(form.get("claims", ""))
                answer = self.grants.renew(client_id, form.get("refresh_token", ""), scopes, claims)
            case other:
                raise EntraError(70003, "unsupported_grant_type", f"The grant type '{other or ''}' is not supported.")
        if form.get("client_info") == "1":
            account = self.grants.access[answer["access_token"]].account
            answer["client_info"] = self.grants.client_info(account)
        return answer


def make_app(entra: Entra) -> Flask:
    """Makes the web application for everything about signing in."""
    app = Site("microsoft365-sandbox", static_folder=None)
    _add_pages(app, entra)
    _add_tokens(app, entra)

    def refused(error: EntraError) -> BaseResponse:
        body = error.body(entra.state.clock(), request.headers.get("client-request-id", ""))
        return _json(body, error.status)

    app.register_error_handler(EntraError, refused)
    return app


def serve_api(app: WSGIApplication, api: GraphApi, batch: Batch, bases: Callable[[str], str]) -> WSGIApplication:
    """Puts Graph before the web application, which serves everything else; `bases` tells the address of a host."""

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        # The raw address keeps a percent-encoded slash inside an id apart from a real one.
        path, _, text = str(environ["REQUEST_URI"]).partition("?")
        if not path.startswith(_API):
            return app(environ, start)
        query = {name.lower().removeprefix("$"): value for name, value in parse_qsl(text, keep_blank_values=True)}
        graph = Request(
            str(environ["REQUEST_METHOD"]),
            path.removeprefix(_API),
            query,
            _headers(environ),
            environ["wsgi.input"].read(),
            bases(environ.get("HTTP_HOST", "")),
        )
        response = batch.answer(graph) if graph.path == "$batch" else api.serve(graph)
        start(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.headers.items()))
        return [response.body]

    return application


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    names = {key: key[5:].replace("_", "-").lower() for key in environ if key.startswith("HTTP_")}
    return {"content-type": environ["CONTENT_TYPE"]} | {name: environ[key] for key, name in names.items()}


def _json(value: Json, status: int = 200) -> WebResponse:
    kind = "application/json; charset=utf-8"
    return WebResponse(json.dumps(value), status, {"Cache-Control": "no-store, no-cache"}, content_type=kind)


def _add_pages(app: Flask, entra: Entra) -> None:
    sign_in = entra.sign_in

    def language() -> str:
        return language_of(request.headers.get("Accept-Language", ""))

    def shown(step: Step) -> BaseResponse:
        match step:
            case Page(status, html):
                return WebResponse(html, status, {"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8")
            case Redirect(url):
                return redirect(url, 302)

    def begin(tenant: str) -> BaseResponse:
        with entra.state.lock:
            entra.check_tenant(tenant)
            return shown(sign_in.begin(tenant.lower(), request.args.to_dict(), language()))

    def choose() -> BaseResponse:
        with entra.state.lock:
            return shown(sign_in.choose(request.form.get("session", ""), request.form.get("account", ""), language()))

    def decide() -> BaseResponse:
        with entra.state.lock:
            return shown(sign_in.decide(request.form.get("session", ""), request.form.get("action", ""), language()))

    app.add_url_rule("/<tenant>/oauth2/v2.0/authorize", view_func=begin, methods=["GET"])
    app.add_url_rule("/signin/account", view_func=choose, methods=["POST"])
    app.add_url_rule("/signin/consent", view_func=decide, methods=["POST"])


def _add_tokens(app: Flask, entra: Entra) -> None:
    def configuration(tenant: str) -> BaseResponse:
        with entra.state.lock:
            base = entra.tls() if f"https://{request.host}" == entra.tls() else entra.plain()
            return _json(entra.configuration(tenant, base))

    def instances() -> BaseResponse:
        host = entra.tls().removeprefix("https://")
        found = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        address = f"{entra.tls()}/organizations/v2.0/.well-known/openid-configuration"
        return _json({"tenant_discovery_endpoint": address, "api-version": "1.1", "metadata": [found]})

    def keys(tenant: str) -> BaseResponse:
        entra.check_tenant(tenant)
        return _json({"keys": []})

    def token(tenant: str) -> BaseResponse:
        with entra.state.lock:
            return _json(entra.token(tenant, request.form.to_dict()))

    app.add_url_rule("/<tenant>/v2.0/.well-known/openid-configuration", view_func=configuration, methods=["GET"])
    app.add_url_rule("/common/discovery/instance", view_func=instances, methods=["GET"])
    app.add_url_rule("/<tenant>/discovery/v2.0/keys", view_func=keys, methods=["GET"])
    app.add_url_rule("/<tenant>/oauth2/v2.0/token", view_func=token, methods=["POST"])
