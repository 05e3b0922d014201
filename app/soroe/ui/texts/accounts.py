"""Accounts and their connections in words: state, what it means for the meetings, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import assert_never

from soroe.engine.health import Health, HealthState

from . import times
from .catalogue import Texts


@dataclass(frozen=True, slots=True)
class HealthWords:
    """A connection's state: a word or two, what happened, what it means for the meetings."""

    state: str
    what: str
    means: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A notification: its title and its text."""

    title: str
    body: str


def code_words(texts: Texts, code: str) -> str:
    """A code of ours in words; a service's own code stands for itself, so that it can be told to IT.

    What follows a colon (a field, an address within an answer) is kept as it is.
    """
    head, colon, detail = code.partition(":")
    key = f"code.{head}"
    return f"{texts(key)}{colon}{detail}" if texts.has(key) else code


def health_words(texts: Texts, health: Health, now: datetime, zone: tzinfo) -> HealthWords:
    """The words for a connection's state."""
    what = texts(
        f"health.what.{health.state.value}",
        code=code_words(texts, health.code) or texts("none"),
        since=times.moment(texts, health.since, now, zone),
        until=times.moment(texts, health.until, now, zone),
    )
    return HealthWords(texts(f"health.{health.state.value}"), what, texts(_means(health.state)))


def _means(state: HealthState) -> str:
    match state:
        case HealthState.CONNECTED:
            return "health.means.connected"
        case HealthState.RETRYING | HealthState.DELAYED | HealthState.PAUSED_BY_LIMIT:
            return "health.means.waits"
        case HealthState.SIGN_IN_NEEDED | HealthState.PERMISSION_MISSING | HealthState.LOCAL_TROUBLE:
            return "health.means.stopped"
        case HealthState.BLOCKED_BY_IT:
            return "health.means.it"
        case HealthState.WAITING_FOR_KEYCHAIN:
            return "health.means.keychain"
        case HealthState.NOT_CONNECTED:
            return "health.means.none"
        case _:
            assert_never(state)


def notice_words(texts: Texts, account: str, health: Health) -> NoticeWords | None:
    """The notification for a state that calls for the user; None for a state that does not."""
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
    code = code_words(texts, health.code)
    return NoticeWords(texts(f"notice.{key}.title", account=account), texts(f"notice.{key}.body", code=code))
