"""Conditions over a source's columns, as the configuration writes them: `minor = 'Robbery' and age < 20`.

A condition is a SQL condition and nothing more: and, or, not, comparisons, in, between, is null, like, the functions
that `kinds.FUNCTIONS` names, and literals. `read_condition` checks it before any engine sees it. So a configuration can
never read a file, call a function of the engine, or end a statement and start another.

sqlglot parses conditions, but takes long to load. `plain_columns` reads the usual, plain conditions without it: those
made of comparisons joined by and, or. A comparison is a column alone, or a column (or `coalesce(column, 'text')`) with
=, <>, <, <=, >, >= or in, and texts or whole numbers. sqlglot would find the same columns in them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.config.kinds import WRITTEN, ConditionError, Kind, check_order

# Words that DuckDB's SQL reads as keywords where a column may be; a condition with one of them is not plain.
_RESERVED = """
    all alter analyze and any array as attach begin between cache call case comment commit connect connect_by_root
    copy create cross current_catalog current_date current_time current_timestamp current_user delete desc describe
    detach disconnect distinct drop else except execute explain false fetch for from glob grant having if
    ilike inner insert install intersect into join kill lateral like list load localtime localtimestamp map merge
    not notnull null nullable object on only optimize or outer partitioned_by pivot pivot_wider positional pragma
    prepare qualify range regexp release rename reset returning revoke rlike rollback row savepoint select
    session_user set show
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
_LITERAL = re.compile(_VALUE, re.ASCII)
_JOINED = re.compile(r" (?:and|or) ", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Condition:
    """A checked condition: its text as written, and its columns in lower case."""

    text: str
    columns: frozenset[str]

    def sql(self, dialect: str = "duckdb") -> str:
        """The same condition in the SQL of an engine, with quoted columns. It counts the same rows on every engine.

        `dialect` is one of sqlglot's: duckdb, postgres, sqlite, spark, tsql, oracle.
        """
        plain = _plain_comparisons(self.text) if dialect == "duckdb" else None
        if plain is not None:  # it is its SQL already
            text = self.text
            for one in reversed(plain):
                text = f'{text[: one.place]}"{one.column}"{text[one.place + len(one.column) :]}'
            return text
        from cpa_xl.config.condition_tree import portable  # noqa: PLC0415  # takes long, and only counting needs it

        return portable(self.text, dialect)


@dataclass(frozen=True)
class _Comparison:
    """A column with an operator (None: alone) and the kinds of the values beside it."""

    column: str
    operator: str | None
    kinds: frozenset[Kind]
    texts: tuple[str, ...] = ()
    place: int = 0  # where the column is in a plain condition


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
    from cpa_xl.config.condition_tree import texts_compared_in  # noqa: PLC0415  # takes long, and few need it

    yield from texts_compared_in(condition.text)


def _kind_of(literal: str) -> Kind:
    return Kind.TEXT if literal.startswith("'") else Kind.NUMBER


def read_condition(text: str, columns: Collection[str], kinds: Mapping[str, Kind] | None = None) -> Condition:
    """The condition in `text`, checked against the column names of its source (lower case).

    With the `kinds` of the columns, its comparisons are checked too: engines differ in what a text beside a number is.
    Raises ConditionError for a column that the source does not have, for a comparison of unlike kinds, and for anything
    but a condition.
    """
    plain = _plain_comparisons(text)
    if plain is None:
        from cpa_xl.config.condition_tree import check_kinds, columns_of  # noqa: PLC0415  # takes long, and few need it

        used = columns_of(text)
    else:
        used = frozenset(one.column for one in plain)
    unknown = sorted(used - set(columns))
    if unknown:
        raise ConditionError(
            f"condition {text!r} names {', '.join(unknown)}; the source has {', '.join(sorted(columns))}"
        )
    if kinds is not None:
        if plain is None:
            check_kinds(text, kinds)
        for one in plain or ():
            _check_kinds(text, one, kinds[one.column])
    return Condition(text, used)


def _check_kinds(text: str, one: _Comparison, kind: Kind) -> None:
    if one.operator is None:
        if kind is not Kind.FLAG:
            raise ConditionError(
                f"condition {text!r}: {one.column} alone says nothing: compare it with {WRITTEN[kind]}"
            )
        return
    check_order(text, one.column, one.operator, kind)
    if one.kinds - {kind}:
        raise ConditionError(f"condition {text!r}: beside {one.column} write {WRITTEN[kind]}")
