"""The findings about connections: an account in error stands in the list like everything else that needs a person."""

from __future__ import annotations

from typing import assert_never

from soroe.core.finding import Finding, FindingAction, FindingKind, Severity

from .health import Health, HealthState

SIGN_IN_ENDS = "sign_in_ends"
"""The cause of a finding about a sign-in that still works."""


def connection_finding(account: str, health: Health) -> Finding | None:
    """The finding for an account's state; None while nothing is wrong, or while it mends itself."""
    match health.state:
        case HealthState.SIGN_IN_NEEDED:
            return _finding(FindingKind.CONNECTION, "BK-5", Severity.ERROR, account, health, FindingAction.RECONNECT)
        case HealthState.PERMISSION_MISSING:
            return _finding(FindingKind.PERMISSION, "PD-11", Severity.ERROR, account, health, FindingAction.RECONNECT)
        case HealthState.BLOCKED_BY_IT:
            return _finding(FindingKind.PERMISSION, "PD-11", Severity.ERROR, account, health)
        case HealthState.LOCAL_TROUBLE | HealthState.WAITING_FOR_KEYCHAIN | HealthState.DELAYED:
            return _finding(FindingKind.CONNECTION, "BK-5", Severity.WARNING, account, health)
        case HealthState.CONNECTED | HealthState.RETRYING | HealthState.PAUSED_BY_LIMIT | HealthState.NOT_CONNECTED:
            return None
        case _:
            assert_never(health.state)


def ending_finding(account: str) -> Finding:
    """The finding for a sign-in that is about to end: nothing is wrong yet, and signing in now keeps it so."""
    actions = (FindingAction.RECONNECT,)
    return Finding(FindingKind.CONNECTION, "BK-5", Severity.INFO, SIGN_IN_ENDS, account=account, actions=actions)


def _finding(
    kind: FindingKind, rule: str, severity: Severity, account: str, health: Health, *actions: FindingAction
) -> Finding:
    return Finding(kind, rule, severity, health.code or health.state.value, account=account, actions=actions)
