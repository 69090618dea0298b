"""Conditions as the SQL parser reads them: what they may hold, what they compare, and their SQL for each engine.

Engines differ in what the same words mean. Measured with DuckDB 1.5.6, SQLite 3.40, PostgreSQL 15, Spark 4.3 and
pysail 0.7 over rows made to differ; `tests/config/test_engines.py` runs every form on those that are at hand.

* SQLite's LIKE takes no notice of case; its GLOB does, with other signs.
* DuckDB's trim removes every kind of blank, the others only spaces.
* lower and upper change letters beyond A to Z on some engines only, and not the same ones.
* SQLite keeps dates as texts, and Oracle reads a date in the order that a session sets.
* SQL Server and Oracle have no truth values in columns; Oracle takes an empty text for null.
* SQL Server's LIKE reads square brackets as a set of letters. pysail compares a fraction with a column as decimals.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import sqlglot
from sqlglot import exp

from cpa_xl.config.kinds import FUNCTIONS, WRITTEN, ConditionError, Kind, check_order

MOST_BRACKETS = 40  # the parser calls itself for each
_TEXTS = re.compile(r"('(?:[^']|'')*')")
_FORCE = re.compile(r'(?<!")\bforce\b(?!")', re.IGNORECASE)  # a column of this field, and a keyword for sqlglot
_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
_WITHOUT_TRUTH = ("tsql", "oracle")
_ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between,
    exp.Is, exp.Null, exp.Like, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce, exp.Literal, exp.Boolean, exp.Neg,
    exp.Column, exp.Identifier,
)  # fmt: skip
_OPERATORS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.In: "in", exp.Between: "between", exp.Like: "like",
}  # fmt: skip


def columns_of(text: str) -> frozenset[str]:
    """The columns that a condition names, in lower case.

    Raises ConditionError if it is not a condition, or does more than one may.
    """
    tree = _parse(text)
    for node in tree.walk():
        _check_node(node, text)
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def check_kinds(text: str, kinds: Mapping[str, Kind]) -> None:
    """Check that a condition compares like with like; `kinds` by column. Raises ConditionError.

    Engines differ in what a text beside a number is, and some count nothing without a word.
    """
    _Kinds(text, kinds).check(_parse(text))


def texts_compared_in(text: str) -> Iterator[tuple[str, str]]:
    """Each column, alone or in coalesce(), and each text with which =, <> or in compares it."""
    for node in _parse(text).find_all(exp.EQ, exp.NEQ, exp.In):
        column = node.this.this if isinstance(node.this, exp.Coalesce) else node.this
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
        if isinstance(column, exp.Column):
            texts = (other.name for other in others if isinstance(other, exp.Literal) and other.is_string)
            yield from ((column.name.lower(), text) for text in texts)


def portable(text: str, dialect: str) -> str:
    """The SQL of a condition for an engine (a dialect of sqlglot), with quoted columns in lower case."""
    tree = _parse(text)
    if dialect in _WITHOUT_TRUTH:
        tree = _with_bits(tree)
    for node in reversed(list(tree.walk())):  # parts first
        if (new := _for_engine(node, dialect)) is not node:
            tree = new if node is tree else tree
            node.replace(new)
    return tree.sql(dialect=dialect)


def _parse(text: str) -> exp.Expr:
    brackets = sum(part.count("(") for part in _TEXTS.split(text) if not part.startswith("'"))
    if brackets > MOST_BRACKETS:
        raise ConditionError(
            f"a condition has {brackets} brackets; at most {MOST_BRACKETS} are read: {text[:60]!r} ..."
        )
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
    if not isinstance(node, _ALLOWED):
        raise ConditionError(
            f"condition {text!r}: {_sql(node)!r} is not allowed in a condition; use and, or, not,"
            f" comparisons, in, between, is null, like, and {FUNCTIONS}"
        )


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb")


class _Kinds:
    """Checks the kinds of the values in one condition."""

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self.text, self.kinds = text, kinds

    def check(self, node: exp.Expr) -> None:
        """Check something that is true or false."""
        if isinstance(node, exp.And | exp.Or):
            self.check(node.left)
            self.check(node.right)
        elif isinstance(node, exp.Not | exp.Paren):
            self.check(node.this)
        elif isinstance(node, exp.Is):
            kind = self.value(node.this)
            if isinstance(node.expression, exp.Boolean) and kind is not Kind.FLAG:
                raise self._unlike(node)
        elif type(node) in _OPERATORS:
            self._compare(node)
        elif not isinstance(node, exp.Boolean) and (kind := self.value(node)) is not Kind.FLAG:
            written = WRITTEN[kind] if kind else "something"
            raise self._error(f"{_plain(node)} alone says nothing: compare it with {written}")

    def value(self, node: exp.Expr) -> Kind | None:
        """The kind of a value; None for null."""
        found = next((one for kind, one in _VALUES.items() if isinstance(node, kind)), None)
        if found is None:
            raise self._error(f"{_sql(node)} is a condition, and cannot be compared: write it alone")
        return found(self, node)

    def column(self, node: exp.Expr) -> Kind:
        return self.kinds[node.name.lower()]

    def literal(self, node: exp.Expr) -> Kind:
        return Kind.TEXT if node.is_string else Kind.NUMBER

    def negative(self, node: exp.Expr) -> Kind:
        if not isinstance(node.this, exp.Literal) or node.this.is_string:
            raise self._error(f"{_sql(node)}: a minus is allowed before a number only")
        return Kind.NUMBER

    def date(self, node: exp.Expr) -> Kind:
        written = node.this.name
        try:
            valid = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written) and date.fromisoformat(written)
        except ValueError:
            valid = None
        if not valid:
            raise self._error(f"{written!r} is no date; write year, month and day: date '2008-04-01'")
        return Kind.DATE

    def changed(self, node: exp.Expr) -> Kind:
        """A text in other letters, or without blanks around it."""
        if self.value(node.this) is not Kind.TEXT:
            raise self._error(f"{_sql(node)}: {node.key} is for texts, and {_plain(node.this)} is none")
        removed = node.args.get("expression")
        if isinstance(node, exp.Trim) and (node.args.get("position") or (removed is not None and removed.name != " ")):
            raise self._error(f"{_sql(node)}: write trim with the column alone; it removes the blanks at both ends")
        return Kind.TEXT

    def first(self, node: exp.Expr) -> Kind | None:
        return self._alike(node, [node.this, *node.expressions])

    def _compare(self, node: exp.Expr) -> None:
        operator = _OPERATORS[type(node)]
        if isinstance(node, exp.In):
            values = [node.this, *node.expressions]
        elif isinstance(node, exp.Between):
            values = [node.this, node.args["low"], node.args["high"]]
        else:
            values = [node.args["this"], node.args["expression"]]
        if operator == "like" and not (isinstance(values[1], exp.Literal) and values[1].is_string):
            raise self._error(f"after like write a text: like 'Rob%', not {_sql(values[1])}")
        kind = self._alike(node, values)
        name = next((column.name.lower() for column in node.find_all(exp.Column)), _sql(node))
        if kind is not None:
            check_order(self.text, name, operator, kind)
        literals = [part.name for part in node.find_all(exp.Literal) if part.is_string]
        if node.find(exp.Lower, exp.Upper) and not all(literal.isascii() for literal in literals):
            raise self._error(
                "lower and upper change the letters A to Z only; beside other letters write each spelling:"
                f" {name} in ('Caf\u00e9', 'CAF\u00c9')"
            )

    def _alike(self, node: exp.Expr, values: Sequence[exp.Expr]) -> Kind | None:
        """The kind that all values have; None if all are null."""
        kinds = [kind for value in values if (kind := self.value(value)) is not None]
        if len(set(kinds)) > 1:
            raise self._unlike(node)
        return kinds[0] if kinds else None

    def _unlike(self, node: exp.Expr) -> ConditionError:
        for column in node.find_all(exp.Column):
            return self._error(f"beside {column.name.lower()} write {WRITTEN[self.column(column)]}")
        return self._error(
            f"{_sql(node)} compares a {Kind.TEXT}, {Kind.NUMBER}, {Kind.DATE} or {Kind.FLAG} with another"
        )

    def _error(self, words: str) -> ConditionError:
        return ConditionError(f"condition {self.text!r}: {words}")


_VALUES: Mapping[type[exp.Expr], Callable[[_Kinds, exp.Expr], Kind | None]] = {
    exp.Column: _Kinds.column,
    exp.Literal: _Kinds.literal,
    exp.Neg: _Kinds.negative,
    exp.Cast: _Kinds.date,
    exp.Lower: _Kinds.changed,
    exp.Upper: _Kinds.changed,
    exp.Trim: _Kinds.changed,
    exp.Coalesce: _Kinds.first,
    exp.Paren: lambda kinds, node: kinds.value(node.this),
    exp.Boolean: lambda _kinds, _node: Kind.FLAG,
    exp.Null: lambda _kinds, _node: None,
}


def _plain(node: exp.Expr) -> str:
    return node.name.lower() if isinstance(node, exp.Column) else _sql(node)


def _for_engine(node: exp.Expr, dialect: str) -> exp.Expr:
    """A part of a condition as an engine needs it; its own parts are done."""
    if isinstance(node, exp.Column):
        return exp.column(exp.to_identifier(node.name.lower(), quoted=True))
    if isinstance(node, exp.Trim):
        return exp.Trim(this=node.this.copy(), expression=exp.Literal.string(" "))
    if isinstance(node, exp.Lower | exp.Upper) and dialect != "sqlite":  # SQLite knows A to Z only
        letters = (_CAPITALS, _SMALL) if isinstance(node, exp.Lower) else (_SMALL, _CAPITALS)
        return exp.func("TRANSLATE", node.this.copy(), *map(exp.Literal.string, letters))
    own = _OWN.get(dialect)
    return node if own is None else own(node)


def _sqlite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Like):
        signs = "".join(_GLOB.get(sign, sign) for sign in node.expression.name)
        alike = exp.Glob(this=node.this.copy(), expression=exp.Literal.string(signs))
        return exp.not_(alike) if node.args.get("negate") else alike
    return exp.Literal.string(node.this.name) if isinstance(node, exp.Cast) else node


def _spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and not node.is_string and not node.name.isdigit():
        return exp.cast(node.copy(), "double")
    return node


def _tsql(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Like):
        node.set("expression", exp.Literal.string(node.expression.name.replace("[", "[[]")))
    return node


def _oracle(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast):
        return exp.Anonymous(this="TO_DATE", expressions=[node.this.copy(), exp.Literal.string("YYYY-MM-DD")])
    if isinstance(node, exp.Literal) and node.is_string and not node.name:
        return exp.Anonymous(this="CHR", expressions=[exp.Literal.number(0)])
    return node


_OWN: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    "sqlite": _sqlite, "spark": _spark, "tsql": _tsql, "oracle": _oracle,
}  # fmt: skip


def _with_bits(node: exp.Expr) -> exp.Expr:
    """A condition for engines whose flags are the numbers 1 and 0."""
    if isinstance(node, exp.And | exp.Or):
        return type(node)(this=_with_bits(node.left), expression=_with_bits(node.right))
    if isinstance(node, exp.Not | exp.Paren):
        return type(node)(this=_with_bits(node.this))
    if isinstance(node, exp.Column | exp.Coalesce | exp.Boolean):
        return exp.EQ(this=_bits(node), expression=exp.Literal.number(1))
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean):
        wanted = bool(node.expression.this)
        known = exp.Coalesce(
            this=_bits(node.this), expressions=[exp.Literal.number(int(not wanted))]
        )  # null is neither
        return exp.EQ(this=known, expression=exp.Literal.number(int(wanted)))
    return _bits(node)


def _bits(node: exp.Expr) -> exp.Expr:
    def one(part: exp.Expr) -> exp.Expr:
        return exp.Literal.number(int(bool(part.this))) if isinstance(part, exp.Boolean) else part

    return node.copy().transform(one)
