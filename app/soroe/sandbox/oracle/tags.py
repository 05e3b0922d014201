"""The company's own names for resources and fields: its integration tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soroe.sandbox.oracle.fields import RESOURCES, Field, Table


@dataclass(slots=True)
class Tags:
    """A renamed field is known by its new name only; a renamed resource by both, as the guide says."""

    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)

    def table(self, tag: str) -> Table | None:
        """The resource that a path names."""
        default = next((name for name, custom in self.resources.items() if custom == tag), tag)
        return RESOURCES.get(default)

    def resource_tag(self, table: Table) -> str:
        return self.resources.get(table.name, table.name)

    def named(self, table: Table) -> Mapping[str, Field]:
        """The fields under the names that callers use."""
        return {self.tag(table, name): each for name, each in table.fields.items() if self.has(table, name)}

    def tag(self, table: Table, name: str) -> str:
        return self.fields.get((table.name, name), name)

    def has(self, table: Table, name: str) -> bool:
        """Whether the company has the field at all."""
        return (table.name, name) not in self.hidden
