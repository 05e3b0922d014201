"""From an error to what a person reads and a script sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soroe.engine.accounts import AccountTrouble
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    LimitReached,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)
from soroe.ports.keychain import KeychainMissing
from soroe.settings.problems import SettingsError
from soroe.ui.texts import Texts, code_words, problem_words, problems_words

from .exits import CommandError, Exit

NETWORK_OF_IT = frozenset({"certificate", "proxy_authentication"})
"""What IT stands in the way of before any sign-in: the service cannot be reached."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in words: `code` is stable, `more` are further keys of its document."""

    code: str
    message: str
    exit_code: Exit
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def document(self) -> Mapping[str, object]:
        """The error as JSON."""
        return {"error": {"code": self.code, "message": self.message, **self.more}}


def told(error: Exception, texts: Texts) -> Trouble:
    """The words for an error that ends a command."""
    match error:
        case CommandError():
            return Trouble(error.code, texts(f"cli.error.{error.code}", **error.values), error.exit_code)
        case SettingsError():
            problems = [
                {
                    "file": one.file,
                    "line": one.line,
                    "key": one.key,
                    "code": one.code,
                    "message": problem_words(texts, one),
                }
                for one in error.problems
            ]
            return Trouble("settings", problems_words(texts, error.problems), Exit.USAGE, {"problems": problems})
        case AccountTrouble():
            return of_account(error.error, error.account, texts)
        case PortError():
            return of_account(error, "", texts)
        case _:
            raise error


def of_account(error: PortError, account: str, texts: Texts) -> Trouble:
    """The words for trouble with one account, or with this computer."""
    name = code_of(error)
    more: dict[str, object] = {"account": account} if account else {}
    if name.startswith("calendar_not_found:"):
        calendar = name.partition(":")[2]
        message = texts("cli.error.calendar_not_found", account=account or texts("none"), calendar=calendar)
        return Trouble("calendar_not_found", message, Exit.USAGE, more)
    values = {"account": account or texts("none"), "code": code_words(texts, name)}
    match error:
        case SignInRequired():
            return Trouble(name, texts("cli.error.sign_in", **values), Exit.SIGN_IN, more)
        case ConsentMissing():
            more["permission"] = error.permission
            return Trouble("consent_missing", texts("cli.error.permission", **values), Exit.SIGN_IN, more)
        case AdminRequired() if error.code in NETWORK_OF_IT:
            return Trouble(name, texts("cli.error.network_of_it", **values), Exit.UNREACHABLE, more)
        case AdminRequired():
            return Trouble(name, texts("cli.error.it", **values), Exit.SIGN_IN, more)
        case LimitReached():
            more["until"] = error.until.isoformat()
            return Trouble(name, texts("cli.error.limit", **values), Exit.UNREACHABLE, more)
        case RetryLater() if name == "busy":
            return Trouble(name, texts("cli.error.busy"), Exit.UNREACHABLE, more)
        case KeychainMissing():
            values["code"] = code_words(texts, error.code)
            install = error.what_to_install or texts("none")
            return Trouble(error.code, texts("cli.error.keychain", **values, install=install), Exit.UNREACHABLE, more)
        case LocalTrouble() if name == "shutting_down":  # Ctrl-C, or the system's wish to end
            return Trouble(name, texts("cli.error.interrupted"), Exit.FAILURES)
        case LocalTrouble():
            return Trouble(name.partition(":")[0], texts("cli.error.local", **values), Exit.UNREACHABLE, more)
        case _:
            return Trouble(name, texts("cli.error.unreachable", **values), Exit.UNREACHABLE, more)


def code_of(error: PortError) -> str:
    """The code of an error: the service's own, a permission, ours, or the name of its kind."""
    match error:
        case SignInRequired() | AdminRequired() | LocalTrouble() | ServiceFault():
            return error.code
        case RetryLater() | LimitReached():
            return error.reason
        case ConsentMissing():
            return error.permission
        case _:
            return type(error).__name__
