"""An expired sign-in, from the moment it is noticed to the last change that waited for it; a keychain that waits."""

from __future__ import annotations

import pytest

from tests.desktop.conftest import PASSWORD
from tests.desktop.laptop import Laptop, soon
from tests.desktop.tray_icon import icon_appears, says

pytestmark = [pytest.mark.desktop, pytest.mark.slow]

VISIT, DENTIST = "訪問 青木商事", "Dentist"


def test_an_expired_sign_in_is_mended_from_its_notification_and_what_waited_arrives(laptop: Laptop) -> None:
    services = laptop.services
    services.visit(VISIT, 10)
    services.appointment(DENTIST, 15)
    laptop.sign_in()
    assert len(laptop.addresses()) == 1
    laptop.session.start_panel()
    process = laptop.start()
    icon = icon_appears(laptop.session)
    soon(lambda: services.in_step(VISIT, DENTIST) and says(icon, "Everything is in step"))
    fine = icon.picture

    services.google.expire_access_tokens()
    services.google.expire_refresh_tokens()
    services.visit("Booked meanwhile", 11)
    services.appointment("Entered meanwhile", 12)
    icon.press("Sync now")
    soon(lambda: says(icon, "A connection needs you"))
    assert icon.picture != fine
    assert icon.line("Reconnect calendar …").enabled
    soon(lambda: laptop.session.shown() == 1)
    assert services.in_calendar() == sorted([VISIT, DENTIST, "Entered meanwhile"])
    assert services.in_crm() == sorted([VISIT, DENTIST, "Booked meanwhile"])
    assert len(laptop.addresses()) == 1, "nothing opens a browser by itself"

    laptop.session.press("Reconnect")
    soon(lambda: len(laptop.addresses()) == 2)
    soon(lambda: services.in_step(VISIT, DENTIST, "Booked meanwhile", "Entered meanwhile"))
    soon(lambda: says(icon, "Everything is in step"))
    soon(lambda: laptop.session.shown() == 0)
    assert "Reconnect calendar …" not in [line.text for line in icon.menu()]
    assert services.google.mails_sent == ()
    assert services.crm.mails_sent == []
    icon.press("Quit")
    assert process.wait(60) == 0


def test_a_sign_in_that_has_expired_is_also_mended_from_the_menu(laptop: Laptop) -> None:
    services = laptop.services
    laptop.was_signed_in()
    services.google.expire_access_tokens()
    services.google.expire_refresh_tokens()
    services.visit(VISIT, 10)
    laptop.session.start_panel()
    laptop.start()
    icon = icon_appears(laptop.session)
    soon(lambda: says(icon, "A connection needs you"))
    icon.press("Reconnect calendar …")
    soon(lambda: services.in_step(VISIT))
    assert len(laptop.addresses()) == 1


def test_a_locked_keychain_keeps_the_app_waiting_and_no_longer_than_it_is_locked(laptop: Laptop) -> None:
    services = laptop.services
    laptop.was_signed_in()
    services.visit(VISIT, 10)
    laptop.session.lock_keyring()
    laptop.session.start_panel()
    process = laptop.start()
    icon = icon_appears(laptop.session)
    soon(lambda: says(icon, "The keychain is locked"))
    soon(lambda: laptop.session.shown() == 1)
    assert laptop.session.bodies() == ["Unlock it and syncing goes on by itself."]
    assert services.in_calendar() == []
    assert laptop.addresses() == [], "locked is not signed out"
    laptop.session.unlock_keyring(PASSWORD)
    soon(lambda: services.in_step(VISIT))
    soon(lambda: says(icon, "Everything is in step"))
    icon.press("Quit")
    assert process.wait(60) == 0
