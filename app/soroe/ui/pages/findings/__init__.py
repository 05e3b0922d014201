"""Findings: what a person should know or decide, with buttons that act."""
