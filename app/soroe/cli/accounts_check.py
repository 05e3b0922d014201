"""`soroe accounts check`: what a connection is like right now, what it means, what to do, and the message for IT."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.engine.accounts import health_fact, read_health
from soroe.engine.forecast import Forecast, forecast
from soroe.engine.health import Health, HealthState, after_error, after_success, mend_of
from soroe.engine.sign_in_facts import known_sign_in
from soroe.ports.errors import PortError, ServiceFault
from soroe.settings.model import LOCATION_KINDS, Account, kind_of
from soroe.ui.texts import MessageForIt, Texts, diagnose, forecast_words, message_for_it

from .context import Answer, Context
from .exits import Exit
from .items import utc
from .ports import Program
from .troubles import of_account

EXITS = {
    HealthState.CONNECTED: Exit.DONE,
    HealthState.SIGN_IN_NEEDED: Exit.SIGN_IN,
    HealthState.PERMISSION_MISSING: Exit.SIGN_IN,
    HealthState.BLOCKED_BY_IT: Exit.SIGN_IN,
    HealthState.NOT_CONNECTED: Exit.SIGN_IN,
}
"""The exit code of each state; in all others the service cannot be reached at the moment."""


@dataclass(frozen=True, slots=True)
class _Found:
    health: Health
    fault: PortError | None
    ends: Forecast | None


def check(context: Context) -> Answer:
    """Ask the service who is signed in, and say what came of it; nothing is written anywhere."""
    account = context.account(context.arguments.name)
    found = _ask(context, account)
    texts, server = context.texts, context.program.about(account).server
    is_place = kind_of(account) in LOCATION_KINDS
    words = diagnose(texts, found.health, context.now, context.zone, server, place=is_place)
    message = for_it(context.program, texts, account, found.health)
    state = texts(f"health.{found.health.state.value}")
    what = words.what if found.fault is None else of_account(found.fault, account.name, texts).message
    document = {
        "account": account.name,
        "kind": kind_of(account),
        "state": found.health.state.value,
        "code": found.health.code,
        "reference": found.health.reference,
        "what": what,
        "means": words.means,
        "do": words.do,
        "mend": mend_of(found.health).value,
        "ends": utc(found.ends.at) if found.ends is not None else None,
        "message_for_it": message_document(message),
    }
    lines = [f"{account.name}: {state}", f"  {what}", f"  {words.means}", *([f"  → {words.do}"] if words.do else [])]
    if found.ends is not None:
        lines.append(f"  {forecast_words(texts, found.ends, context.now, context.zone)}")
    if message is not None:
        lines += ["", message.text]
    exit_code = EXITS.get(found.health.state, Exit.UNREACHABLE)
    return Answer({"check": document}, lines, Exit.FAILURES if found.fault is not None else exit_code)


def for_it(program: Program, texts: Texts, account: Account, health: Health) -> MessageForIt | None:
    """The message for IT where they stand in the way, else None."""
    if health.state is not HealthState.BLOCKED_BY_IT:
        return None
    return message_for_it(texts, program.about(account), health)


def message_document(message: MessageForIt | None) -> dict[str, str] | None:
    """The message as JSON."""
    return None if message is None else {"subject": message.subject, "body": message.body}


def _ask(context: Context, account: Account) -> _Found:
    """The health that the service's answer makes; a fault of the service is told beside it."""
    fault: PortError | None = None
    with context.desk() as desk:
        fact = desk.store.fact(health_fact(account.name))
        before = read_health(fact)
        try:
            desk.syncs.ask(account)
            health = after_success(before, context.now)
        except ServiceFault as error:
            health, fault = before, error
        except PortError as error:
            health = after_error(before, error, context.now)
        ends = forecast(kind_of(account), known_sign_in(account.name, desk.store.fact), context.now)
    return _Found(health, fault, ends)
