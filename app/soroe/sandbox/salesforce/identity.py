"""Who has signed in: the identity address and userinfo, outside the REST API and its budget."""

from __future__ import annotations

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, request

from soroe.sandbox.salesforce.org import Org
from soroe.sandbox.salesforce.sign_in import SalesforceSignIn
from soroe.sandbox.salesforce.web import json_answer


class IdentityPages:
    """Tells a program whose session it holds."""

    def __init__(self, org: Org, sign_in: SalesforceSignIn, lock: threading.RLock) -> None:
        self._org = org
        self._sign_in = sign_in
        self._lock = lock

    def install(self, app: Flask) -> None:
        app.add_url_rule("/id/<org_id>/<user_id>", "identity", self._identity)
        app.add_url_rule("/services/oauth2/userinfo", "userinfo", self._userinfo)

    def _identity(self, org_id: str, user_id: str) -> Response:
        with self._lock:
            signed_in = self._signed_in()
            if isinstance(signed_in, Response):
                return signed_in
            if org_id != self._org.id or user_id != signed_in[0]:
                return Response("Wrong_Org", 403)
            user, now = self._org.users[user_id], self._org.now()
            base = self._sign_in.address
            return json_answer(
                {
                    "id": self._sign_in.identity(user_id),
                    "asserted_user": True,
                    "user_id": user_id,
                    "organization_id": org_id,
                    "username": user.email,
                    "display_name": user.name,
                    "email": user.email,
                    "active": self._org.is_active(user_id),
                    "user_type": "STANDARD",
                    "timezone": user.time_zone,
                    "utcOffset": _offset(user.time_zone, now),
                    "urls": {
                        "rest": f"{base}/services/data/v{{version}}/",
                        "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
                        "query": f"{base}/services/data/v{{version}}/query/",
                    },
                }
            )

    def _userinfo(self) -> Response:
        with self._lock:
            signed_in = self._signed_in()
            if isinstance(signed_in, Response):
                return signed_in
            user_id, scopes = signed_in
            if "openid" not in scopes:
                return Response("Bad_OAuth_Token", 403)
            user = self._org.users[user_id]
            return json_answer(
                {
                    "sub": self._sign_in.identity(user_id),
                    "user_id": user_id,
                    "organization_id": self._org.id,
                    "preferred_username": user.email,
                    "name": user.name,
                    "email": user.email,
                    "zoneinfo": user.time_zone,
                }
            )

    def _signed_in(self) -> tuple[str, tuple[str, ...]] | Response:
        token = request.headers.get("Authorization", "").partition(" ")[2].strip()
        found = self._sign_in.access(token)
        if found is None or not found[1]:
            return Response("Bad_OAuth_Token" if token else "Missing_OAuth_Token", 403)
        return found[0].user_id, found[0].scopes


def _offset(zone: str, now: datetime) -> int:
    """Milliseconds east of UTC, without summer time."""
    local = now.astimezone(ZoneInfo(zone))
    offset, summer = local.utcoffset(), local.dst()
    assert offset is not None and summer is not None
    return int((offset - summer).total_seconds() * 1000)
