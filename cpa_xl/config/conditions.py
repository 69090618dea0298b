"""Conditions over a source's columns, as the configuration writes them: `minor = 'Robbery' and age < 20`.

A condition is a SQL condition and nothing more: and, or, not, comparisons, in, between, is null, like, the functions
in `FUNCTIONS`, and literals. `read_condition` checks it before any engine sees it. So a configuration can never read a
file, call a function of the engine, or end a statement and start another.

sqlglot parses conditions, but takes long to load. `plain_columns` reads the usual, plain conditions without it: those
made of comparisons joined by and, or. A comparison is a column alone, or a column (or `coalesce(column, 'text')`) with
=, <>, <, <=, >, >= or in, and texts or whole numbers. sqlglot would find the same columns in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from cpa_xl.errors import Refusal

if TYPE_CHECKING:
    from sqlglot import exp

# Words that DuckDB's SQL reads as keywords where a column may be; a condition with one of them is not plain.
_RESERVED = """
    all alter analyze and any array as attach begin between cache call case comment commit connect connect_by_root
    copy create cross current_catalog current_date current_time current_timestamp current_user delete desc describe
    detach disconnect distinct drop else except execute explain false fetch for from glob grant having if
    ilike inner insert install intersect into join kill lateral like list load localtime localtimestamp map merge
    not notnull null nullable object on only optimize or outer partitioned_by pivot pivot_wider positional pragma
    prepare qualify range regexp rename reset returning revoke rlike rollback row select session_user set show
    struct summarize table tablesample then true truncate uncache union unpivot update use using vacuum when where
    with xor
"""
_NAME = r"([A-Za-z][A-Za-z_]*)"
_TEXT = r"'[^'\\\x00-\x1f]*'"  # a backslash is refused, a quote inside is doubled: both need the parser
_VALUE = rf"(?:{_TEXT}|[0-9]{{1,9}})"
_COMPARED = (
    rf"(?:coalesce\({_NAME}, {_TEXT}\)|{_NAME})"
    rf" (?:(=|<>|<=|>=|<|>) ({_VALUE})|in \(({_VALUE}(?:, {_VALUE})*)\))"
)
_COMPARISON = re.compile(rf"{_COMPARED}|{_NAME}", re.IGNORECASE | re.ASCII)
_TEXTS = re.compile(r"('(?:[^']|'')*')")
_FORCE = re.compile(r'(?<!")\bforce\b(?!")', re.IGNORECASE)  # a column of this field, and a keyword for sqlglot
_LITERAL = re.compile(_VALUE, re.ASCII)
_JOINED = re.compile(r" (?:and|or) ", re.IGNORECASE | re.ASCII)

FUNCTIONS = "lower, upper, trim, coalesce, date 'yyyy-mm-dd'"


class ConditionError(Refusal):
    """A condition is not valid SQL, or does more than a condition may."""


@dataclass(frozen=True)
class Condition:
    """A checked condition: its text as written, and its columns in lower case."""

    text: str
    columns: frozenset[str]

    def sql(self, dialect: str = "duckdb") -> str:
        """The same condition in the SQL of an engine, with quoted columns."""
        if dialect == "duckdb" and (plain := _plain_comparisons(self.text)) is not None:  # it is its SQL already
            text = self.text
            for one in reversed(plain):
                text = f'{text[: one.place]}"{one.column}"{text[one.place + len(one.column) :]}'
            return text
        from sqlglot import exp  # noqa: PLC0415  # takes long, and few conditions need it

        tree = _parse(self.text)
        for column in tree.find_all(exp.Column):
            column.set("this", exp.to_identifier(column.name.lower(), quoted=True))
        return tree.sql(dialect=dialect)


class Kind(StrEnum):
    """What the values of a column are in a condition."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True)
class _Comparison:
    """A column with an operator (None: alone) and the kinds of the values beside it."""

    column: str
    operator: str | None
    kinds: frozenset[Kind]
    texts: tuple[str, ...] = ()
    place: int = 0  # where the column is in a plain condition


_WRITTEN = {
    Kind.TEXT: "a text in quotation marks: 'Robbery'",
    Kind.NUMBER: "a number without quotation marks: 20",
    Kind.DATE: "a date: date '2008-04-01'",
    Kind.FLAG: "nothing: the column alone, or not and the column",
}


def plain_columns(text: str) -> frozenset[str] | None:
    """The columns that a plain condition names, in lower case; None if it is not plain."""
    found = _plain_comparisons(text)
    return None if found is None else frozenset(one.column for one in found)


def _plain_comparisons(text: str) -> list[_Comparison] | None:
    """The comparisons of a plain condition; None if it is not plain."""
    found, at = list[_Comparison](), 0
    while match := _COMPARISON.match(text, at):
        coalesced, name, operator, value, values, alone = match.groups()
        literals = _LITERAL.findall(value or values or "")
        kinds = frozenset(map(_kind_of, literals))
        texts = tuple(literal[1:-1] for literal in literals if literal.startswith("'"))
        operator = operator or ("in" if values else None)
        place = match.start(1 if coalesced else 2 if name else 6)
        found.append(_Comparison((coalesced or name or alone).lower(), operator, kinds, texts, place))
        at = match.end()
        if at == len(text):
            return None if {one.column for one in found} & set(_RESERVED.split()) else found
        joined = _JOINED.match(text, at)
        if joined is None:
            return None
        at = joined.end()
    return None


def texts_compared(condition: Condition) -> Iterator[tuple[str, str]]:
    """Each column, alone or in coalesce(), and each text with which =, <> or in compares it."""
    plain = _plain_comparisons(condition.text)
    if plain is not None:
        yield from ((one.column, text) for one in plain if one.operator in ("=", "<>", "in") for text in one.texts)
        return
    from sqlglot import exp  # noqa: PLC0415  # as above

    for node in _parse(condition.text).find_all(exp.EQ, exp.NEQ, exp.In):
        column = node.this.this if isinstance(node.this, exp.Coalesce) else node.this
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
        if isinstance(column, exp.Column):
            texts = (other.name for other in others if isinstance(other, exp.Literal) and other.is_string)
            yield from ((column.name.lower(), text) for text in texts)


def _kind_of(literal: str) -> Kind:
    return Kind.TEXT if literal.startswith("'") else Kind.NUMBER


def read_condition(text: str, columns: Collection[str], kinds: Mapping[str, Kind] | None = None) -> Condition:
    """The condition in `text`, checked against the column names of its source (lower case).

    With the `kinds` of the columns, its comparisons are checked too: engines differ in what a text beside a number is.
    Raises ConditionError for a column that the source does not have, for a comparison of unlike kinds, and for anything
    but a condition.
    """
    plain = _plain_comparisons(text)
    used = frozenset(one.column for one in plain) if plain is not None else _columns_of(text)
    unknown = sorted(used - set(columns))
    if unknown:
        raise ConditionError(
            f"condition {text!r} names {', '.join(unknown)}; the source has {', '.join(sorted(columns))}"
        )
    if kinds is not None:
        for one in plain if plain is not None else _comparisons_of(text):
            _check_kinds(text, one, kinds[one.column])
    return Condition(text, used)


def _check_kinds(text: str, one: _Comparison, kind: Kind) -> None:
    if one.operator is None:
        if kind is not Kind.FLAG:
            raise ConditionError(
                f"condition {text!r}: {one.column} alone says nothing: compare it with {_WRITTEN[kind]}"
            )
        return
    if kind is Kind.TEXT and one.operator in ("<", "<=", ">", ">=", "between"):
        raise ConditionError(f"condition {text!r}: {one.column} is a text, and texts have no order here; use = or in")
    if one.kinds - {kind}:
        raise ConditionError(f"condition {text!r}: beside {one.column} write {_WRITTEN[kind]}")


def _columns_of(text: str) -> frozenset[str]:
    """The columns that a condition names; `ConditionError` if it is not a condition, or does more than one may."""
    from sqlglot import exp  # noqa: PLC0415  # takes long, and few conditions need it

    tree = _parse(text)
    for node in tree.walk():
        _check_node(node, text)
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def _comparisons_of(text: str) -> Iterator[_Comparison]:
    """Each column of a condition with what stands beside it."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    for column in _parse(text).find_all(exp.Column):
        node: exp.Expression = column
        while isinstance(node.parent, exp.Coalesce | exp.Paren | exp.Lower | exp.Upper | exp.Trim):
            node = node.parent
        above = node.parent
        name = column.name.lower()
        if isinstance(above, exp.Is):
            continue
        if isinstance(above, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.In | exp.Between | exp.Like):
            order = {exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.Between: "between"}
            kinds = {kind for part in above.walk() if (kind := _literal_kind(part)) is not None}
            yield _Comparison(name, order.get(type(above), "="), frozenset(kinds))
        else:
            yield _Comparison(name, None, frozenset())


def _literal_kind(node: exp.Expr) -> Kind | None:
    """The kind of a literal; None for anything else, and for the text inside a date."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    if isinstance(node, exp.Cast):
        return Kind.DATE
    if isinstance(node, exp.Boolean):
        return Kind.FLAG
    if isinstance(node, exp.Literal) and not isinstance(node.parent, exp.Cast):
        return Kind.TEXT if node.is_string else Kind.NUMBER
    return None


def _parse(text: str) -> exp.Expr:
    import sqlglot  # noqa: PLC0415  # as above

    plain = "".join(part if part.startswith("'") else _FORCE.sub('"force"', part) for part in _TEXTS.split(text))
    try:
        trees = [tree for tree in sqlglot.parse(plain, read="duckdb") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        reason = str(error).splitlines()[0].split(". Line")[0]
        raise ConditionError(f"condition {text!r} cannot be read: {reason}") from None
    if len(trees) != 1:
        raise ConditionError(f"condition {text!r} holds {len(trees)} statements; write one condition")
    return trees[0]


def _check_node(node: exp.Expr, text: str) -> None:
    """Refuse a node that a condition may not have: a sub-query, another function, a statement, a qualified name."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
        return  # the parser's form of the literal date '2008-04-01'
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.DATE:
        return
    if isinstance(node, exp.Column) and node.table:
        raise ConditionError(f"condition {text!r}: write {node.name}, not {node.sql()}")
    if isinstance(node, exp.Literal) and node.is_string and "\\" in node.name:
        raise ConditionError(
            f"condition {text!r}: a backslash means different things to different engines; leave it out"
        )
    if not isinstance(node, _allowed()):
        raise ConditionError(
            f"condition {text!r}: {node.sql(dialect='duckdb')!r} is not allowed in a condition; use and, or, not,"
            f" comparisons, in, between, is null, like, and {FUNCTIONS}"
        )


@cache
def _allowed() -> tuple[type[exp.Expr], ...]:
    """The parts of SQL that a condition may have."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    return (
        exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between,
        exp.Is, exp.Null, exp.Like, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce, exp.Literal, exp.Boolean, exp.Neg,
        exp.Column, exp.Identifier,
    )  # fmt: skip
