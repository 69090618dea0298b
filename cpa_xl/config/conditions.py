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
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cpa_xl.errors import Refusal

if TYPE_CHECKING:
    from sqlglot import exp

# Words that DuckDB's SQL reads as keywords where a column may be; a condition with one of them is not plain.
_RESERVED = """
    all alter analyze and any array as attach begin between cache call case comment commit connect connect_by_root
    copy create cross current_catalog current_date current_time current_timestamp current_user delete desc describe
    detach disconnect distinct drop else except execute explain false fetch for force from glob grant having if
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
    rf" (?:(?:=|<>|<=|>=|<|>) {_VALUE}|in \({_VALUE}(?:, {_VALUE})*\))"
)
_COMPARISON = re.compile(rf"{_COMPARED}|{_NAME}", re.IGNORECASE | re.ASCII)
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
        from sqlglot import exp  # noqa: PLC0415  # takes long, and only counting extracts needs it

        tree = _parse(self.text)
        for column in tree.find_all(exp.Column):
            column.set("this", exp.to_identifier(column.name.lower(), quoted=True))
        return tree.sql(dialect=dialect)


def plain_columns(text: str) -> frozenset[str] | None:
    """The columns that a plain condition names, in lower case; None if it is not plain."""
    columns, at = set[str](), 0
    while found := _COMPARISON.match(text, at):
        columns |= {name.lower() for name in found.groups() if name is not None}
        at = found.end()
        if at == len(text):
            return None if not columns.isdisjoint(_RESERVED.split()) else frozenset(columns)
        joined = _JOINED.match(text, at)
        if joined is None:
            return None
        at = joined.end()
    return None


def read_condition(text: str, columns: Collection[str]) -> Condition:
    """The condition in `text`, checked against the column names of its source (lower case).

    Raises ConditionError for a column that the source does not have, and for anything but a condition.
    """
    used = plain_columns(text)
    if used is None:
        used = _columns_of(text)
    unknown = sorted(used - set(columns))
    if unknown:
        raise ConditionError(
            f"condition {text!r} names {', '.join(unknown)}; the source has {', '.join(sorted(columns))}"
        )
    return Condition(text, used)


def _columns_of(text: str) -> frozenset[str]:
    """The columns that a condition names; `ConditionError` if it is not a condition, or does more than one may."""
    from sqlglot import exp  # noqa: PLC0415  # takes long, and few conditions need it

    tree = _parse(text)
    for node in tree.walk():
        _check_node(node, text)
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def _parse(text: str) -> exp.Expr:
    import sqlglot  # noqa: PLC0415  # as above

    try:
        trees = [tree for tree in sqlglot.parse(text, read="duckdb") if tree is not None]
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
