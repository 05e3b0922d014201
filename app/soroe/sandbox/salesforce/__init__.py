"""A server shaped like Salesforce's REST API on loopback, for trying, testing and the demo."""

from __future__ import annotations

from soroe.sandbox.salesforce.org import User
from soroe.sandbox.salesforce.sandbox import CLIENT_ID, REDIRECTS, SalesforceSandbox

__all__ = ["CLIENT_ID", "REDIRECTS", "SalesforceSandbox", "User"]
