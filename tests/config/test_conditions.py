"""Conditions: a SQL condition over a source's columns, and nothing more."""

import re

import pytest
import sqlglot
from sqlglot.dialects.duckdb import DuckDB

from cpa_xl.config.condition_tree import columns_of, portable, texts_compared_in
from cpa_xl.config.conditions import plain_columns, read_condition, texts_compared
from cpa_xl.config.kinds import ConditionError

COLUMNS = ("minor", "age", "offence", "gun_enabled", "weapon", "recorded")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("minor = 'Robbery' and age < 20", '"minor" = \'Robbery\' and "age" < 20'),
        (
            "gun_enabled and coalesce(weapon, '') <> 'x'",
            "\"gun_enabled\" and coalesce(\"weapon\", '') <> 'x'",
        ),
        ("offence in ('a', 'b') or not gun_enabled", "\"offence\" IN ('a', 'b') OR NOT \"gun_enabled\""),
        ("recorded >= date '2008-04-01'", "\"recorded\" >= CAST('2008-04-01' AS DATE)"),
        ("age between 1 and 3", '"age" BETWEEN 1 AND 3'),
        (
            "lower(trim(minor)) like 'rob%'",
            "TRANSLATE(TRIM(\"minor\", ' '), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') LIKE 'rob%'",
        ),
        ("weapon is not null", 'NOT "weapon" IS NULL'),
        ("MINOR = 'Robbery'", "\"minor\" = 'Robbery'"),
    ],
)
def test_conditions_are_read_and_their_columns_quoted(text: str, sql: str) -> None:
    assert read_condition(text, COLUMNS).sql() == sql


@pytest.mark.parametrize(
    "text",
    [
        "minor = 'Robbery'", "gun_enabled", "age < 20 and minor in ('a', 'b') or GUN_ENABLED",
        "coalesce(weapon, '') <> 'x' and age >= 3", "minor <> 'Robbery' or weapon in ('weapon')",
    ],
)  # fmt: skip
def test_plain_conditions_mean_the_same_without_the_parser(text: str) -> None:
    condition = read_condition(text, COLUMNS)
    parsed = sqlglot.parse_one(portable(text, "duckdb"), read="duckdb")
    assert sqlglot.parse_one(condition.sql(), read="duckdb") == parsed
    assert sorted(texts_compared(condition)) == sorted(texts_compared_in(text))
    assert [pair for pair in texts_compared(condition) if pair[0] == "weapon"] == [
        ("weapon", one) for one in ("x", "weapon") if f"'{one}'" in text
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(select 1) = 1", "'(SELECT 1)' is not allowed in a condition"),
        ("age in (select 1)", "is not allowed in a condition"),
        ("exists(select 1)", "is not allowed in a condition"),
        ("age = 1; drop table x", "holds 2 statements; write one condition"),
        ("", "holds 0 statements; write one condition"),
        ("read_csv('/etc/passwd') = 1", "is not allowed in a condition; use and, or, not, comparisons"),
        ("age + 1 > 2", "'age + 1' is not allowed in a condition"),
        ("age < cast('1' as int)", "is not allowed in a condition"),
        ("cast(minor as date) = date '2008-04-01'", "is not allowed in a condition"),
        ("case when age = 1 then true end", "is not allowed in a condition"),
        ("minor like 'a\\%'", "a backslash means different things to different engines; leave it out"),
        ("t.age = 1", "write age, not t.age"),
        ("(age", "cannot be read"),
        ("minr = 'Robbery'", "names minr; the source has age, gun_enabled, minor"),
        ("minor = Robbery", "names robbery; the source has"),
    ],
)
def test_anything_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        read_condition(text, COLUMNS)
    assert message in str(refused.value)
    assert repr(text) in str(refused.value)


def test_a_condition_tells_its_columns() -> None:
    assert read_condition("gun_enabled and weapon <> 'x'", COLUMNS).columns == {"gun_enabled", "weapon"}


PLAIN = [
    "minor = 'Robbery'",
    "gun_enabled",
    "gun_enabled and minor",
    "gun_enabled and coalesce(weapon, '') <> 'CS gas'",
    "age < 20 and offence in ('Most serious violence', 'ABH') or Age >= 100",
    "MINOR IN ('a', 7) AND age <= 3",
    "minor = 'x -- y /* z'",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_conditions_are_read_as_the_parser_reads_them(text: str) -> None:
    assert plain_columns(text) == columns_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "minor = 'a''b'", "minor = 'a\\'", "(age < 3)", "not gun_enabled", "t.age = 1", "age < 3 and", "age < 3;", "",
        "age < 3 or or minor", "lower(minor) = 'a'", "age = -1", "age  <  3 --", "minor = minor = 'a'", "minor = null",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_parser(text: str) -> None:
    assert plain_columns(text) is None


@pytest.mark.slow
def test_plain_conditions_name_no_word_that_the_parser_takes_for_its_own() -> None:
    """Every keyword and function of the parser's DuckDB, as a column in each place that a plain condition has."""
    phrases = {*DuckDB.Tokenizer.KEYWORDS, *DuckDB.Parser.FUNCTIONS}
    words = {word.lower() for phrase in phrases for word in phrase.split() if re.fullmatch(r"[A-Za-z_]+", word)}
    shapes = ("{}", "{} = 'x'", "{} < 20 and a", "{} in ('x', 'y')", "a = 'x' and {}", "a or {} or a",
              "coalesce({}, '') <> 'b'", "{} and a", "a in ('x', 'y') or {} >= 3")  # fmt: skip
    plain = [(text, columns) for word in sorted(words) for shape in shapes
             if (columns := plain_columns(text := shape.format(word))) is not None]  # fmt: skip
    assert len(plain) > 5_000
    assert [text for text, columns in plain if _read(text) != columns] == []


def _read(text: str) -> frozenset[str] | None:
    try:
        return columns_of(text)
    except ConditionError:
        return None
