"""Joining the parts: accounts, sign-ins, threads."""
