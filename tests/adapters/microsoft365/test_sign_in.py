"""Signing in: in the user's own browser, as the account it is meant for, with what is needed and nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from soroe.adapters.microsoft365.sign_in import Microsoft365SignIn
from soroe.adapters.microsoft365.tokens import Microsoft365Secret
from soroe.adapters.net.redirect import RedirectPages
from soroe.ports.errors import AdminRequired, ConsentMissing, LocalTrouble, PortError, RetryLater, SignInRequired
from soroe.ports.remote import Identity
from soroe.ports.sign_in import SignedIn, SignInCancelled, WrongAccount
from tests.fakes.clock import Clock

from .entra import SETTINGS, UID, UTID, Entra, secret_text

PAGES = RedirectPages(Path(__file__).parents[3] / "resources" / "sign-in")
SATO = Identity(f"{UID}.{UTID}", "sato@example.com")


class Person:
    """Who sits at the browser: sends the given answer back to the program, as a form, and remembers what was asked."""

    def __init__(self, answer: dict[str, str] | None = None, *, posts: bool = True) -> None:
        self.answer = {"code": "the-code"} if answer is None else answer
        self.posts = posts
        self.asked: dict[str, str] = {}
        self.page = b""
        self.address = ""

    def opens(self, address: str) -> bool:
        self.address = address
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        threading.Thread(target=self._answers, daemon=True).start()
        return True

    def _answers(self) -> None:
        form = urlencode({"state": self.asked["state"], **self.answer})
        back = self.asked["redirect_uri"]
        request = Request(back, form.encode()) if self.posts else Request(f"{back}/?{form}")
        with urlopen(request, timeout=90) as page:
            self.page = page.read()


@pytest.fixture
def entra() -> Entra:
    return Entra()


def signing(
    entra: Entra, opens: Callable[[str], bool], former: str = "", settings: Any = SETTINGS
) -> Microsoft365SignIn:
    sign_in = Microsoft365SignIn(settings, open_browser=opens, pages=PAGES, now=Clock(), former=former)
    sign_in._client = entra
    return sign_in


def signs_in(entra: Entra, person: Person, expected: Identity | None = None, former: str = "") -> SignedIn:
    def opens(address: str) -> bool:
        entra.nonce = parse_qs(urlsplit(address).query)["nonce"][0].partition("|")[0]
        return person.opens(address)

    return signing(entra, opens, former).run(expected, timeout=90)


def test_a_sign_in_gives_the_secret_and_whose_it_is(entra: Entra) -> None:
    person = Person()
    done = signs_in(entra, person)
    assert done.identity == SATO and "rt-1" in Microsoft365Secret.parse(done.secret).cache
    assert person.asked["code_challenge_method"] == "S256" and entra.forms[0]["code_verifier"]
    assert person.asked["redirect_uri"].startswith("http://localhost:")
    assert "Calendars.ReadWrite" in person.asked["scope"] and "offline_access" in person.asked["scope"]


def test_the_answer_may_come_as_a_form_or_in_the_address(entra: Entra) -> None:
    assert signs_in(entra, Person(posts=True)).identity == signs_in(entra, Person(posts=False)).identity == SATO


def test_the_account_to_be_reconnected_is_suggested(entra: Entra) -> None:
    person = Person()
    signs_in(entra, person, SATO)
    assert person.asked["login_hint"] == "sato@example.com" and "prompt" not in person.asked


def test_another_account_is_refused_by_name(entra: Entra) -> None:
    with pytest.raises(WrongAccount) as wrong:
        signs_in(entra, Person(), Identity("x.y", "suzuki@example.com"))
    assert wrong.value.name == "sato@example.com"


def test_what_the_service_asked_for_is_passed_on(entra: Entra) -> None:
    person = Person()
    done = signs_in(entra, person, former=secret_text(claims='{"access_token":{"nbf":{"value":"1"}}}'))
    assert '"nbf"' in person.asked["claims"] and "cp1" in person.asked["claims"]
    assert Microsoft365Secret.parse(done.secret).claims == ""


def test_a_damaged_former_secret_does_not_stand_in_the_way(entra: Entra) -> None:
    assert signs_in(entra, Person(), former="damaged").identity == SATO


def test_a_permission_that_was_not_granted_is_named(entra: Entra) -> None:
    entra.scope = "User.Read openid profile"
    with pytest.raises(ConsentMissing, match=r"Calendars\.ReadWrite"):
        signs_in(entra, Person())


def test_permissions_may_be_told_with_the_address_of_the_service(entra: Entra) -> None:
    entra.scope = "https://graph.example/Calendars.ReadWrite https://graph.example/user.read"
    assert signs_in(entra, Person()).identity == SATO


REFUSED: list[tuple[dict[str, str], type[PortError], str]] = [
    ({"error": "access_denied", "error_subcode": "cancel"}, SignInCancelled, "access_denied"),
    ({"error": "access_denied", "error_description": "AADSTS65004: declined"}, SignInCancelled, "access_denied"),
    ({"error": "access_denied", "error_description": "AADSTS90094: admin"}, AdminRequired, "admin_consent:AADSTS90094"),
    (
        {"error": "interaction_required", "error_description": "AADSTS53003: blocked"},
        AdminRequired,
        "conditional_access:AADSTS53003",
    ),
    ({"error": "server_error"}, RetryLater, "server_error"),
    ({}, SignInRequired, "no_code"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_the_page_refuses_is_told(entra: Entra, answer: dict[str, str], kind: type[PortError], code: str) -> None:
    with pytest.raises(kind) as trouble:
        signs_in(entra, Person({"hello": "there", **answer}))
    assert str(trouble.value) == code


def test_a_code_that_is_refused_is_told(entra: Entra) -> None:
    entra.answers.append((400, {"error": "invalid_grant", "error_codes": [70008]}))
    with pytest.raises(SignInRequired, match="AADSTS70008"):
        signs_in(entra, Person())


def test_a_sign_in_can_be_given_up_from_our_own_window(entra: Entra) -> None:
    def opens(_address: str) -> bool:
        threading.Timer(0.1, sign_in.cancel).start()
        return True

    sign_in = signing(entra, opens)
    with pytest.raises(SignInCancelled):
        sign_in.run(timeout=90)


def test_a_sign_in_that_nobody_finishes_ends(entra: Entra) -> None:
    with pytest.raises(LocalTrouble, match="sign_in_timeout"):
        signing(entra, lambda _address: True).run(timeout=0.1)


def test_a_browser_that_does_not_open_is_told(entra: Entra) -> None:
    with pytest.raises(LocalTrouble, match="browser_not_opened"):
        signing(entra, lambda _address: False).run(timeout=90)


def test_another_programs_answer_does_not_end_the_sign_in(entra: Entra) -> None:
    class Stranger(Person):
        def _answers(self) -> None:
            form = urlencode({"state": "guessed", "code": "theirs"}).encode()
            with pytest.raises(HTTPError, match="404") as refused:
                urlopen(Request(self.asked["redirect_uri"], form), timeout=90)
            refused.value.close()
            super()._answers()

    assert signs_in(entra, Stranger()).identity == SATO
    assert entra.forms[0]["code"] == "the-code"
