"""Servers that only tests need; those of the demo are in `soroe.sandbox`."""
