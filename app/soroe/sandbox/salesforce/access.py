"""Who calls: the session behind a token, and whether the API is open to it."""

from __future__ import annotations

from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.sign_in import SalesforceSignIn


class Access:
    """Checks the Authorization header of every request."""

    def __init__(self, org: Org, sign_in: SalesforceSignIn) -> None:
        self.api_enabled = True
        self.without_api: set[str] = set()
        self._org = org
        self._sign_in = sign_in

    def caller(self, header: str) -> User:
        """The user who calls; raises INVALID_SESSION_ID, or what closes the API to the org or to this user."""
        scheme, _, token = header.partition(" ")
        found = self._sign_in.access(token.strip()) if scheme.lower() in ("bearer", "oauth") else None
        if found is None or not found[1] or not self._org.is_active(found[0].user_id):
            raise Refusal("INVALID_SESSION_ID", "Session expired or invalid")
        grant = found[0]
        if not self.api_enabled:
            raise Refusal("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
        if grant.user_id in self.without_api:
            raise Refusal("API_CURRENTLY_DISABLED", "API is disabled for this User")
        if "api" not in grant.scopes:
            raise Refusal("FORBIDDEN", "This session is not valid for use with the REST API")
        return self._org.users[grant.user_id]
