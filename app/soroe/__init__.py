"""Soroe keeps CRM activities and a calendar in step."""

__version__ = "0.1.0"
