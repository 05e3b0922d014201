"""The browser that signs in by itself, on a site made up for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from soroe.sandbox.browser import PageNotUnderstood, ScriptedBrowser
from soroe.sandbox.server import LoopbackServer

PASSWORD_PAGE = """<form method="post" action="/password"><input type="hidden" name="ticket" value="t&amp;1">
<input type="email" name="email"><input type="password" name="password"><button type="submit">Next</button></form>"""
CONSENT_PAGE = """<p>Site</p><form action="consent" method="get">
<input type="radio" name="team" value="east"><input type="radio" name="team" value="b@example.com">
<label><input type="checkbox" name="scope" value="https://site/read">Read</label>
<label><input type="checkbox" name="scope" value="https://site/write">Write</label>
<input type="checkbox" name="scope" value="https://site/fixed" checked disabled>
<button name="decision" value="cancel">No</button><button name="decision" value="allow">Yes</button></form>"""


@pytest.fixture
def site() -> Iterator[LoopbackServer]:
    app = Flask("site")

    def password() -> str | tuple[str, int] | Response:
        if request.method == "GET":
            return PASSWORD_PAGE
        right = (request.form["ticket"], request.form["password"]) == ("t&1", "sandbox")
        return redirect("/consent-page") if right else ("<p>Wrong password</p>" + PASSWORD_PAGE, 401)

    def consent() -> str:
        values = request.args
        return f"{values['decision']} {values.get('team')} {' '.join(values.getlist('scope'))}"

    def loop() -> Response:
        return redirect("/loop")

    app.add_url_rule("/password", view_func=password, methods=["GET", "POST"])
    app.add_url_rule("/consent-page", endpoint="page", view_func=lambda: CONSENT_PAGE)
    app.add_url_rule("/consent", view_func=consent)
    app.add_url_rule("/odd", endpoint="odd", view_func=lambda: CONSENT_PAGE.replace("allow", "maybe"))
    app.add_url_rule("/loop", view_func=loop)
    with LoopbackServer(app.wsgi_app) as server:
        yield server


def test_it_signs_in_ticks_everything_and_allows(site: LoopbackServer) -> None:
    end = ScriptedBrowser("b@example.com").open(f"{site.url}/password")
    assert end == "allow b@example.com https://site/read https://site/write"


def test_it_ticks_only_what_it_is_told(site: LoopbackServer) -> None:
    assert ScriptedBrowser(tick=["read"]).open(f"{site.url}/consent-page") == "allow east https://site/read"
    assert ScriptedBrowser(tick=[]).open(f"{site.url}/consent-page") == "allow east "


def test_it_cancels(site: LoopbackServer) -> None:
    assert ScriptedBrowser(allow=False).open(f"{site.url}/consent-page").startswith("cancel")


def test_it_says_what_a_page_answered_that_leads_nowhere(site: LoopbackServer) -> None:
    with pytest.raises(PageNotUnderstood, match="401: Wrong password"):
        ScriptedBrowser(password="wrong").open(f"{site.url}/password")
    with pytest.raises(PageNotUnderstood, match="no button to allow"):
        ScriptedBrowser().open(f"{site.url}/odd")
    with pytest.raises(PageNotUnderstood, match="did not end"):
        ScriptedBrowser().open(f"{site.url}/loop")


def test_it_works_in_the_background_like_a_browser(site: LoopbackServer) -> None:
    browser = ScriptedBrowser()
    browser.open_in_background(f"{site.url}/password").join()
    assert browser.visited[-1].startswith(f"{site.url}/consent?")
