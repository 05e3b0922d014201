"""Whole runs on real HTTP: the program, the sandbox servers, nothing in between."""
