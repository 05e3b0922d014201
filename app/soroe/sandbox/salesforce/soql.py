"""SOQL as far as events need it: parsed into what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.soql_tokens import Token, malformed, tokens

_LONGEST = 100_000
_COMPARISONS = ("=", "!=", "<>", "<=", ">=", "<", ">", "LIKE", "IN", "NOT")
_END = ("WHERE", "ORDER", "LIMIT", "OFFSET")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One filter: `values` are the words compared with; `query` is the inner query of IN (SELECT …)."""

    path: str
    sign: str
    values: tuple[Token, ...] = ()
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Not:
    of: Condition


@dataclass(frozen=True, slots=True)
class Both:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    of: tuple[Condition, ...]


Condition = Comparison | Not | Both | Either


@dataclass(frozen=True, slots=True)
class Order:
    path: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One query; `inner` are the queries of related records among the selected fields, by their place there."""

    selected: tuple[str | Query, ...]
    source: str
    where: Condition | None
    orders: tuple[Order, ...]
    limit: int | None
    offset: int
    counts: bool = False


def parse(text: str) -> Query:
    """The query behind the text; raises MALFORMED_QUERY."""
    if len(text) > _LONGEST:
        raise Refusal("QUERY_TOO_COMPLICATED", "The query is longer than 100,000 characters.")
    reader = _Reader(list(tokens(text)))
    query = reader.query()
    if reader.next.kind != "end":
        raise malformed(reader.next)
    return query


class _Reader:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._place = 0

    @property
    def next(self) -> Token:
        return self._words[self._place]

    def take(self) -> Token:
        token = self.next
        self._place += 1
        return token

    def took(self, word: str) -> bool:
        if self.next.says(word):
            self._place += 1
            return True
        return False

    def need(self, word: str) -> None:
        if not self.took(word):
            raise malformed(self.next)

    def name(self) -> str:
        if self.next.kind != "name":
            raise malformed(self.next)
        return self.take().text

    def number(self) -> int:
        if self.next.kind != "number" or not self.next.text.isdecimal():
            raise malformed(self.next)
        return int(self.take().text)

    # ------------------------------------------------------------------ the clauses
    def query(self) -> Query:
        self.need("SELECT")
        selected, counts = self._selected()
        self.need("FROM")
        source = self.name()
        alias = self.name() if self.next.kind == "name" and self.next.text.upper() not in _END else ""
        where = self._condition() if self.took("WHERE") else None
        orders = self._orders() if self.took("ORDER") else ()
        limit = self.number() if self.took("LIMIT") else None
        offset = self.number() if self.took("OFFSET") else 0
        query = Query(selected, source, where, orders, limit, offset, counts)
        return _without(alias, query) if alias else query

    def _selected(self) -> tuple[tuple[str | Query, ...], bool]:
        if self.next.says("COUNT") and self._words[self._place + 1].says("("):
            self._place += 2
            self.need(")")
            return (), True
        found: list[str | Query] = []
        while True:
            if self.took("("):
                found.append(self.query())
                self.need(")")
            else:
                found.append(self.name())
            if not self.took(","):
                return tuple(found), False

    def _condition(self) -> Condition:
        """AND and OR do not mix without parentheses."""
        first = self._single()
        word = next((word for word in ("AND", "OR") if self.next.says(word)), None)
        if word is None:
            return first
        parts = [first]
        while self.took(word):
            parts.append(self._single())
        if self.next.says("AND") or self.next.says("OR"):
            raise malformed(self.next)
        return Both(tuple(parts)) if word == "AND" else Either(tuple(parts))

    def _single(self) -> Condition:
        if self.took("NOT"):
            return Not(self._single())
        if self.took("("):
            inside = self._condition()
            self.need(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self.name()
        if not any(self.next.says(sign) for sign in _COMPARISONS):
            raise malformed(self.next)
        sign = self.take().text.upper()
        if sign == "NOT":
            self.need("IN")
            sign = "NOT IN"
        if sign not in ("IN", "NOT IN"):
            return Comparison(path, "!=" if sign == "<>" else sign, (self._value(),))
        self.need("(")
        if self.next.says("SELECT"):
            query = self.query()
            self.need(")")
            return Comparison(path, sign, query=query)
        values = [self._value()]
        while self.took(","):
            values.append(self._value())
        self.need(")")
        return Comparison(path, sign, tuple(values))

    def _value(self) -> Token:
        if self.next.kind in ("end", "sign"):
            raise malformed(self.next)
        return self.take()

    def _orders(self) -> tuple[Order, ...]:
        self.need("BY")
        found: list[Order] = []
        while True:
            path = self.name()
            descending = not self.took("ASC") and self.took("DESC")
            last = False
            if self.took("NULLS"):
                last = self.took("LAST")
                if not last:
                    self.need("FIRST")
            found.append(Order(path, descending, last))
            if not self.took(","):
                return tuple(found)


def _without(alias: str, query: Query) -> Query:
    """The query with the alias of its object taken off every name."""
    prefix = alias.casefold() + "."

    def plain(path: str) -> str:
        return path[len(prefix) :] if path.casefold().startswith(prefix) else path

    def condition(given: Condition) -> Condition:
        match given:
            case Comparison():
                return Comparison(plain(given.path), given.sign, given.values, given.query)
            case Not():
                return Not(condition(given.of))
            case Both():
                return Both(tuple(condition(each) for each in given.of))
            case Either():
                return Either(tuple(condition(each) for each in given.of))

    selected = tuple(plain(each) if isinstance(each, str) else each for each in query.selected)
    where = condition(query.where) if query.where is not None else None
    orders = tuple(Order(plain(order.path), order.descending, order.nulls_last) for order in query.orders)
    return Query(selected, query.source, where, orders, query.limit, query.offset, query.counts)
