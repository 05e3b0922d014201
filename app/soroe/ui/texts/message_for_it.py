"""The message that a user sends to their IT department when it stands in the way (PD-11)."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.engine.health import Health

from .catalogue import Texts
from .diagnosis import code_words, for_it, service_code


@dataclass(frozen=True, slots=True)
class Subject:
    """What IT has to know about a connection. `kind` is the service's name in words; empty parts are left out.

    No part is secret: a client id is in every installation, and no token or password is among them.
    """

    account: str
    kind: str
    client_id: str = ""
    tenant: str = ""
    server: str = ""
    permissions: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class MessageForIt:
    """A message as it can be sent."""

    subject: str
    body: str

    @property
    def text(self) -> str:
        """Both, as they are put on the clipboard."""
        return f"{self.subject}\n\n{self.body}"


def message_for_it(texts: Texts, about: Subject, health: Health) -> MessageForIt:
    """The message about a connection that IT blocks, in the user's language; times are UTC, as in IT's own logs."""
    own = service_code(health.code)
    words = code_words(texts, own)
    code = f"{own} ({words})" if own and words != own else own
    facts = (
        ("account", about.account),
        ("service", about.kind),
        ("server", about.server),
        ("code", code),
        ("reference", health.reference),
        ("time", f"{health.since:%Y-%m-%d %H:%M} UTC" if health.since else ""),
        ("client_id", about.client_id),
        ("tenant", about.tenant),
        ("permissions", "\n    ".join(about.permissions)),
        ("program", f"Soroe {about.version}" if about.version else ""),
    )
    lines = [f"  {texts(f'for_it.{name}')}: {value}" for name, value in facts if value]
    body = "\n".join((texts("for_it.opening"), "", for_it(texts, health), "", *lines, "", texts("for_it.closing")))
    return MessageForIt(texts("for_it.subject", account=about.account, kind=about.kind), body)
