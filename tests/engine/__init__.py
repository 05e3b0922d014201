"""Tests of `soroe.engine`."""
