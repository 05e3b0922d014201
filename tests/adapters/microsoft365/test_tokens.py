"""Access tokens: renewed in time, never lost, and one sign-in shared by whoever holds the secret."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from soroe.adapters.microsoft365.tokens import Microsoft365Secret, Tokens
from soroe.ports.errors import AdminRequired, LocalTrouble, PortError, RetryLater, ServiceFault, SignInRequired
from tests.fakes.clock import Clock

from .entra import SETTINGS, TENANT, UID, UTID, Entra, secret_text


class Shelf:
    """A keychain's one item, and everything that was kept in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kept: list[str] = []
        self.asked = 0
        self.replaced_after = 0  # another process keeps a newer secret before that reading

    def secret(self) -> str:
        self.asked += 1
        if self.asked == self.replaced_after:
            self.text = secret_text(8)
        return self.text

    def keep(self, text: str) -> None:
        self.kept.append(text)
        self.text = text


def tokens_over(shelf: Shelf, entra: Entra, clock: Clock | None = None) -> Tokens:
    return Tokens(SETTINGS, shelf.secret, shelf.keep, entra, now=clock or Clock())


def refreshes(text: str) -> set[str]:
    cache = json.loads(Microsoft365Secret.parse(text).cache)
    return {entry["secret"] for entry in cache["RefreshToken"].values()}


def test_a_token_in_the_cache_is_used_without_asking() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    assert tokens.access() == tokens.access() == "at-0"
    assert entra.forms == [] and shelf.kept == [] and shelf.asked == 1


def test_a_refused_token_is_renewed_and_the_new_refresh_token_kept_before_it_is_used() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    assert tokens.access(refused=tokens.access()) == "at-1"
    assert [form["refresh_token"] for form in entra.forms] == ["rt-0"]
    assert refreshes(shelf.text) == {"rt-1"}


def test_a_token_whose_cache_could_not_be_kept_is_not_handed_out() -> None:
    shelf, entra = Shelf(secret_text()), Entra()

    def locked(_text: str) -> None:
        raise LocalTrouble("keychain_locked")

    tokens = Tokens(SETTINGS, shelf.secret, locked, entra, now=Clock())
    with pytest.raises(LocalTrouble):
        tokens.access(refused=tokens.access())


def test_what_another_process_has_renewed_is_taken_and_not_renewed_again() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    shelf.text = secret_text(7)
    assert tokens.access(refused=refused) == "at-7" and entra.forms == []


def test_a_refresh_token_that_another_process_has_replaced_is_no_end() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    entra.answers.append((400, {"error": "invalid_grant", "error_codes": [70000]}))
    shelf.replaced_after = 3
    assert tokens.access(refused=refused) == "at-8"


def test_many_threads_renew_once() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(tokens.access(refused=refused))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {"at-1"} and len(entra.forms) == 1


def test_a_token_near_its_end_is_asked_for_anew() -> None:
    clock = Clock()
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra, clock)
    tokens.access()
    clock.later(minutes=57)
    tokens.access()
    assert shelf.asked == 2


REFUSALS: list[tuple[int, dict[str, Any], type[PortError], str]] = [
    (400, {"error": "invalid_grant", "error_codes": [700082]}, SignInRequired, "AADSTS700082"),
    (400, {"error": "interaction_required", "error_codes": [50076]}, SignInRequired, "AADSTS50076"),
    (400, {"error": "interaction_required", "error_codes": [53003]}, AdminRequired, "conditional_access:AADSTS53003"),
    (401, {"error": "invalid_client", "error_codes": [7000218]}, ServiceFault, "AADSTS7000218"),
    (429, {}, RetryLater, "authority_http_429"),
    (503, {}, RetryLater, "authority_http_503"),
    (407, {}, AdminRequired, "proxy_authentication"),
]


@pytest.mark.parametrize(("status", "answer", "kind", "code"), REFUSALS, ids=[row[3] for row in REFUSALS])
def test_a_refused_renewal_says_what_to_do(
    status: int, answer: dict[str, Any], kind: type[PortError], code: str
) -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    entra.answers.append((status, answer))
    with pytest.raises(kind) as trouble:
        tokens.access(refused=refused)
    assert str(trouble.value) == code and shelf.kept == []


def test_an_answer_that_is_no_json_is_asked_for_again_later() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    entra.answers.append((200, {"id_token": 7, "access_token": 8, "client_info": []}))
    with pytest.raises(PortError):
        tokens.access(refused=refused)


def test_claims_that_silence_cannot_meet_are_kept_for_the_next_sign_in() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    refused = tokens.access()
    entra.answers.append((400, {"error": "interaction_required", "error_codes": [50076]}))
    with pytest.raises(SignInRequired):
        tokens.access(refused=refused, claims='{"access_token":{}}')
    assert "access_token" in entra.forms[0]["claims"]
    kept = Microsoft365Secret.parse(shelf.text)
    assert kept.claims == '{"access_token":{}}' and refreshes(shelf.text) == {"rt-0"}


def test_claims_that_silence_can_meet_bring_a_new_token() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    assert tokens.access(refused=tokens.access(), claims='{"access_token":{}}') == "at-1"


def test_noted_claims_stand_beside_the_cache() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    tokens.access()
    tokens.note_claims("{}")
    tokens.note_claims("{}")
    assert Microsoft365Secret.parse(shelf.text).claims == "{}" and len(shelf.kept) == 1
    assert tokens.access() == "at-0"


def test_every_request_says_that_challenges_are_understood() -> None:
    shelf, entra = Shelf(secret_text()), Entra()
    tokens = tokens_over(shelf, entra)
    tokens.access(refused=tokens.access())
    assert "cp1" in entra.forms[0]["claims"]


def test_the_account_is_told_by_a_key_that_stays() -> None:
    tokens = tokens_over(Shelf(secret_text()), Entra())
    assert (tokens.account().key, tokens.account().name) == (f"{UID}.{UTID}", "sato@example.com")


def test_what_was_granted_is_known_from_the_tokens() -> None:
    tokens = tokens_over(Shelf(secret_text()), Entra())
    tokens.access()
    assert tokens.granted("Calendars.ReadWrite") and not tokens.granted("Mail.Read")


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[]", "null", '{"kind":"microsoft365"}', '{"kind":"google"}', "[" * 9999]
)
def test_a_damaged_secret_asks_for_a_sign_in(text: str) -> None:
    with pytest.raises(SignInRequired):
        tokens_over(Shelf(text), Entra()).access()


@pytest.mark.parametrize("cache", ["x", "[]", "{}", '{"Account":7}', '{"Account":{"a":7},"RefreshToken":{}}'])
def test_a_damaged_cache_asks_for_a_sign_in(cache: str) -> None:
    with pytest.raises(SignInRequired):
        tokens_over(Shelf(Microsoft365Secret(cache, SETTINGS.client_id).text()), Entra()).access()


def test_another_applications_secret_asks_for_a_sign_in() -> None:
    with pytest.raises(SignInRequired, match="other_client"):
        tokens_over(Shelf(secret_text(settings=replace(SETTINGS, client_id="other"))), Entra()).access()


def test_an_authority_on_this_machine_is_reached_by_plain_http_though_msal_knows_none() -> None:
    settings = replace(SETTINGS, authority="http://127.0.0.1:5005/")
    shelf, entra = Shelf(secret_text(settings=settings)), Entra("http://127.0.0.1:5005")
    tokens = Tokens(settings, shelf.secret, shelf.keep, entra, now=Clock())
    assert tokens.access(refused=tokens.access()) == "at-1"
    assert entra.addresses[0] == f"http://127.0.0.1:5005/{TENANT}/v2.0/.well-known/openid-configuration"
    assert all(address.startswith("http://127.0.0.1:5005/") for address in entra.addresses)


def test_an_authority_elsewhere_is_never_reached_by_plain_http() -> None:
    settings = replace(SETTINGS, authority="http://login.example/")
    shelf = Shelf(secret_text(settings=settings))
    with pytest.raises(ServiceFault, match="unsafe_address"):
        Tokens(settings, shelf.secret, shelf.keep, Entra(), now=Clock()).access()


def test_an_unknown_tenant_is_our_settings_fault() -> None:
    class Nobody(Entra):
        def _answer(self, status: int, value: Any) -> Any:
            return super()._answer(400, {"error": "invalid_tenant"})

    with pytest.raises(ServiceFault, match="authority_unknown"):
        tokens_over(Shelf(secret_text()), Nobody()).access()


def test_a_secret_says_nothing_of_itself_when_shown() -> None:
    assert "rt-0" not in repr(Microsoft365Secret.parse(secret_text()))
