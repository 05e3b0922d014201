"""Pipedrive: activities of API v2."""
