"""A desk whose connections are in every kind of trouble: for pictures and for tests."""

from __future__ import annotations

from datetime import timedelta

from soroe.engine.forecast import Basis, Forecast
from soroe.engine.health import Health, HealthState
from soroe.ui.ports import Account, AccountKind, Permission, Registration, Way
from soroe.ui.texts import Language
from tests.fakes.desk import NOW, Desk
from tests.fakes.fortnight import fortnight

SINCE = NOW - timedelta(minutes=34)
MAIL = Registration(server="mail.example.com")
WORK = Registration("5c1b0f5e-90c1-4d2b-9f0d-5d0f6c3f8a11", "example.com", "graph.microsoft.com")


def troubles(language: Language = Language.ENGLISH, *, dark: bool = False) -> Desk:
    """The desk; the first account in error is blocked by IT."""
    desk = fortnight(language, dark=dark)
    states = HealthState
    desk.accounts.all = [
        Account(
            "Company calendar",
            AccountKind.MICROSOFT365,
            "sato@example.com",
            Health(states.BLOCKED_BY_IT, SINCE, "AADSTS53003", reference="7f2c1d60-33aa-4c0e-8a41-0c5b9f1e2d77"),
            (Permission("Calendars.ReadWrite", True), Permission("User.Read", True)),
            registration=WORK,
        ),
        Account(
            "Exchange",
            AccountKind.EXCHANGE,
            "sato@example.com",
            Health(states.SIGN_IN_NEEDED, SINCE, "app_password_needed"),
            way=Way.PASSWORD,
            user="EXAMPLE\\sato",
            registration=MAIL,
        ),
        Account(
            "Old mailbox",
            AccountKind.EXCHANGE,
            "sato@example.com",
            Health(states.BLOCKED_BY_IT, SINCE, "exchange_online"),
            way=Way.PASSWORD,
            user="sato@example.com",
            registration=Registration(server="outlook.office365.com"),
        ),
        Account(
            "Private",
            AccountKind.GOOGLE,
            "sato@example.org",
            Health(states.PERMISSION_MISSING, SINCE, "https://www.googleapis.com/auth/calendar.events"),
            (
                Permission("https://www.googleapis.com/auth/calendar.events", False),
                Permission("https://www.googleapis.com/auth/calendar.calendarlist.readonly", True),
            ),
        ),
        Account(
            "Google",
            AccountKind.GOOGLE,
            "sato@example.net",
            Health(states.CONNECTED, SINCE),
            (Permission("https://www.googleapis.com/auth/calendar.events", True),),
            Forecast(NOW + timedelta(hours=18), Basis.TESTING),
        ),
        Account("Sales CRM", AccountKind.REST, "sato", Health(states.WAITING_FOR_KEYCHAIN, SINCE, "keychain_locked")),
        Account("Zoom", AccountKind.ZOOM, "sato@example.com", Health(states.DELAYED, SINCE, "offline")),
    ]
    return desk
