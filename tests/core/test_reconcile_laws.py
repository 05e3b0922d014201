"""What holds for every decision, whatever the services show and the user chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from soroe.core.dialect import GENERIC, Dialect
from soroe.core.event import EventContent, Field, ObservedItem, Presence, Recurrence, Removed, Side, Visibility, Witness
from soroe.core.joined import after_write, merged
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.pair import Pair, view
from soroe.core.plan import Action, Decision, Nothing, Verb
from soroe.core.reconcile import reconcile
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy, Route
from soroe.core.rules.form import same, shown, to_crm, told
from soroe.core.rules.privacy import project
from tests.builders import at, item, meeting, route
from tests.core.strategies import CONTENTS, DIALECTS, ROUTES, SINGLES, TEXTS, items

CANARY = "c4n4ry"


@st.composite
def presences(draw: st.DrawFn, side: Side) -> Presence:
    there = draw(items(side))
    return draw(st.sampled_from((there, there, Removed(there.ref, Witness.TOMBSTONE), None)))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Link | None, Presence, Presence, Route, Dialect]:
    crm, calendar = draw(presences(Side.CRM)), draw(presences(Side.CALENDAR))
    crm_ref = crm.ref if crm is not None else item(Side.CRM).ref
    calendar_ref = calendar.ref if calendar is not None else item(Side.CALENDAR).ref
    old = Baseline(Fingerprint.of(draw(CONTENTS)), Fingerprint.of(draw(CONTENTS)))
    link = Link(crm_ref, calendar_ref, old, draw(st.sampled_from(Side))) if draw(st.booleans()) else None
    return link, crm, calendar, draw(ROUTES), draw(DIALECTS)


@given(situations())
def test_the_same_input_gives_the_same_decision(
    situation: tuple[Link | None, Presence, Presence, Route, Dialect],
) -> None:
    assert reconcile(*situation) == reconcile(*situation)


@given(situations())
def test_no_side_is_written_to_that_the_direction_or_the_item_forbids(
    situation: tuple[Link | None, Presence, Presence, Route, Dialect],
) -> None:
    _, crm, calendar, chosen, _ = situation
    for action in reconcile(*situation).actions:
        if action.verb in {Verb.LINK, Verb.UNLINK}:
            continue
        assert chosen.direction.writes(action.side)
        target = crm if action.side is Side.CRM else calendar
        if action.verb in {Verb.UPDATE, Verb.DELETE} and isinstance(target, ObservedItem):
            assert target.read_only is None


@given(situations())
def test_guests_are_written_only_where_the_user_switched_it_on(
    situation: tuple[Link | None, Presence, Presence, Route, Dialect],
) -> None:
    chosen = situation[3]
    for action in reconcile(*situation).actions:
        allowed = chosen.guests_to_crm if action.side is Side.CRM else chosen.guests_to_calendar
        if not allowed:
            assert Field.GUESTS not in action.fields
            if action.verb is Verb.CREATE and action.content is not None:
                assert action.content.guests == ()


@given(
    event=items(Side.CALENDAR, CONTENTS.map(lambda c: replace(c, visibility=Visibility.PRIVATE))),
    crm=st.none() | items(Side.CRM),
    link=st.booleans(),
    origin=st.sampled_from(Side),
    privacy=st.sampled_from((PrivacyPolicy.SKIP, PrivacyPolicy.BLOCK)),
    gone=st.booleans(),
    chosen=ROUTES,
    dialect=DIALECTS,
)
def test_what_the_policy_hides_appears_nowhere_in_a_decision(
    event: ObservedItem, crm: ObservedItem | None, link: bool, origin: Side, privacy: PrivacyPolicy,
    gone: bool, chosen: Route, dialect: Dialect,
) -> None:  # fmt: skip # short values, several a line
    chosen = replace(chosen, privacy=privacy)
    secret = replace(event.content, title=CANARY, description=CANARY, location=CANARY)
    event = replace(event, content=secret)
    old = Baseline(Fingerprint.of(meeting()), Fingerprint.of(meeting()))
    there: Presence = Removed(crm.ref, Witness.TOMBSTONE) if crm is not None and gone else crm
    joined = Link(crm.ref, event.ref, old, origin) if link and crm is not None else None
    assert CANARY not in repr(reconcile(joined, there, event, chosen, dialect))


@given(event=items(Side.CALENDAR), crm=items(Side.CRM), dialect=DIALECTS, text=TEXTS)
def test_a_private_event_of_the_crm_keeps_the_details_that_the_crm_had(
    event: ObservedItem, crm: ObservedItem, dialect: Dialect, text: str
) -> None:
    event = replace(event, content=replace(event.content, visibility=Visibility.PRIVATE, description=text))
    old = Baseline(Fingerprint.of(crm.content), Fingerprint.of(event.content))
    decision = reconcile(Link(crm.ref, event.ref, old, Side.CRM), crm, event, route(), dialect)
    for action in decision.actions:
        assert set(action.fields) <= {Field.WHEN, Field.RECURRENCE}


def _applied(state: tuple[ObservedItem, ObservedItem, Link], action: Action, chosen: Route, dialect: Dialect) -> (
    tuple[ObservedItem, ObservedItem, Link]
):  # fmt: skip # short values, several a line
    """A service that does just what it is told, and the link as the engine keeps it."""
    crm, event, link = state
    assert action.content is not None
    target = crm if action.side is Side.CRM else event
    after = replace(target, content=merged(target.content, action.content, action.fields))
    if action.particulars is not None:
        after = replace(after, particulars=action.particulars)

    def seen(one: ObservedItem, side: Side) -> Fingerprint:
        return Fingerprint.of(project(one, chosen, dialect).content if side is Side.CALENDAR else shown(one, dialect))

    source = seen(event if action.side is Side.CRM else crm, action.side.other)
    before, now = seen(target, action.side), seen(after, action.side)
    baseline = after_write(link.baseline, action.side, action.fields, source, now, before.changed(now))
    link = replace(link, baseline=baseline)
    return (after, event, link) if action.side is Side.CRM else (crm, after, link)


def _run(state: tuple[ObservedItem, ObservedItem, Link], chosen: Route, dialect: Dialect) -> (
    tuple[Decision, tuple[ObservedItem, ObservedItem, Link]]
):  # fmt: skip # short values, several a line
    decision = reconcile(state[2], state[0], state[1], chosen, dialect)
    if decision.outcome.baseline is not None:
        state = (state[0], state[1], replace(state[2], baseline=decision.outcome.baseline))
    for action in decision.actions:
        state = _applied(state, action, chosen, dialect)
    return decision, state


@given(items(Side.CRM, SINGLES), items(Side.CALENDAR, SINGLES), CONTENTS, CONTENTS, ROUTES, DIALECTS)
def test_a_pair_comes_to_rest_after_one_run(
    crm: ObservedItem,
    event: ObservedItem,
    old_crm: EventContent,
    old_event: EventContent,
    chosen: Route,
    dialect: Dialect,
) -> None:
    assume(chosen.conflicts is not ConflictPolicy.ASK)
    crm = replace(crm, content=to_crm(crm.content, dialect).content)  # a CRM shows nothing that it cannot hold
    baseline = Baseline(Fingerprint.of(old_crm), Fingerprint.of(old_event))
    _, state = _run((crm, event, Link(crm.ref, event.ref, baseline, Side.CRM)), chosen, dialect)
    if dialect.title_tail is not None:  # a place that was written may still have to show in the title (OD-4)
        _, state = _run(state, chosen, dialect)
    decision, _ = _run(state, chosen, dialect)
    assert decision.actions == ()


@given(items(Side.CRM, SINGLES), items(Side.CALENDAR, SINGLES), CONTENTS, DIALECTS, st.sampled_from(ConflictPolicy))
def test_at_rest_both_sides_agree_on_every_field_that_is_carried(
    crm: ObservedItem, event: ObservedItem, old: EventContent, dialect: Dialect, policy: ConflictPolicy
) -> None:
    assume(policy is not ConflictPolicy.ASK)
    chosen = route(conflicts=policy, privacy=PrivacyPolicy.FULL)
    crm = replace(crm, content=to_crm(crm.content, dialect).content, read_only=None)
    event = replace(event, read_only=None)
    unknown = Fingerprint.of(meeting()).forgetting(frozenset(Field))
    link = Link(crm.ref, event.ref, Baseline(unknown, unknown), Side.CALENDAR)
    _, state = _run((crm, event, link), chosen, dialect)
    _, (crm, event, link) = _run(state, chosen, dialect)
    both = view(crm, event, Side.CALENDAR, Pair(chosen, dialect), link.baseline)
    for name in both.carried(Side.CRM) & both.carried(Side.CALENDAR):
        assert both.agrees(name), name


@given(items(Side.CALENDAR, SINGLES), DIALECTS)
def test_an_echo_never_overwrites_the_richer_original(event: ObservedItem, dialect: Dialect) -> None:
    event = replace(event, read_only=None, declined=False)
    chosen = route(privacy=PrivacyPolicy.FULL)
    created = reconcile(None, None, event, chosen, dialect)
    for action in created.actions:
        assert action.content is not None
        echo = item(Side.CRM, content=action.content)
        seen = project(event, chosen, dialect).content
        link = Link(echo.ref, event.ref, Baseline(Fingerprint.of(echo.content), Fingerprint.of(seen)), Side.CALENDAR)
        assert reconcile(link, echo, event, chosen, dialect).actions == ()
        unknown = link.baseline.crm.forgetting(frozenset(Field))
        lost = replace(link, baseline=Baseline(unknown, unknown))
        again = reconcile(lost, echo, event, chosen, dialect)
        assert [(one.side, one.fields) for one in again.actions if one.side is Side.CALENDAR] == []


@given(items(Side.CRM, SINGLES), items(Side.CALENDAR, SINGLES), DIALECTS)
def test_under_ask_a_field_changed_on_both_sides_is_left_to_a_person(
    crm: ObservedItem, event: ObservedItem, dialect: Dialect
) -> None:
    chosen = route(conflicts=ConflictPolicy.ASK)
    old = Baseline(Fingerprint.of(meeting("old", description="old")), Fingerprint.of(meeting("old", description="old")))
    decision = reconcile(Link(crm.ref, event.ref, old, Side.CRM), crm, event, chosen, dialect)
    written = [set(action.fields) - {Field.GUESTS} for action in decision.actions]  # each side gets whom it lacks
    assert len(written) < 2 or not written[0] & written[1]


@given(items(Side.CRM), items(Side.CALENDAR), CONTENTS, DIALECTS, st.sampled_from(ConflictPolicy))
def test_no_field_travels_both_ways_at_once(
    crm: ObservedItem, event: ObservedItem, old: EventContent, dialect: Dialect, policy: ConflictPolicy
) -> None:
    baseline = Baseline(Fingerprint.of(old), Fingerprint.of(old))
    link = Link(crm.ref, event.ref, baseline, Side.CRM)
    decision = reconcile(link, crm, event, route(conflicts=policy), dialect)
    # Each side gets the guests whom it lacks, and a title what stands behind the subject that goes the other way.
    own = {Field.GUESTS} | ({Field.TITLE} if dialect.title_tail is not None else set())
    written = [set(action.fields) - own for action in decision.actions]
    assert len(written) < 2 or not written[0] & written[1]


@given(items(Side.CRM), DIALECTS, st.sampled_from((Direction.CALENDAR_TO_CRM, Direction.CRM_TO_CALENDAR)))
def test_a_removal_is_not_carried_against_the_direction(
    crm: ObservedItem, dialect: Dialect, direction: Direction
) -> None:
    event = item(Side.CALENDAR)
    now = told(crm, dialect)
    link = Link(crm.ref, event.ref, Baseline(now, now), Side.CRM)
    gone = Removed(event.ref, Witness.TOMBSTONE)
    decision = reconcile(link, crm, gone, route(direction=direction), dialect)
    deletes = [action for action in decision.actions if action.verb is Verb.DELETE]
    writable = direction is Direction.CALENDAR_TO_CRM and crm.read_only is None
    assert bool(deletes) is writable
    assert writable or isinstance(decision.outcome, Nothing)


@given(items(Side.CRM, SINGLES), SINGLES, DIALECTS)
def test_a_field_that_is_not_written_stays_as_it_is(crm: ObservedItem, other: EventContent, dialect: Dialect) -> None:
    event = item(Side.CALENDAR, content=other)
    old = Baseline(Fingerprint.of(crm.content), Fingerprint.of(meeting("old")))
    decision = reconcile(Link(crm.ref, event.ref, old, Side.CALENDAR), crm, event, route(), dialect)
    for action in decision.actions:
        if action.side is Side.CRM and action.content is not None:
            for name in set(Field) - set(action.fields):
                assert same(action.content, crm.content, name)


def _weekly(*removed: int) -> EventContent:
    days = tuple(datetime(2026, 5, day, 10) for day in removed)
    return meeting(recurrence=Recurrence(("FREQ=WEEKLY",), (), days))


def test_occurrences_cancelled_on_either_side_are_cancelled_on_both() -> None:
    crm = item(Side.CRM, content=_weekly(19))
    event = item(Side.CALENDAR, content=_weekly(26))
    old = Fingerprint.of(_weekly())
    link = Link(crm.ref, event.ref, Baseline(old, old), Side.CRM)
    for decision in (
        reconcile(link, crm, event, route(), GENERIC),
        reconcile(None, crm, event, route(), GENERIC),
    ):
        for action in decision.actions:
            if action.verb is Verb.UPDATE:
                assert action.fields == (Field.RECURRENCE,)
                assert action.content is not None
                assert same(action.content, _weekly(19, 26), Field.RECURRENCE)
        assert {action.side for action in decision.actions if action.verb is Verb.UPDATE} == set(Side)


def test_start_and_rule_of_a_series_never_swap_sides() -> None:
    crm = item(Side.CRM, content=meeting(when=at(11), recurrence=Recurrence(("FREQ=WEEKLY",))))
    event = item(Side.CALENDAR, content=meeting(recurrence=Recurrence(("FREQ=DAILY",))))
    old = Fingerprint.of(_weekly())
    decision = reconcile(Link(crm.ref, event.ref, Baseline(old, old), Side.CRM), crm, event, route(), GENERIC)
    (action,) = decision.actions
    assert set(action.fields) == {Field.WHEN, Field.RECURRENCE}
