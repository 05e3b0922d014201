"""Accounts and their connections in words: state, what it means for the meetings, its button, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import assert_never

from soroe.engine.forecast import Forecast
from soroe.engine.health import Health, HealthState, Mend, mend_of

from . import times
from .catalogue import Texts
from .diagnosis import code_words, diagnose, diagnosis_of, diagnosis_words, permission_name


@dataclass(frozen=True, slots=True)
class HealthWords:
    """A connection's state: a word or two, what happened, what it means for the meetings, what to do about it."""

    state: str
    what: str
    means: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A notification: its title and its text."""

    title: str
    body: str


def health_words(
    texts: Texts, health: Health, now: datetime, zone: tzinfo, server: str = "", *, place: bool = False
) -> HealthWords:
    """The words for a connection's state; `server` is the host that was asked, where known.

    `place`: the account is no side of a sync, but makes online meetings.
    """
    found = diagnose(texts, health, now, zone, server, place=place)
    return HealthWords(texts(f"health.{health.state.value}"), found.what, found.means, found.do)


def mend_words(texts: Texts, health: Health) -> str:
    """What the one button of a state says; empty where there is nothing to press."""
    mend = mend_of(health)
    match mend:
        case Mend.NOTHING:
            return ""
        case Mend.RECONNECT:
            return texts("connections.connect" if health.state is HealthState.NOT_CONNECTED else "mend.reconnect")
        case Mend.UNLOCK_KEYCHAIN | Mend.COPY_FOR_IT | Mend.MOVE_TO_MICROSOFT365:
            return texts(f"mend.{mend.value}")
        case _:
            assert_never(mend)


def forecast_words(texts: Texts, ending: Forecast | None, now: datetime, zone: tzinfo) -> str:
    """When a sign-in will end, and how that is known."""
    if ending is None:
        return texts("forecast.unknown")
    return texts(f"forecast.{ending.basis.value}", moment=times.moment(texts, ending.at, now, zone))


def ending_notice(texts: Texts, account: str, ending: Forecast, now: datetime, zone: tzinfo) -> NoticeWords:
    """The notification that a sign-in is about to end."""
    moment = times.moment(texts, ending.at, now, zone)
    return NoticeWords(texts("notice.ending.title", account=account), texts("notice.ending.body", moment=moment))


def refusal_words(texts: Texts, account: str, code: str, expected: str = "", found: str = "") -> str:
    """Why a sign-in that was tried did not come about; nothing has changed by it."""
    if code == "other_account":
        return texts("sign_in.other_account", account=account, expected=expected, found=found)
    name, (_, _, detail) = diagnosis_of(code), code.partition(":")
    if name is not None:
        permission = permission_name(texts, detail) if detail else code
        values = {"code": code, "server": texts("diagnosis.the_server"), "permission": permission}
        what, do = (diagnosis_words(texts, name, part, **values) for part in ("what", "do"))
        return texts.sentences([what, do])
    if name is None and not texts.has(f"code.{code.partition(':')[0]}"):
        return texts("sign_in.refused", code=texts("code.unexpected", code=code))
    return texts("sign_in.refused", code=code_words(texts, code))


def notice_words(texts: Texts, account: str, health: Health, *, place: bool = False) -> NoticeWords | None:
    """The notification for a state that calls for the user; None for a state that does not. `place` as above."""
    match health.state:
        case HealthState.SIGN_IN_NEEDED:
            key = "sign_in"
        case HealthState.PERMISSION_MISSING:
            key = "permission"
        case HealthState.BLOCKED_BY_IT:
            key = "it"
        case HealthState.DELAYED:
            key = "delayed"
        case HealthState.WAITING_FOR_KEYCHAIN:
            key = "keychain"
        case HealthState.LOCAL_TROUBLE:
            key = "local"
        case HealthState.CONNECTED | HealthState.RETRYING | HealthState.PAUSED_BY_LIMIT | HealthState.NOT_CONNECTED:
            return None
        case _:
            assert_never(health.state)
    return NoticeWords(texts(f"notice.{key}.title", account=account), _notice_body(texts, key, health, place=place))


def _notice_body(texts: Texts, key: str, health: Health, *, place: bool) -> str:
    """What is known in particular, else what the state says."""
    name = diagnosis_of(health.code)
    code = code_words(texts, health.code) or texts("code.no_reason_told")
    if key == "permission":
        return texts("notice.permission.body", code=permission_name(texts, health.code))
    if place and key == "sign_in":
        return texts("notice.sign_in.place")
    if name is None or name == "sign_in_expired" or key in {"keychain", "delayed"}:
        return texts(f"notice.{key}.body", code=code)
    values = {"code": health.code, "server": texts("diagnosis.the_server"), "permission": code}
    return diagnosis_words(texts, name, "what", **values)
