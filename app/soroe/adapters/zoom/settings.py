"""Where Zoom is reached, and how this program is registered there (zoom-teams: Zoom OAuth)."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.adapters.net.oauth import OAuthClient

READ_USER = "user:read:user"
LIST_MEETINGS = "meeting:read:list_meetings"
WRITE_MEETING = "meeting:write:meeting"
DELETE_MEETING = "meeting:delete:meeting"
SCOPES = (READ_USER, LIST_MEETINGS, WRITE_MEETING, DELETE_MEETING)
"""Granular scopes. Their exact names could not be verified; an app registered with others sets `scopes` to them."""


@dataclass(frozen=True, slots=True)
class ZoomSettings:
    """The company's Zoom app and Zoom's addresses. Zoom ignores the port of a loopback redirect."""

    client_id: str
    scopes: tuple[str, ...] = SCOPES
    api_endpoint: str = "https://api.zoom.us/v2/"
    authorization_endpoint: str = "https://zoom.us/oauth/authorize"
    token_endpoint: str = "https://zoom.us/oauth/token"  # noqa: S105 -- an address

    def client(self) -> OAuthClient:
        """The program as Zoom knows it: a public client with PKCE."""
        return OAuthClient(self.authorization_endpoint, self.token_endpoint, self.client_id, self.scopes)
