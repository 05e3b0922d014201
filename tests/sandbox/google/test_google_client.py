"""The sandbox as Google's own libraries meet it: google-api-python-client and google-auth-oauthlib."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Iterator
from typing import Any

import httplib2
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET, USUAL_SCOPES
from soroe.sandbox.server import DropAfterProcessing
from tests.sandbox.google.caller import meeting, weekly
from tests.sandbox.google.conftest import SATO, SUZUKI


class Browser(webbrowser.BaseBrowser):
    """Stands in for the user's browser under a name of its own."""

    def __init__(self, script: ScriptedBrowser) -> None:
        super().__init__("scripted")
        self.script = script
        self.threads: list[threading.Thread] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.threads.append(self.script.open_in_background(url))
        return True


def _sign_in(google: GoogleSandbox, script: ScriptedBrowser, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    browser = Browser(script)
    webbrowser.register("scripted", None, browser)
    flow = InstalledAppFlow.from_client_config(google.client_config(), list(USUAL_SCOPES))
    try:
        return flow.run_local_server(
            port=0, browser="scripted", timeout_seconds=20, authorization_prompt_message=None, prompt="consent"
        )
    finally:
        flow.oauth2session.close()
        for thread in browser.threads:
            thread.join()


@pytest.fixture
def service(google: GoogleSandbox) -> Iterator[Any]:
    permission = google.give_permission(SATO)
    credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth publishes no types for it
        permission.access_token,
        refresh_token=permission.refresh_token,
        token_uri=google.token_endpoint,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=10))
    options = {"api_endpoint": google.api_endpoint}
    made = build("calendar", "v3", http=http, client_options=options, static_discovery=True)
    yield made
    http.http.close()


def test_the_installed_app_flow_signs_in(google: GoogleSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = _sign_in(google, ScriptedBrowser(SUZUKI), monkeypatch)
    assert set(credentials.granted_scopes) == set(USUAL_SCOPES)
    assert credentials.refresh_token
    assert credentials.valid


def test_the_installed_app_flow_shows_what_was_not_ticked(
    google: GoogleSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = ScriptedBrowser(SATO, tick=["calendar.calendarlist.readonly"])
    credentials = _sign_in(google, script, monkeypatch)
    assert set(USUAL_SCOPES) - set(credentials.granted_scopes) == {USUAL_SCOPES[2]}


def test_the_installed_app_flow_hears_of_a_cancel(google: GoogleSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="access_denied"):
        _sign_in(google, ScriptedBrowser(SATO, allow=False), monkeypatch)


def test_the_client_library_reads_and_writes(google: GoogleSandbox, service: Any) -> None:
    events = service.events()
    made = events.insert(calendarId="primary", body=weekly(id="abcdef"), sendUpdates="none").execute()
    instances = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    assert len(instances) == 4
    request = events.patch(calendarId="primary", eventId=instances[1]["id"], body={"summary": "別"}, sendUpdates="none")
    request.headers["If-Match"] = instances[1]["etag"]
    assert request.execute()["summary"] == "別"
    listing = events.list(calendarId="primary", maxResults=1)
    seen = []
    while listing is not None:
        answer = listing.execute()
        seen += [item["id"] for item in answer["items"]]
        listing = events.list_next(listing, answer)
    assert seen == [made["id"], instances[1]["id"]]
    assert answer["nextSyncToken"]
    events.delete(calendarId="primary", eventId=made["id"], sendUpdates="none").execute()
    assert google.mails_sent == ()
    assert service.calendarList().list().execute()["items"][0]["id"] == SATO


def test_the_client_library_names_the_reason_of_a_refusal(service: Any) -> None:
    with pytest.raises(HttpError) as caught:
        service.events().insert(calendarId="primary", body={"summary": "x"}).execute()
    assert caught.value.status_code == 400
    assert caught.value.error_details[0]["reason"] == "required"


def test_the_client_library_renews_its_token_by_itself(google: GoogleSandbox, service: Any) -> None:
    google.expire_access_tokens()
    assert service.events().list(calendarId="primary").execute()["items"] == []
    assert google.requests.count("POST", "/token") == 1


def test_the_client_library_hears_of_a_dead_refresh_token(google: GoogleSandbox, service: Any) -> None:
    google.expire_refresh_tokens()
    with pytest.raises(RefreshError) as caught:
        service.events().list(calendarId="primary").execute()
    assert caught.value.args[1]["error"] == "invalid_grant"
    assert caught.value.retryable is False


def test_an_own_id_survives_the_transports_silent_repetition(google: GoogleSandbox, service: Any) -> None:
    service.events().list(calendarId="primary").execute()
    google.faults.add(DropAfterProcessing(), method="POST")
    with pytest.raises(HttpError) as caught:
        service.events().insert(calendarId="primary", body=meeting(id="abcdef"), sendUpdates="none").execute()
    assert caught.value.error_details[0]["reason"] == "duplicate"
    assert google.requests.count("POST", "/events") == 2
    assert len(google.events(SATO)) == 1


def test_the_client_library_sends_batches(google: GoogleSandbox, service: Any) -> None:
    answers: dict[str, Any] = {}

    def note(name: str, answer: Any, error: Any) -> None:
        answers[name] = error.error_details[0]["reason"] if error else answer["summary"]

    batch = BatchHttpRequest(callback=note, batch_uri=google.batch_endpoint)
    for name, event_id in (("a", "aaaaa"), ("b", "bbbbb"), ("c", "aaaaa")):
        insert = service.events().insert(calendarId="primary", body=meeting(name, id=event_id), sendUpdates="none")
        batch.add(insert, request_id=name)
    batch.execute()
    assert answers == {"a": "a", "b": "b", "c": "duplicate"}
    assert google.requests.count() == 1
