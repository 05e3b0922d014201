"""Tray and window."""
