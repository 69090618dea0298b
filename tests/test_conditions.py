"""Conditions: a SQL condition over a source's columns, and nothing more."""

import pytest

from cpa_xl.conditions import ConditionError, read_condition

COLUMNS = ("minor", "age", "offence", "gun_enabled", "weapon", "recorded")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("minor = 'Robbery' and age < 20", '"minor" = \'Robbery\' AND "age" < 20'),
        (
            "gun_enabled and coalesce(weapon, '') <> 'x'",
            "\"gun_enabled\" AND COALESCE(\"weapon\", '') <> 'x'",
        ),
        ("offence in ('a', 'b') or not gun_enabled", "\"offence\" IN ('a', 'b') OR NOT \"gun_enabled\""),
        ("recorded >= date '2008-04-01'", "\"recorded\" >= CAST('2008-04-01' AS DATE)"),
        ("age between 1 and 3", '"age" BETWEEN 1 AND 3'),
        ("lower(trim(minor)) like 'rob%'", "LOWER(TRIM(\"minor\")) LIKE 'rob%'"),
        ("weapon is not null", 'NOT "weapon" IS NULL'),
        ("MINOR = 'Robbery'", "\"minor\" = 'Robbery'"),
    ],
)
def test_conditions_are_read_and_their_columns_quoted(text: str, sql: str) -> None:
    assert read_condition(text, COLUMNS).sql() == sql


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(select 1) = 1", "'(SELECT 1)' may not stand in a condition"),
        ("age in (select 1)", "may not stand in a condition"),
        ("exists(select 1)", "may not stand in a condition"),
        ("age = 1; drop table x", "holds 2 statements; write one condition"),
        ("", "holds 0 statements; write one condition"),
        ("read_csv('/etc/passwd') = 1", "may not stand in a condition; use and, or, not, comparisons"),
        ("age + 1 > 2", "'age + 1' may not stand in a condition"),
        ("age < cast('1' as int)", "may not stand in a condition"),
        ("cast(minor as date) = date '2008-04-01'", "may not stand in a condition"),
        ("case when age = 1 then true end", "may not stand in a condition"),
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
