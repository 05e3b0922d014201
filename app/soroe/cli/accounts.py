"""`soroe accounts`: the CRM and calendar accounts, and signing in to them. Secrets come from stdin only."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from contextlib import closing

from soroe.engine.accounts import health_fact, read_health
from soroe.engine.health import Health, HealthState
from soroe.ports.errors import PortError
from soroe.ports.reading import Reading
from soroe.ports.remote import Identity
from soroe.settings import edit
from soroe.settings.model import CALENDAR_KINDS, CRM_KINDS, LOCATION_KINDS, Account, Settings, kind_of
from soroe.ui.texts import code_words, health_words

from .accounts_check import check
from .console import table
from .context import Answer, Context
from .exits import CommandError, Exit
from .items import utc
from .ports import SignIns
from .secret_input import read_secret
from .troubles import of_account
from .usage import Words

KEYS = (
    "email", "client_id", "client_secret", "api_endpoint", "authorization_endpoint", "token_endpoint",
    "revocation_endpoint", "base_url", "profile", "auth", "server", "username", "tenant", "authority", "login_url",
    "stamp_field",
    "zone", "times",
)  # fmt: skip # short values, several a line
"""What can be told of an account on the command line, all of them keys of config.toml; which ones a kind knows is
checked with the whole file."""
FROM_STDIN = "client_secret"


def arguments(parser: ArgumentParser, texts: Words, everywhere: ArgumentParser) -> None:
    """`soroe accounts list | add | reconnect | check | test | remove`."""
    doing = parser.add_subparsers(dest="doing", required=True, metavar=texts("cli.help.command"))

    def one(name: str) -> ArgumentParser:
        sentence = texts(f"cli.help.accounts.{name}")
        return doing.add_parser(name, help=sentence, description=sentence, parents=[everywhere], allow_abbrev=False)

    one("list")
    for name in ("add", "reconnect", "check", "test", "remove"):
        made = one(name)
        made.add_argument("name", metavar="NAME", help=texts("cli.arg.account"))
        if name == "add":
            _adding(made, texts)
        if name in {"add", "reconnect"}:
            _signing_in(made, texts)
        if name == "test":
            made.add_argument("--write", action="store_true", help=texts("cli.arg.write"))


def _adding(parser: ArgumentParser, texts: Words) -> None:
    kinds = [*CALENDAR_KINDS, *CRM_KINDS, *LOCATION_KINDS]
    parser.add_argument("--kind", required=True, choices=kinds, metavar="KIND", help=texts("cli.arg.kind"))
    for key in KEYS:
        if key != FROM_STDIN:
            parser.add_argument(f"--{key.replace('_', '-')}", metavar=key.upper(), help=SUPPRESS)
    parser.add_argument("--autodiscover", action="store_true", help=SUPPRESS)
    parser.add_argument("--client-secret-stdin", action="store_true", help=texts("cli.arg.client_secret_stdin"))
    parser.add_argument("--no-sign-in", action="store_true", help=texts("cli.arg.no_sign_in"))
    keys = [key for key in (*KEYS, "autodiscover") if key != FROM_STDIN]
    parser.epilog = texts("cli.help.accounts.keys", keys=" ".join(f"--{key.replace('_', '-')}" for key in keys))


def _signing_in(parser: ArgumentParser, texts: Words) -> None:
    parser.add_argument("--password-stdin", action="store_true", help=texts("cli.arg.password_stdin"))
    parser.add_argument("--token-stdin", action="store_true", help=texts("cli.arg.token_stdin"))


def run(context: Context) -> Answer:
    """Carry out one of them."""
    doing: dict[str, Callable[[Context], Answer]] = {
        "list": _list,
        "add": _add,
        "reconnect": _reconnect,
        "check": check,
        "test": _test,
        "remove": _remove,
    }
    return doing[context.arguments.doing](context)


# --- list ---
def _list(context: Context) -> Answer:
    settings = context.program.settings()
    with closing(context.program.open_reading()) as reading:
        known = [(account, health_of(account, reading)) for account in settings.accounts]
        documents = [_document(account, health, settings, reading) for account, health in known]
        rows = [_row(context, account, health, reading) for account, health in known]
    return Answer({"accounts": documents}, table(rows) or [context.texts("connections.empty.title")])


def health_of(account: Account, reading: Reading) -> Health:
    """An account's health as last noted; one that nobody signed in to is not connected."""
    noted = reading.fact(health_fact(account.name))
    if noted is None and reading.fact(f"identity:{account.name}") is None:
        return Health(HealthState.NOT_CONNECTED)
    return read_health(noted)


def _document(account: Account, health: Health, settings: Settings, reading: Reading) -> dict[str, object]:
    return {
        "name": account.name,
        "kind": kind_of(account),
        "side": _side(kind_of(account)),
        "identity": _who(account, reading),
        "state": health.state.value,
        "code": health.code,
        "since": utc(health.since),
        "until": utc(health.until),
        "syncs": [sync.name for sync in settings.syncs if account.name in {sync.crm, sync.calendar}],
    }


def _side(kind: str) -> str | None:
    """Which side of a sync an account of this kind can be; none for a place to meet online."""
    if kind in LOCATION_KINDS:
        return None
    return "calendar" if kind in CALENDAR_KINDS else "crm"


def _row(context: Context, account: Account, health: Health, reading: Reading) -> list[str]:
    words = health_words(context.texts, health, context.now, context.zone)
    what = "" if health.state is HealthState.CONNECTED else words.what
    kind = context.texts(f"kind.{kind_of(account)}")
    return [account.name, kind, _who(account, reading), words.state, what]


def _who(account: Account, reading: Reading) -> str:
    import json

    noted = reading.fact(f"identity:{account.name}")
    if noted is not None:
        return str(json.loads(noted)[1])
    return str(getattr(account, "email", "") or getattr(account, "username", ""))


# --- add, reconnect ---
def _add(context: Context) -> Answer:
    asked = context.arguments
    if context.program.settings().account(asked.name) is not None:
        raise CommandError("account_exists", name=asked.name)
    values: dict[str, edit.Value | None] = {"kind": asked.kind}
    for key in KEYS:
        if key == FROM_STDIN:
            values[key] = read_secret(context, "form.client_secret") if asked.client_secret_stdin else None
        else:
            values[key] = getattr(asked, key)
    if asked.autodiscover:
        values["autodiscover"] = True
    settings = context.program.change_settings(lambda text: edit.with_account(text, asked.name, values))
    account = context.account(asked.name, settings)
    if asked.no_sign_in:
        return _answer(context, account, None, "cli.accounts.added")
    try:
        return _signed_in(context, account, "cli.accounts.added_signed_in")
    except PortError as error:
        context.console.note(context.texts("cli.accounts.kept", name=account.name))
        raise _blamed(error, account) from error
    except CommandError:
        context.console.note(context.texts("cli.accounts.kept", name=account.name))
        raise


def _reconnect(context: Context) -> Answer:
    account = context.account(context.arguments.name)
    try:
        return _signed_in(context, account, "cli.accounts.reconnected")
    except PortError as error:
        raise _blamed(error, account) from error


def _blamed(error: PortError, account: Account) -> Exception:
    from soroe.engine.accounts import AccountTrouble

    expected, found = getattr(error, "expected", None), getattr(error, "found", None)
    if expected is not None and found is not None:
        return CommandError("other_account", Exit.SIGN_IN, name=account.name, expected=str(expected), found=str(found))
    if error.args == ("sign_in_cancelled",):
        return CommandError("sign_in_cancelled", Exit.SIGN_IN, name=account.name)
    return AccountTrouble(account.name, error)


def _signed_in(context: Context, account: Account, sentence: str) -> Answer:
    asked = context.arguments
    with closing(context.program.open_store()) as store:

        def show(address: str) -> None:
            context.console.note(context.texts("cli.accounts.open_page", address=address))

        sign_ins = context.program.sign_ins(store, show)
        if sign_ins.needs_browser(account):
            if asked.password_stdin or asked.token_stdin:
                raise CommandError("no_secret_taken", name=account.name)
            context.console.note(context.texts("cli.accounts.in_browser", name=account.name))
            identity = sign_ins.with_browser(account)
        else:
            identity = _with_secret(context, account, sign_ins)
    return _answer(context, account, identity, sentence)


def _with_secret(context: Context, account: Account, sign_ins: SignIns) -> Identity:
    """Sign in with what stdin has, or with what is typed at a terminal; nothing is asked where there is none."""
    asked = context.arguments
    given = asked.token_stdin or asked.password_stdin
    takes_password = sign_ins.takes_password(account)
    secret = ""
    if given or sign_ins.needs_secret(account):
        if not given and not context.stdin.isatty():
            raise CommandError("secret_needed", name=account.name)
        is_password = takes_password or (asked.password_stdin and not asked.token_stdin)
        secret = read_secret(context, "form.password" if is_password else "form.token")
    return sign_ins.with_password(account, secret) if takes_password else sign_ins.with_key(account, secret)


def _answer(context: Context, account: Account, identity: Identity | None, sentence: str) -> Answer:
    who = identity.name if identity is not None else ""
    document = {"name": account.name, "kind": kind_of(account), "identity": who, "signed_in": identity is not None}
    return Answer({"account": document}, [context.texts(sentence, name=account.name, who=who)])


# --- test ---
def _test(context: Context) -> Answer:
    account = context.account(context.arguments.name)
    texts = context.texts
    document: dict[str, object] = {"account": account.name, "kind": kind_of(account), "ok": False, "faults": []}
    with context.desk() as desk:
        try:
            identity, calendars = desk.syncs.ask(account)
            faults = context.program.try_endpoint(account, may_write=context.arguments.write) or ()
        except PortError as error:
            trouble = of_account(error, account.name, texts)
            told = {"code": trouble.code, "message": trouble.message}
            return Answer(document | {"trouble": told}, [trouble.message], trouble.exit_code)
    document |= {
        "ok": not faults,
        "identity": identity.name,
        "calendars": [{"id": one.id, "name": one.name, "primary": one.primary} for one in calendars if one.id],
        "faults": [{"point": fault.point, "problem": fault.problem} for fault in faults],
    }
    lines = [texts("cli.accounts.works", name=account.name, who=identity.name)] if not faults else []
    lines += table([[texts("cli.accounts.fault"), fault.point, code_words(texts, fault.problem)] for fault in faults])
    lines += [f"  {one.name}  {one.id}" for one in calendars if one.id]
    return Answer(document, lines, Exit.FAILURES if faults else Exit.DONE)


# --- remove ---
def _remove(context: Context) -> Answer:
    settings = context.program.settings()
    account = context.account(context.arguments.name, settings)
    users = [sync.name for sync in settings.syncs if account.name in {sync.crm, sync.calendar}]
    if users:
        raise CommandError("account_in_use", name=account.name, syncs=context.texts.listed(users))
    context.program.change_settings(lambda text: edit.without_account(text, account.name))
    with closing(context.program.open_store()) as store:
        context.program.forget_account(store, account)
    return Answer({"removed": account.name}, [context.texts("cli.accounts.removed", name=account.name)])
