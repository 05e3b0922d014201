"""What is taken for a page for people, and what only looks a little like one."""

from __future__ import annotations

import pytest

from soroe.adapters.net.failures import is_web_page


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b""),
        ("Text/HTML; charset=utf-8", b'{"a": 1}'),
        ("application/xhtml+xml", b"<?xml version='1.0'?>"),
        ("text/html;charset=utf-8, text/html", b""),
        ("text/plain", b"<!DOCTYPE html>"),
        ("application/json", b"\r\n  <HTML><head>"),
        ("", b"<!doctype html>"),
    ],
)
def test_a_page_is_known_by_its_type_or_by_how_it_begins(kind: str, body: bytes) -> None:
    assert is_web_page({"content-type": kind} if kind else {}, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json; charset=utf-8", b'{"a": "<html>"}'),
        ("multipart/mixed; boundary=batch_9xHtMl", b"--batch_9xHtMl\r\n"),
        ("application/json; profile=html", b"{}"),
        ("text/xml", b"<?xml version='1.0'?>"),
        ("", b""),
    ],
)
def test_what_tells_of_pages_elsewhere_is_none(kind: str, body: bytes) -> None:
    assert not is_web_page({"content-type": kind} if kind else {}, body)
