"""The table of errors: what each service may say, and what class of trouble each of it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from soroe.ports import errors


class Kind(Enum):
    """A class of trouble, by the error of the port that it becomes."""

    RETRY = errors.RetryLater
    LIMIT = errors.LimitReached
    RECONNECT = errors.SignInRequired
    CONSENT = errors.ConsentMissing
    ADMIN = errors.AdminRequired
    ITEM = errors.ItemRejected
    ONEWAY = errors.ReadOnly
    CONFLICT = errors.ChangedMeanwhile
    GONE = errors.Gone
    RESYNC = errors.CursorExpired
    BUG = errors.ServiceFault
    LOCAL = errors.LocalTrouble


@dataclass(frozen=True, slots=True)
class Row:
    """One row: who says it (all, local, or the name of a service), what, and what it may come to."""

    service: str
    signal: str
    kinds: tuple[Kind, ...]


def _rows(service: str, *rows: tuple[str, str, str]) -> dict[str, Row]:
    return {
        f"{service}/{name}": Row(service, signal, tuple(Kind[kind] for kind in kinds.split()))
        for name, signal, kinds in rows
    }


TABLE: dict[str, Row] = {
    **_rows(
        "all",
        ("offline", "no network: the name is not found, the connection is refused, dropped or too slow", "RETRY"),
        ("certificate", "the certificate of the service does not hold", "ADMIN"),
        ("proxy", "the proxy wants a password (407)", "ADMIN"),
        ("page", "a page for people instead of an answer: at first later, then for IT", "RETRY ADMIN"),
        ("passing", "408, 500, 502, 503, 504", "RETRY"),
        ("throttled", "429 without more; each service has rows of its own for its quotas", "RETRY"),
        ("unknown", "400 with a code that nobody knows", "BUG"),
        ("misuse", "405, 406, 411, 415", "BUG"),
        ("large", "413", "ITEM"),
    ),
    **_rows(
        "google",
        ("token", "401 authError, after one renewal", "RECONNECT"),
        ("grant", "the token endpoint says invalid_grant", "RECONNECT"),
        ("token_busy", "the token endpoint is out of order", "RETRY"),
        ("client", "the program's own registration is refused", "BUG"),
        ("policy", "the administrator forbids it, or wants only people of the organisation", "ADMIN"),
        ("given_up", "the user gives the sign-in up on the page, which is no error", ""),
        ("unticked", "fewer permissions were ticked than are needed", "CONSENT"),
        ("scope", "403 for want of a permission", "CONSENT"),
        ("rate", "403 or 429 for too many requests", "RETRY"),
        ("quota", "403 because the quota is used up", "LIMIT"),
        ("project", "403 because the interface is not switched on for the program", "BUG"),
        ("organiser", "403 because only the organiser may", "ONEWAY"),
        ("access", "403 because calendar or event take no changes", "ONEWAY"),
        ("no_calendar", "404 for the calendar", "ADMIN"),
        ("no_event", "404 or 410 for an event", "GONE"),
        ("duplicate", "409: there is an event of this id", "CONFLICT"),
        ("clash", "409 conflict within a batch, also alone", "RETRY"),
        ("cursor", "410: the sync token is too old", "RESYNC"),
        ("moved_on", "412", "CONFLICT"),
        ("value", "400: a value is not taken", "ITEM BUG"),
    ),
    **_rows(
        "exchange",
        ("password", "401 to a password", "RECONNECT"),
        ("switched_off", "403: EWS is off", "ADMIN"),
        ("throttled", "429", "RETRY"),
        ("server", "the address is none of a mail server", "RECONNECT"),
        ("busy", "the server is busy, or one of its parts is", "RETRY"),
        ("renew_password", "the password has expired, or the account is locked", "RECONNECT"),
        ("mailbox", "the account, its licence or its mailbox is not in order", "ADMIN"),
        ("impersonation", "impersonation is refused, which nobody asked for", "BUG"),
        ("rights", "a shared calendar takes no changes from the user", "ONEWAY"),
        ("conflict", "the item was changed meanwhile", "CONFLICT"),
        ("gone", "the item or the occurrence does not exist", "GONE"),
        ("cursor", "the state of the sync is not valid any more", "RESYNC"),
        ("folder", "the calendar does not exist: another has to be chosen", "ADMIN"),
        ("item", "recurrence, time, guests or size are not taken", "ITEM"),
        ("quota", "the mailbox is full", "LIMIT"),
        ("misuse", "the request is not what the schema allows", "BUG"),
    ),
    **_rows(
        "microsoft365",
        ("token", "401 InvalidAuthenticationToken, after one renewal", "RECONNECT"),
        ("sign_in", "Entra wants the user to sign in again", "RECONNECT"),
        ("claims", "the service wants to know more of the user", "RECONNECT"),
        ("consent", "Entra wants the user's consent", "CONSENT"),
        ("policy", "Entra refuses by a rule of the organisation", "ADMIN"),
        ("registration", "Entra refuses the program's own registration", "BUG"),
        ("denied", "403: a missing permission, or a calendar that takes no changes", "CONSENT ONEWAY"),
        ("mailbox", "there is no mailbox that Graph can reach", "ADMIN"),
        ("cursor", "the delta link is not valid any more", "RESYNC"),
        ("left_window", "an event has left the window and lives on: it is looked up before it counts as gone", ""),
        ("gone", "404 ErrorItemNotFound", "GONE"),
        ("conflict", "412, or 409 of a conflict", "CONFLICT"),
        ("item", "400 of a validation", "ITEM"),
        ("busy", "429, 503, 509", "RETRY"),
        ("quota", "507", "LIMIT"),
        ("dependency", "a part of a batch whose forerunner failed (424)", "RETRY"),
    ),
    **_rows(
        "zoom",
        ("sign_in", "401 after a renewal, or the renewal is refused", "RECONNECT"),
        ("scope", "a permission is missing, or the company forbids it", "CONSENT ADMIN"),
        ("gone", "404 of a meeting", "GONE"),
        ("throttled", "429: a burst, or the cap of the day", "RETRY LIMIT"),
        ("teams", "Teams meetings are not allowed in this mailbox", "ADMIN"),
    ),
    **_rows(
        "salesforce",
        ("session", "401 INVALID_SESSION_ID, after one renewal", "RECONNECT"),
        ("grant", "the token endpoint gives no new session", "RECONNECT"),
        ("closed", "the user or the organisation is inactive, or the network is not trusted", "ADMIN"),
        ("client", "the program's own registration is refused", "BUG"),
        ("installed", "only apps that IT has installed or approved are let in", "ADMIN"),
        ("consent", "the session was not granted the interface", "CONSENT"),
        ("admin", "the interface is off, sign-ins are restricted, the storage is full", "ADMIN"),
        ("daily", "the organisation's requests of 24 hours are spent", "LIMIT"),
        ("at_once", "too many long requests at once", "RETRY"),
        ("lock", "somebody else is writing the record", "RETRY"),
        ("busy", "the service is out of order for a while", "RETRY"),
        ("access", "the user may not change this record", "ONEWAY"),
        ("fields", "a field was hidden from the user, or locked", "RETRY ITEM"),
        ("item", "a validation rule, a trigger, a value that is not taken", "ITEM"),
        ("gone", "deleted, or not for this user's eyes", "GONE"),
        ("conflict", "412: changed since it was read", "CONFLICT"),
        ("cursor", "the logs or a listing cannot go on", "RESYNC"),
        ("misuse", "the request is not what the interface takes", "BUG"),
    ),
    **_rows(
        "oracle",
        ("password", "401 or 403 to the sign-in", "RECONNECT"),
        ("locked", "the user is locked out after wrong passwords", "RECONNECT"),
        ("privilege", "the user's role may not use the interface", "ADMIN"),
        ("session", "the session is not valid, and neither is the next one", "ADMIN"),
        ("rights", "403: the user may read a record, and not change it", "ONEWAY"),
        ("rate", "thirty requests in a minute, told in words with any status", "RETRY"),
        ("gone", "404: deleted, or not for this user's eyes", "GONE"),
        ("conflict", "409", "CONFLICT"),
        ("item", "400: a field, a list of values, a rule of the company", "ITEM"),
        ("reading", "400 to a reading, which is about no item", "BUG"),
        ("times", "its own time does not fit the settings", "LOCAL"),
    ),
    **_rows(
        "esales",
        ("token", "401: the API token is not valid", "RECONNECT"),
        ("forbidden", "403: the token may not do this", "ADMIN"),
        ("tenant", "404: there is no such company", "ADMIN"),
        ("employee", "no employee, or several, have the e-mail address of the account", "ADMIN"),
        ("profile", "the zone's header, or an address, is not as the profile says", "ADMIN"),
        ("gone", "404 of a schedule", "GONE"),
        ("conflict", "409", "CONFLICT"),
        ("item", "400: a member is not taken", "ITEM"),
        ("reading", "400 to a reading, which is about no schedule", "BUG"),
    ),
    **_rows(
        "local",
        ("keychain", "the keychain is missing, locked, or refuses", "LOCAL"),
        ("too_large", "the keychain takes no secret of this size", "LOCAL"),
        ("moved", "the kept sign-in cannot be read any more", "RECONNECT"),
        ("browser", "the port is taken, the browser does not open, nobody comes back", "LOCAL"),
        ("zone", "a time zone that nobody knows", "ITEM"),
        ("clock", "the clock is wrong by more than five minutes", "LOCAL"),
    ),
}
