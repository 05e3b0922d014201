"""What IT has set, laid over the user's choices: machine managed > user managed > the user > recommended > built in."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .checks import BadValue
from .policies import POLICIES, Plain, Policy

Path = tuple[str, ...]


class Level(StrEnum):
    """Whether a policy locks its setting, or only changes the default."""

    MANAGED = "managed"
    RECOMMENDED = "recommended"


class Scope(StrEnum):
    """Whether a policy is the machine's or the user's; the machine's is stronger."""

    MACHINE = "machine"
    USER = "user"


@dataclass(frozen=True, slots=True)
class PolicySource:
    """One file, registry key or plist. `fault` (a code) says why its values are not used, or "".

    `repeated` are the names that it sets more than once, and whether to the same value each time.
    """

    level: Level
    scope: Scope
    where: str
    values: Mapping[str, object]
    fault: str = ""
    repeated: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """What is in force for one policy. `locked`: the user cannot change it. `fault`: its value was broken, and
    `value` is the safe one in its place (None: the built-in default)."""

    policy: Policy
    value: Plain | None
    level: Level
    where: str
    fault: str = ""
    detail: str = ""

    @property
    def locked(self) -> bool:
        """Managed values are locked, broken ones too (fail closed)."""
        return self.level is Level.MANAGED


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """Something in a source that cannot be used; `name` is the policy's, or "" for the source as a whole."""

    where: str
    name: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The choices with the policies laid over them: which keys come from where, and which of them are locked."""

    tree: dict[str, object]
    sources: dict[Path, str] = field(default_factory=dict)
    locks: dict[Path, PolicyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overlay:
    """All policies in force, and all faults found on the way."""

    values: tuple[PolicyValue, ...] = ()
    faults: tuple[PolicyFault, ...] = ()

    def value(self, name: str) -> PolicyValue | None:
        """What is in force for a policy, or None if nobody set it."""
        return next((value for value in self.values if value.policy.name == name), None)

    @property
    def managed(self) -> bool:
        """Whether IT has set anything at all."""
        return bool(self.values)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a policy does; for the log, which never holds the values."""
        told = [(value.policy.name, value.level, value.value, value.fault) for value in self.values]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def over(self, tree: Mapping[str, object]) -> Merged:
        """The user's choices under these policies; the given tree is left as it is."""
        merged = Merged(copy.deepcopy(dict(tree)))
        for value in self.values:
            for path, table in _targets(merged.tree, value.policy.target):
                _lay(merged, (*path, value.policy.key), table, value)
        return merged


NO_POLICY = Overlay()
NAMED_TWICE, NAMED_AGAIN = "named_twice", "named_again"
"""Codes of faults: a source sets a policy to different values, which counts as broken; or to the same one each time."""


def overlay(sources: Sequence[PolicySource]) -> Overlay:
    """The policies in force. Of sources with the same level and scope, the later one wins."""
    faults = [PolicyFault(source.where, "", source.fault) for source in sources if source.fault]
    usable = [source for source in sources if not source.fault]
    known = {policy.name for policy in POLICIES}
    faults += [
        PolicyFault(source.where, name, "unknown_policy")
        for source in usable
        for name in source.values
        if name not in known
    ]
    faults += [
        PolicyFault(source.where, name, NAMED_AGAIN if alike else NAMED_TWICE)
        for source in usable
        for name, alike in source.repeated.items()
        if name in known
    ]
    values: list[PolicyValue] = []
    for policy in POLICIES:
        for source in _strongest_first(usable):
            if policy.name in source.values:
                value = _value(policy, source)
                if value.fault and value.fault != NAMED_TWICE:
                    faults.append(PolicyFault(source.where, policy.name, value.fault, value.detail))
                if value.fault and source.level is Level.RECOMMENDED:
                    continue
                values.append(value)
                break
    return Overlay(tuple(values), tuple(faults))


def _strongest_first(sources: Sequence[PolicySource]) -> Iterable[PolicySource]:
    order = [(level, scope) for level in Level for scope in Scope]
    for level, scope in order:
        yield from reversed([source for source in sources if (source.level, source.scope) == (level, scope)])


def _value(policy: Policy, source: PolicySource) -> PolicyValue:
    if not source.repeated.get(policy.name, True):
        return PolicyValue(policy, policy.closed, source.level, source.where, NAMED_TWICE)
    try:
        checked = policy.check(source.values[policy.name])
    except BadValue as bad:
        return PolicyValue(policy, policy.closed, source.level, source.where, bad.code, bad.detail)
    return PolicyValue(policy, checked, source.level, source.where)


def _targets(tree: dict[str, object], target: str) -> list[tuple[Path, dict[str, object]]]:
    """The tables of the tree that a policy speaks of; tables of the wrong type are left to the parser."""
    section, _, kind = target.partition(".")
    if section == "app":
        app = tree.setdefault("app", {})
        return [(("app",), app)] if isinstance(app, dict) else []
    tables = tree.get(section)
    if not isinstance(tables, dict):
        return []
    return [
        ((section, name), table)
        for name, table in tables.items()
        if isinstance(table, dict) and (not kind or table.get("kind") == kind)
    ]


def _lay(merged: Merged, path: Path, table: dict[str, object], value: PolicyValue) -> None:
    key = path[-1]
    if not value.locked:
        if key in table:
            return
        table[key] = value.value
        merged.sources[path] = value.where
        return
    if value.value is None:
        table.pop(key, None)
    else:
        table[key] = value.value
    merged.sources[path] = value.where
    merged.locks[path] = value
