"""Whether a company's Oracle CRM On Demand tells times as the settings say: asked, and tried with one appointment."""

from __future__ import annotations

from datetime import timedelta

from soroe.adapters.crm.documents import at
from soroe.core.event import EventContent, Timed
from soroe.ports.errors import ServiceFault

from .api import Api
from .times import Problem, judged
from .wire import Records

FAR = timedelta(days=300)


def try_times(api: Api, records: Records, title: str, *, may_write: bool) -> Problem | None:
    """What does not fit; None when all does. With `may_write` an appointment is made far ahead, read and removed: the
    moment of its making is told by the service's rules, and we know when it was."""
    problem = api.session.times_problem(records.dial)
    return problem if problem is not None or not may_write else _written(api, records, title)


def _written(api: Api, records: Records, title: str) -> Problem | None:
    records.learn(api)
    names, dial = records.resource, records.dial
    start = (api.clock() + FAR).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    when = Timed(start, start + timedelta(hours=1), dial.zone)
    own = api.create(names, records.new(EventContent(title, when), None))
    made_at = api.session.served_at(api.clock())
    try:
        row = api.get(names, own)
    finally:
        api.delete(names, own)
    created = at(row, names.created)
    if not isinstance(created, str) or at(row, names.start) != dial.both(when)[0]:
        raise ServiceFault(f"time_comes_back_otherwise:{names.start}")
    return judged(created, made_at, dial)
