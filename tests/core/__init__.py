"""Tests of `soroe.core`."""
