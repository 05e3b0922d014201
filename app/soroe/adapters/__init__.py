"""Translators between the ports and the services, the machine and its desktop; they decide nothing."""
