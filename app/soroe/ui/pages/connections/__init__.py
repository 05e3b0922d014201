"""Connections: the accounts, their state, and what mends it."""
