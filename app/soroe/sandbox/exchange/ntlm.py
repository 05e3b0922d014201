"""The server's side of NTLM with NTLMv2 answers, after Microsoft's open specification MS-NLMP."""

from __future__ import annotations

import hmac
import struct
import threading
from collections import deque
from dataclasses import dataclass, field

from soroe.sandbox.exchange.md4 import md4

_SIGNATURE = b"NTLMSSP\0"
_UNICODE, _TARGET, _NTLM, _ALWAYS_SIGN = 0x1, 0x4, 0x200, 0x8000
_DOMAIN, _EXTENDED, _TARGET_INFO, _128, _56 = 0x10000, 0x80000, 0x800000, 0x20000000, 0x80000000
_FLAGS = _UNICODE | _TARGET | _NTLM | _ALWAYS_SIGN | _DOMAIN | _EXTENDED | _TARGET_INFO | _128 | _56
_NETBIOS_COMPUTER, _NETBIOS_DOMAIN, _END = 1, 2, 0
_OLDEST = 256
"""Challenges given out that may still be answered."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The third message: who says he is who, and the answer that shows it."""

    user: str
    domain: str
    answer: bytes


@dataclass(slots=True)
class Handshake:
    """Gives out challenges, each good for one answer. Sign-ins hold for one request, not for a connection.

    IIS can be set to do the same (authPersistSingleRequest).
    """

    target: str = "EXAMPLE"
    computer: str = "EXCHANGE1"
    _waiting: deque[bytes] = field(default_factory=lambda: deque(maxlen=_OLDEST))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_first(self, message: bytes) -> bool:
        """Whether a message opens a handshake; refuses what is no message of NTLM."""
        return _kind(message) == 1

    def challenge(self, nonce: bytes) -> bytes:
        """Makes the second message with these eight random bytes."""
        with self._lock:
            self._waiting.append(nonce)
        target = self.target.encode("utf-16-le")
        about = _pair(_NETBIOS_DOMAIN, target) + _pair(_NETBIOS_COMPUTER, self.computer.encode("utf-16-le"))
        about += _pair(_END, b"")
        head = 56
        fields = struct.pack("<HHI", len(target), len(target), head)
        info = struct.pack("<HHI", len(about), len(about), head + len(target))
        version = b"\x0a\x00\x7c\x4f\x00\x00\x00\x0f"
        start = _SIGNATURE + struct.pack("<I", 2) + fields + struct.pack("<I", _FLAGS) + nonce + bytes(8)
        return start + info + version + target + about

    def read(self, message: bytes) -> Proof:
        """Reads the third message."""
        if _kind(message) != 3:
            raise ValueError("Not the third message of NTLM.")
        flags = struct.unpack_from("<I", message, 60)[0]
        encoding = "utf-16-le" if flags & _UNICODE else "ascii"
        answer, domain, user = (_field(message, place) for place in (20, 28, 36))
        if len(answer) < 32:
            raise ValueError("Only answers of NTLMv2 are taken.")
        return Proof(user.decode(encoding), domain.decode(encoding), answer)

    def proves(self, proof: Proof, password: str) -> bool:
        """Whether the answer was made with this password from a challenge still waiting, which is then used up."""
        identity = (proof.user.upper() + proof.domain).encode("utf-16-le")
        key = hmac.digest(md4(password.encode("utf-16-le")), identity, "md5")
        with self._lock:
            for nonce in self._waiting:
                expected = hmac.digest(key, nonce + proof.answer[16:], "md5")
                if hmac.compare_digest(expected, proof.answer[:16]):
                    self._waiting.remove(nonce)
                    return True
        return False


def _kind(message: bytes) -> int:
    if len(message) < 12 or not message.startswith(_SIGNATURE):
        raise ValueError("Not a message of NTLM.")
    kind: int = struct.unpack_from("<I", message, 8)[0]
    if kind == 3 and len(message) < 64:
        raise ValueError("The third message of NTLM is too short.")
    return kind


def _field(message: bytes, place: int) -> bytes:
    length, _, offset = struct.unpack_from("<HHI", message, place)
    if offset + length > len(message):
        raise ValueError("A field of the message lies outside of it.")
    return message[offset : offset + length]


def _pair(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value
