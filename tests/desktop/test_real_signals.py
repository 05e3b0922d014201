"""Signals of logind and NetworkManager, sent by stand-ins over a real bus."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest
from jeepney import (  # type: ignore[import-untyped]  # it publishes no types
    DBusAddress,
    message_bus,
    new_signal,
)
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # it publishes no types
    DBusConnection,
    open_dbus_connection,
)

from soroe.adapters.desktop.network import network_signal
from soroe.adapters.desktop.power import wake_signal
from soroe.adapters.desktop.system_bus import Signal, SystemBus
from tests.desktop.desktop_session import Session

pytestmark = pytest.mark.desktop


@pytest.fixture
def heard() -> queue.Queue[str]:
    return queue.Queue()


@pytest.fixture
def listener(session: Session, heard: queue.Queue[str]) -> Iterator[SystemBus]:
    bus = SystemBus([wake_signal(lambda: heard.put("woke")), network_signal(lambda: heard.put("back"))], session.bus)
    assert bus.start()
    yield bus
    bus.close()


def service(session: Session, name: str) -> DBusConnection:
    connection = open_dbus_connection(bus=session.bus)
    connection.send_and_get_reply(message_bus.RequestName(name))
    return connection


def say(connection: DBusConnection, signal: Signal, signature: str, value: object) -> None:
    address = DBusAddress(signal.path, interface=signal.interface)
    connection.send(new_signal(address, signal.member, signature, (value,)))


def test_waking_and_the_returning_network_are_heard(
    session: Session, listener: SystemBus, heard: queue.Queue[str]
) -> None:
    wake, network = wake_signal(print), network_signal(print)
    with service(session, wake.sender) as logind, service(session, network.sender) as manager:
        say(logind, wake, "b", True)
        say(logind, wake, "b", False)
        assert heard.get(timeout=60) == "woke"
        say(manager, network, "u", 20)
        say(manager, network, "u", 70)
        assert heard.get(timeout=60) == "back"
    assert heard.empty()


def test_a_stranger_who_says_the_same_is_not_heard(
    session: Session, listener: SystemBus, heard: queue.Queue[str]
) -> None:
    wake = wake_signal(print)
    with open_dbus_connection(bus=session.bus) as stranger, service(session, wake.sender) as logind:
        say(stranger, wake, "b", False)
        say(logind, wake, "b", False)
        assert heard.get(timeout=60) == "woke"
        with pytest.raises(queue.Empty):
            heard.get(timeout=0.3)


def test_a_machine_without_the_bus_says_no(session: Session) -> None:
    assert not SystemBus([], f"unix:path={session.runtime / 'none'}").start()


def test_a_bus_that_goes_away_ends_the_listening(session: Session, listener: SystemBus) -> None:
    session.close()
    listener.close()
