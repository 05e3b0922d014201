"""From the code of a connection's trouble to what happened, what it means for the meetings, and what to do.

The one place that knows what the codes of every service come to. A code is a service's own (`AADSTS53003`), one of ours
(`wrong_password`), or either with a detail after a colon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import assert_never

from soroe.engine.health import Health, HealthState

from . import times
from .catalogue import Texts

_CODES: dict[str, str] = {
    "sign_in_expired": """
        invalid_grant authError http_401 unauthorized token_expired interaction_required login_required bad_token
        InvalidAuthenticationToken INVALID_SESSION_ID insufficient_claims unauthenticated
        AADSTS50089 AADSTS50173 AADSTS50135 AADSTS70000 AADSTS70008 AADSTS700082 AADSTS70043 AADSTS50058 AADSTS50085
    """,
    "not_signed_in": """
        not_signed_in no_refresh_token secret_unreadable secret_is_damaged other_client signed_in_before_a_change
        no_account
    """,
    "key_refused": "no_api_key api_key_is_damaged invalid_api_key",
    "wrong_password": "wrong_password AADSTS50126",
    "password_refused": "password_refused",
    "app_password_needed": "app_password_needed",
    "two_factor": "two_factor mfa_required AADSTS50072 AADSTS50074 AADSTS50076 AADSTS50078 AADSTS50079",
    "account_locked": "account_locked AADSTS50053",
    "account_disabled": "account_disabled ErrorAccountDisabled AADSTS50057 inactive_user",
    "password_expired": """
        password_expired password_change_required ErrorPasswordExpired ErrorPasswordChangeRequired
        AADSTS50055 AADSTS50132 AADSTS50133 AADSTS50144
    """,
    "server_unreachable": "server_unreachable",
    "server_not_found": "server_not_found autodiscover_failed ews_not_found",
    "certificate": "certificate",
    "proxy": "proxy proxy_authentication",
    "captive_portal": "captive_portal web_page web_page_instead_of_answer",
    "ews_switched_off": "ews_switched_off ErrorOrganizationAccessBlocked",
    "exchange_online": "exchange_online",
    "scope_unticked": "scope_unticked consent_required AADSTS65001 AADSTS65004",
    "admin_consent": """
        admin_consent admin_policy_enforced org_internal access_denied_by_admin AADSTS90094 AADSTS90095 AADSTS900941
    """,
    "conditional_access": """
        conditional_access AADSTS53000 AADSTS53001 AADSTS53002 AADSTS53003 AADSTS530032 AADSTS530035
        AADSTS50097 AADSTS50127 AADSTS50129 AADSTS50131
    """,
    "not_assigned": "not_assigned AADSTS50105 AADSTS501051",
    "wrong_tenant": "other_organisation personal_account AADSTS50020 AADSTS50034 AADSTS51004 AADSTS500208",
    "tenant_policy": "AADSTS500212 AADSTS500213",
    "app_unknown": """
        application_unknown AADSTS650052 AADSTS650056 AADSTS70001 AADSTS700011 AADSTS700016 AADSTS7000112 deleted_client
        disabled_client
    """,
    "registration": """
        invalid_client unauthorized_client invalid_scope invalid_request unsupported_response_type
        AADSTS50011 AADSTS700025 AADSTS7000218 AADSTS70011 AADSTS65005 AADSTS650057 AADSTS90002
    """,
    "no_mailbox": """
        no_mailbox MailboxNotEnabledForRESTAPI MailboxNotSupportedForRESTAPI ErrorNonExistentMailbox ResourceNotFound
        ErrorMailboxConfiguration ErrorInvalidLicense extensionError
    """,
    "clock_wrong": "clock_wrong AADSTS80013",
    "calendar_missing": "calendar_not_found",
    "calendar_forbidden": "forbidden requiredAccessLevel access_denied",
    "calendar_unreadable": "calendar_unreadable",
    "sign_in_way": "no_known_sign_in no_sign_in_wanted",
    "server_setup": "ErrorNoRespondingCASInDestinationSite ErrorProxyRequestNotAllowed",
    "domain_policy": "domainPolicy",
    "teams_not_licensed": "teams_not_licensed",
    "teams_policy": "teams_policy",
    "company_unknown": "unknown_tenant account_needs_tenant",
    "employee_unknown": "user_not_found user_is_ambiguous account_needs_email",
    "crm_profile": "timezone_missing timezone_unknown endpoint_not_found",
    "company_closed": "account_not_open http_402 inactive_org ORG_LOCKED",
    "times_differ": "times_are_utc times_are_the_users_own zone_differs",
    "rest_privilege": "restful_services_integration",
    "app_not_installed": "OAUTH_APPROVAL_ERROR_GENERIC",
    "api_disabled": "API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED FUNCTIONALITY_NOT_ENABLED",
    "login_restricted": "INVALID_LOGIN ip_restricted",
    "storage_full": "STORAGE_LIMIT_EXCEEDED",
    "field_hidden": "field_not_visible",
    "stamp_field": "stamp_field_not_usable",
}
DIAGNOSES: dict[str, str] = {code: name for name, codes in _CODES.items() for code in codes.split()}
"""The diagnosis of every code we know, by the code without its detail."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A connection's state in words: what happened, what it means for the meetings, what the user can do."""

    what: str
    means: str
    do: str


def diagnosis_of(code: str) -> str | None:
    """The name of the diagnosis that a code comes to; None for a code that only its state explains."""
    return DIAGNOSES.get(code.partition(":")[0])


def is_worded(texts: Texts, code: str) -> bool:
    """Whether a code is told in words, and not as it stands."""
    return diagnosis_of(code) is not None or texts.has(f"code.{code.partition(':')[0]}")


def code_words(texts: Texts, code: str) -> str:
    """A code of ours in words; a service's own code stands for itself, so that it can be told to IT.

    What follows a colon (a field, an address within an answer) is kept as it is.
    """
    head, colon, detail = code.partition(":")
    key = f"code.{head}"
    return f"{texts(key)}{colon}{detail}" if texts.has(key) else code


def permission_name(texts: Texts, scope: str) -> str:
    """A permission as the service's consent page means it, with the name it has there; an unknown one by that alone."""
    short = scope.rpartition("/")[2]
    key = f"permission.{short}"
    return texts("permission.named", words=texts(key), name=short) if texts.has(key) else scope


def diagnose(
    texts: Texts, health: Health, now: datetime, zone: tzinfo, server: str = "", *, place: bool = False
) -> Diagnosis:
    """The words for the state of a connection; `server` is the host that was asked, where the words name it.

    `place`: the account is no side of a sync, but makes online meetings.
    """
    name = _name(health)
    permission = health.state is HealthState.PERMISSION_MISSING
    values = {
        "code": code_words(texts, health.code) or texts("code.no_reason_told"),
        "server": server or texts("diagnosis.the_server"),
        "permission": permission_name(texts, health.code) if permission else code_words(texts, health.code),
        "since": times.moment(texts, health.since, now, zone),
        "until": times.moment(texts, health.until, now, zone),
    }
    means = texts(f"health.{'place' if place else 'means'}.{_means(health.state)}")
    if name is not None:
        what, do = (diagnosis_words(texts, name, part, **{**values, "code": health.code}) for part in ("what", "do"))
        if place and name == "sign_in_expired":
            do = texts("health.place.sign_in")
        return Diagnosis(what, means, do)
    state = health.state.value
    do = f"health.do.{state}"
    return Diagnosis(texts(f"health.what.{state}", **values), means, texts(do) if texts.has(do) else "")


def diagnosis_words(texts: Texts, name: str, part: str, *, code: str, **values: str) -> str:
    """A sentence of a diagnosis. It ends in the service's own code, for IT; a code of ours says nothing more."""
    own = service_code(code) or texts("code.no_reason_told")
    told = "" if texts.has(f"code.{own}") else own
    return texts(f"diagnosis.{name}.{part}", code=told, **values).replace(" ()", "").replace("（）", "")


def service_code(code: str) -> str:
    """The code as the service itself named it, for IT: what stands behind the colon of one that we have told apart."""
    head, _, detail = code.partition(":")
    return detail if detail and head in DIAGNOSES else code


def for_it(texts: Texts, health: Health) -> str:
    """What IT is asked to switch on."""
    key = f"diagnosis.{_name(health)}.it"
    return texts(key) if texts.has(key) else texts("health.do.general.it")


def _name(health: Health) -> str | None:
    match health.state:
        case HealthState.PERMISSION_MISSING:
            return "scope_unticked"
        case HealthState.CONNECTED | HealthState.WAITING_FOR_KEYCHAIN:
            return None
        case (
            HealthState.SIGN_IN_NEEDED
            | HealthState.BLOCKED_BY_IT
            | HealthState.LOCAL_TROUBLE
            | HealthState.RETRYING
            | HealthState.DELAYED
            | HealthState.PAUSED_BY_LIMIT
            | HealthState.NOT_CONNECTED
        ):
            return diagnosis_of(health.code)
        case _:
            assert_never(health.state)


def _means(state: HealthState) -> str:
    match state:
        case HealthState.CONNECTED:
            return "connected"
        case (
            HealthState.RETRYING | HealthState.DELAYED | HealthState.PAUSED_BY_LIMIT | HealthState.WAITING_FOR_KEYCHAIN
        ):
            return "waits"
        case (
            HealthState.SIGN_IN_NEEDED
            | HealthState.PERMISSION_MISSING
            | HealthState.LOCAL_TROUBLE
            | HealthState.BLOCKED_BY_IT
        ):
            return "stopped"
        case HealthState.NOT_CONNECTED:
            return "none"
        case _:
            assert_never(state)
