"""The heads of requests: written and checked once for requests that differ in nothing but their bodies."""

from __future__ import annotations

import pytest

from soroe.adapters.net.heads import RequestHeads

HOST = "crm.example.com"


def test_requests_with_other_bodies_differ_in_nothing_but_the_length() -> None:
    heads = RequestHeads(HOST)
    lines = b"POST /a?b=c HTTP/1.1\r\nhost: crm.example.com\r\naccept: */*\r\n"
    first = heads.head("POST", "/a?b=c", {"accept": "*/*"}, b"four")
    second = heads.head("POST", "/a?b=c", {"accept": "*/*"}, b"twelve bytes")
    third = heads.head("POST", "/a?b=c", {"accept": "*/*"}, None)
    assert (first, second) == (lines + b"content-length: 4\r\n\r\n", lines + b"content-length: 12\r\n\r\n")
    assert third == lines + b"content-length: 0\r\n\r\n"


def test_another_method_address_or_key_makes_another_head() -> None:
    heads = RequestHeads(HOST)
    asked = [
        ("GET", "/a", {"key": "one"}),
        ("GET", "/a", {"key": "two"}),
        ("GET", "/b", {"key": "two"}),
        ("DELETE", "/b", {"key": "two"}),
        ("DELETE", "/b", {}),
    ]
    told = [heads.head(method, target, headers, None) for method, target, headers in asked]
    assert told == [RequestHeads(HOST).head(method, target, headers, None) for method, target, headers in asked]
    assert len(set(told)) == len(asked)


def test_headers_that_are_used_once_more_with_another_value_are_told_anew() -> None:
    heads, headers = RequestHeads(HOST), {"key": "one"}
    heads.head("GET", "/a", headers, None)
    headers["key"] = "two"
    assert b"key: two\r\n" in heads.head("GET", "/a", headers, None)


@pytest.mark.parametrize(
    "headers",
    [
        {"key": "a\r\nother: b"},
        {"key": "a\nb"},
        {"key": "a\rb"},
        {"key": "a\0"},
        {"a b": "c"},
        {"a: b": "c"},
        {"": "c"},
    ],
)
def test_what_would_be_two_headers_is_refused_each_time(headers: dict[str, str]) -> None:
    heads = RequestHeads(HOST)
    for _ in range(2):
        with pytest.raises(ValueError, match="no header"):
            heads.head("GET", "/a", headers, None)


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/a b"), ("GET", "/a\r\n"), ("GET", "/\u00e9"), ("GET", ""), ("get", "/a"), ("", "/a"), ("", "")],
)
def test_what_is_no_request_line_is_refused(method: str, target: str) -> None:
    with pytest.raises(ValueError, match="no header"):
        RequestHeads(HOST).head(method, target, {}, None)
