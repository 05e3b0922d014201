"""A server shaped like Pipedrive on loopback, for the demo and the tests."""

from __future__ import annotations

from soroe.sandbox.pipedrive.activity import Activity, User
from soroe.sandbox.pipedrive.budget import Plan
from soroe.sandbox.pipedrive.sandbox import CLIENT_ID, REDIRECT, PipedriveSandbox

__all__ = ["CLIENT_ID", "REDIRECT", "Activity", "PipedriveSandbox", "Plan", "User"]
