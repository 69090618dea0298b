"""Conditions over a source's columns, as configuration states them: `minor = 'Robbery' and age < 20`.

A condition is a SQL condition and nothing more: and, or, not, comparisons, in, between, is null, like, the functions
in `FUNCTIONS`, and literals. It is parsed and checked before any engine sees it, so that configuration can never read
a file, call a function of the engine, or end a statement and start another.
"""

from collections.abc import Collection
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from cpa_xl.errors import Refusal

FUNCTIONS = "lower, upper, trim, coalesce, date 'yyyy-mm-dd'"

_ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between,
    exp.Is, exp.Null, exp.Like, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce, exp.Literal, exp.Boolean, exp.Neg,
    exp.Column, exp.Identifier,
)  # fmt: skip


class ConditionError(Refusal):
    """A condition that cannot be read, or that does more than a condition may."""


@dataclass(frozen=True)
class Condition:
    """A checked condition: its text as written, and the columns it needs."""

    text: str
    columns: frozenset[str]

    def sql(self, dialect: str = "duckdb") -> str:
        """The same condition for an engine, its columns quoted."""
        tree = _parse(self.text)
        for column in tree.find_all(exp.Column):
            column.set("this", exp.to_identifier(column.name.lower(), quoted=True))
        return tree.sql(dialect=dialect)


def read_condition(text: str, columns: Collection[str]) -> Condition:
    """Parse and check `text` against the column names of its source (lower case); refuse anything else."""
    tree = _parse(text)
    for node in tree.walk():
        _check_node(node, text)
    used = {column.name.lower() for column in tree.find_all(exp.Column)}
    unknown = sorted(used - set(columns))
    if unknown:
        raise ConditionError(
            f"condition {text!r} names {', '.join(unknown)}; the source has {', '.join(sorted(columns))}"
        )
    return Condition(text, frozenset(used))


def _parse(text: str) -> exp.Expr:
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
    if not isinstance(node, _ALLOWED):
        raise ConditionError(
            f"condition {text!r}: {node.sql(dialect='duckdb')!r} may not stand in a condition; use and, or, not,"
            f" comparisons, in, between, is null, like, and {FUNCTIONS}"
        )
