"""Conditions over a source's columns, as configuration states them: `minor = 'Robbery' and age < 20`.

A condition is a SQL condition and nothing more: and, or, not, comparisons, in, between, is null, like, the functions
in `FUNCTIONS`, and literals. It is parsed and checked before any engine sees it, so that configuration can never read
a file, call a function of the engine, or end a statement and start another. sqlglot does this, and takes long to load;
`cpa_xl.plainconditions` knows the usual conditions without it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cpa_xl.errors import Refusal
from cpa_xl.plainconditions import plain_columns

if TYPE_CHECKING:
    from sqlglot import exp

FUNCTIONS = "lower, upper, trim, coalesce, date 'yyyy-mm-dd'"


class ConditionError(Refusal):
    """A condition that cannot be read, or that does more than a condition may."""


@dataclass(frozen=True)
class Condition:
    """A checked condition: its text as written, and the columns it needs."""

    text: str
    columns: frozenset[str]

    def sql(self, dialect: str = "duckdb") -> str:
        """The same condition for an engine, its columns quoted."""
        from sqlglot import exp  # noqa: PLC0415  # takes long, and only counting extracts needs it

        tree = _parse(self.text)
        for column in tree.find_all(exp.Column):
            column.set("this", exp.to_identifier(column.name.lower(), quoted=True))
        return tree.sql(dialect=dialect)


def read_condition(text: str, columns: Collection[str]) -> Condition:
    """Parse and check `text` against the column names of its source (lower case); refuse anything else."""
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
    """The columns that a condition names; `ConditionError` where it is none, or holds more than a condition may."""
    from sqlglot import exp  # noqa: PLC0415  # takes long, and few conditions need it

    tree = _parse(text)
    for node in tree.walk():
        _check_node(node, text)
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


@cache
def _allowed() -> tuple[type[exp.Expr], ...]:
    """What a condition may be made of."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    return (
        exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between,
        exp.Is, exp.Null, exp.Like, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce, exp.Literal, exp.Boolean, exp.Neg,
        exp.Column, exp.Identifier,
    )  # fmt: skip


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
    """Refuse a node that is not on the list: sub-queries, other functions, statements, qualified names."""
    from sqlglot import exp  # noqa: PLC0415  # as above

    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
        return  # how the parser reads the literal date '2008-04-01'
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
            f"condition {text!r}: {node.sql(dialect='duckdb')!r} may not stand in a condition; use and, or, not,"
            f" comparisons, in, between, is null, like, and {FUNCTIONS}"
        )
