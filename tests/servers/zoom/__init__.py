"""A server shaped like Zoom."""

from __future__ import annotations

from .server import CLIENT_ID, SCOPES, ZoomServer

__all__ = ["CLIENT_ID", "SCOPES", "ZoomServer"]
