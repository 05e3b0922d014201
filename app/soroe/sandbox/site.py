"""The web application of a sandbox: Flask's, quicker to make."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from flask import Flask
from werkzeug.routing import Rule


def _never_built(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("A sandbox builds no address from its rules: write the address out.")


class _Rule(Rule):
    """Matches addresses. What would build them from names is compiled for every rule, and nobody here asks for it."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _never_built


class Site(Flask):
    """Flask for servers that are made anew for every test: half of the time went into what `url_for` needs."""

    url_rule_class = _Rule
