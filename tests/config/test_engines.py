"""Every form of condition counts the same rows on every engine, over rows made so that engines differ.

The right count comes from Python: each form is beside the same condition as a Python expression over one row.
"""

import datetime
import sqlite3
from collections.abc import Callable, Iterator

import duckdb
import pytest
import sqlalchemy

from cpa_xl.config.conditions import read_condition
from cpa_xl.config.kinds import ConditionError, Kind
from cpa_xl.extracts.files.database import spark_session
from tests.support import servers

KINDS = {"t": Kind.TEXT, "s": Kind.TEXT, "n": Kind.NUMBER, "x": Kind.NUMBER, "d": Kind.DATE, "f": Kind.FLAG}
TEXTS = [
    "Robbery", "robbery", "ROBBERY", "Rob%ery", "Rob_ery", "Rob*", "Rob?", "Rob[b]ery", "Robb", "Théft", "THÉFT",
    "théft", "Straße", "STRASSE", "ẞ", "İ", "i", "I", "O'Neil", "a b", "日本", "e\u0301", "é", "Z", "a", "Y", "true",
    "1", "12", None,
]  # fmt: skip
NUMBERS = [0, 1, 2, 5, 12, -1, 2_000_000_000, None]
FRACTIONS = [0.0, 0.3, 0.1 + 0.2, 2.5, -0.5, 1e9, None]
DATES = [datetime.date(2008, 12, 31), datetime.date(2009, 1, 1), datetime.date(2009, 1, 31), datetime.date(2009, 2, 1),
         datetime.date(1999, 12, 31), None]  # fmt: skip
FLAGS = [True, False, None]
ROWS = [
    (TEXTS[at % len(TEXTS)], TEXTS[(at * 7 + at // 30) % len(TEXTS)], NUMBERS[at % 8], FRACTIONS[at % 7], DATES[at % 6],
     FLAGS[at % 3])
    for at in range(30 * 8 * 7)
]  # fmt: skip


def lower(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def upper(text: str) -> str:
    return "".join(sign.upper() if sign.isascii() else sign for sign in text)


# A form, and the same in Python; None in a comparison raises TypeError there, which is SQL's unknown for a whole form.
FORMS: dict[str, Callable[..., object]] = {
    "t = 'Robbery'": lambda t, **_: t == "Robbery",
    "t <> 'Robbery'": lambda t, **_: t is not None and t != "Robbery",
    "not t = 'Robbery'": lambda t, **_: t is not None and t != "Robbery",
    "t in ('Robbery', 'Théft', '日本')": lambda t, **_: t in ("Robbery", "Théft", "日本"),
    "t not in ('Robbery', 'Théft')": lambda t, **_: t is not None and t not in ("Robbery", "Théft"),
    "t in ('Robbery', null)": lambda t, **_: t == "Robbery",
    "t = 'O''Neil'": lambda t, **_: t == "O'Neil",
    "t = 'é'": lambda t, **_: t == "é",
    "t = 'Z' or t = 'a'": lambda t, **_: t in ("Z", "a"),
    "t = s": lambda t, s, **_: t is not None and t == s,
    "t like 'rob%'": lambda t, **_: t is not None and t.startswith("rob"),
    "t like 'Rob%'": lambda t, **_: t is not None and t.startswith("Rob"),
    "t not like 'Rob%'": lambda t, **_: t is not None and not t.startswith("Rob"),
    "t like 'Rob_'": lambda t, **_: t is not None and len(t) == 4 and t.startswith("Rob"),
    "t like 'Rob[b]%'": lambda t, **_: t is not None and t.startswith("Rob[b]"),
    "t like 'Rob*'": lambda t, **_: t == "Rob*",
    "t like 'Rob?'": lambda t, **_: t == "Rob?",
    "t like '_'": lambda t, **_: t is not None and len(t) == 1,
    "t like '%ft'": lambda t, **_: t is not None and t.endswith("ft"),
    "lower(t) = 'robbery'": lambda t, **_: t is not None and lower(t) == "robbery",
    "upper(t) = 'STRASSE'": lambda t, **_: t is not None and upper(t) == "STRASSE",
    "lower(t) = 'i'": lambda t, **_: t in ("i", "I"),
    "lower(t) like 'th%'": lambda t, **_: t is not None and lower(t).startswith("th"),
    "upper(trim(t)) in ('ROBBERY', 'I')": lambda t, **_: t is not None and upper(t) in ("ROBBERY", "I"),
    "trim(t) = 'a b'": lambda t, **_: t == "a b",
    "trim(t, ' ') = 'a b'": lambda t, **_: t == "a b",
    "t is null": lambda t, **_: t is None,
    "t is not null": lambda t, **_: t is not None,
    "coalesce(t, '') <> 'Robbery'": lambda t, **_: t != "Robbery",
    "coalesce(t, '') = ''": lambda t, **_: t is None,
    "coalesce(t, s, 'x') = 'x'": lambda t, s, **_: t is None and s is None,
    "n = 2": lambda n, **_: n == 2,
    "n <> 2": lambda n, **_: n is not None and n != 2,
    "n < 5": lambda n, **_: n is not None and n < 5,
    "n >= 2.5": lambda n, **_: n is not None and n >= 2.5,
    "n = 2.0": lambda n, **_: n == 2,
    "n between 1 and 5": lambda n, **_: n is not None and 1 <= n <= 5,
    "n in (1, 12)": lambda n, **_: n in (1, 12),
    "n = -1": lambda n, **_: n == -1,
    "n > 1999999999": lambda n, **_: n is not None and n > 1_999_999_999,
    "coalesce(n, 0) = 0": lambda n, **_: n in (None, 0),
    "x = 0.3": lambda x, **_: x == 0.3,
    "x in (0.3, 2.5)": lambda x, **_: x in (0.3, 2.5),
    "x between 0.29 and 0.31": lambda x, **_: x is not None and 0.29 <= x <= 0.31,
    "x > -0.5": lambda x, **_: x is not None and x > -0.5,
    "x = n": lambda x, n, **_: x is not None and x == n,
    "x >= 1000000000": lambda x, **_: x is not None and x >= 1e9,
    "d = date '2009-01-31'": lambda d, **_: d == datetime.date(2009, 1, 31),
    "d >= date '2009-01-01' and d < date '2009-02-01'": lambda d, **_: d is not None
    and datetime.date(2009, 1, 1) <= d < datetime.date(2009, 2, 1),
    "d between date '2009-01-01' and date '2009-01-31'": lambda d, **_: d is not None
    and datetime.date(2009, 1, 1) <= d <= datetime.date(2009, 1, 31),
    "d in (date '2009-01-01', date '1999-12-31')": lambda d, **_: d
    in (datetime.date(2009, 1, 1), datetime.date(1999, 12, 31)),
    "d is null": lambda d, **_: d is None,
    "f": lambda f, **_: f is True,
    "not f": lambda f, **_: f is False,
    "f = true": lambda f, **_: f is True,
    "f <> true": lambda f, **_: f is False,
    "f is true": lambda f, **_: f is True,
    "f is not true": lambda f, **_: f is not True,
    "f is false": lambda f, **_: f is False,
    "f is null": lambda f, **_: f is None,
    "coalesce(f, false)": lambda f, **_: f is True,
    "not coalesce(f, true)": lambda f, **_: f is False,
    "f and n < 5 or t = 'Robbery'": lambda f, n, t, **_: (f is True and n is not None and n < 5) or t == "Robbery",
    "f and (n < 5 or t = 'Robbery')": lambda f, n, t, **_: f is True
    and ((n is not None and n < 5) or t == "Robbery"),
    "not (t = 'Robbery' or n = 2)": lambda t, n, **_: t is not None and n is not None and t != "Robbery" and n != 2,
    "true": lambda **_: True,
    "f or true": lambda **_: True,
}  # fmt: skip
NAMES = ("t", "s", "n", "x", "d", "f")
RIGHT = {form: sum(bool(one(**dict(zip(NAMES, row, strict=True)))) for row in ROWS) for form, one in FORMS.items()}
CREATE = "CREATE TABLE hostile (t {text}, s {text}, n BIGINT, x {double}, d DATE, f BOOLEAN)"

Counting = Callable[[str], int]


@pytest.fixture(scope="module")
def duck() -> Iterator[Counting]:
    with duckdb.connect() as there:
        there.execute(CREATE.format(text="VARCHAR", double="DOUBLE"))
        there.executemany("INSERT INTO hostile VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        yield lambda sql: there.execute(sql).fetchall()[0][0]


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Counting]:
    there = sqlite3.connect(":memory:")
    there.execute(CREATE.format(text="TEXT", double="REAL"))
    texts = [(*row[:4], row[4] and row[4].isoformat(), row[5]) for row in ROWS]
    there.executemany("INSERT INTO hostile VALUES (?, ?, ?, ?, ?, ?)", texts)
    yield lambda sql: int(there.execute(sql).fetchall()[0][0])
    there.close()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Counting]:
    with servers.postgres() as address:
        engine = sqlalchemy.create_engine(sqlalchemy.make_url(address).set(password=servers.PASSWORD))
        with engine.connect() as there:
            there.exec_driver_sql(CREATE.format(text='TEXT COLLATE "en-x-icu"', double="DOUBLE PRECISION"))
            there.exec_driver_sql("INSERT INTO hostile VALUES (%s, %s, %s, %s, %s, %s)", ROWS)
            yield lambda sql: int(there.exec_driver_sql(sql.replace("%", "%%")).scalar_one())
        engine.dispose()


@pytest.fixture(scope="module")
def spark() -> Iterator[Counting]:
    with servers.spark_connect() as address, spark_session(address) as session:
        schema = "t STRING, s STRING, n BIGINT, x DOUBLE, d DATE, f BOOLEAN"
        session.createDataFrame(ROWS, schema).createOrReplaceTempView("hostile")
        yield lambda sql: int(session.sql(sql).collect()[0][0])


def _counts(dialect: str, count: Counting) -> dict[str, int]:
    sql = "SELECT count(CASE WHEN {} THEN 1 END) FROM hostile"
    return {form: count(sql.format(read_condition(form, KINDS, KINDS).sql(dialect))) for form in FORMS}


@pytest.mark.slow
def test_duckdb(duck: Counting) -> None:
    assert _counts("duckdb", duck) == RIGHT


def test_sqlite(sqlite: Counting) -> None:
    assert _counts("sqlite", sqlite) == RIGHT


@pytest.mark.slow
def test_postgresql_whose_texts_have_an_order_of_a_language(postgres: Counting) -> None:
    assert _counts("postgres", postgres) == RIGHT


@pytest.mark.slow
def test_spark_connect(spark: Counting) -> None:
    assert _counts("spark", spark) == RIGHT


def test_rows_differ_enough_that_no_form_counts_all_or_none() -> None:
    assert {form for form, count in RIGHT.items() if count in (0, len(ROWS))} == {"true", "f or true"}


@pytest.mark.parametrize(
    ("form", "tsql", "oracle"),
    [
        ("f", "[f] = 1", '"f" = 1'),
        ("not f", "NOT [f] = 1", 'NOT "f" = 1'),
        ("f is not true", "NOT COALESCE([f], 0) = 1", 'NOT COALESCE("f", 0) = 1'),
        ("f is false", "COALESCE([f], 1) = 0", 'COALESCE("f", 1) = 0'),
        ("f or true", "[f] = 1 OR 1 = 1", '"f" = 1 OR 1 = 1'),
        ("coalesce(f, false)", "COALESCE([f], 0) = 1", 'COALESCE("f", 0) = 1'),
        ("f = true and n < 5", "[f] = 1 AND [n] < 5", '"f" = 1 AND "n" < 5'),
        ("t not like 'a[b]_%'", "[t] NOT LIKE 'a[[]b]_%'", "\"t\" NOT LIKE 'a[b]_%'"),
        ("coalesce(t, '') <> 'x'", "COALESCE([t], '') <> 'x'", "COALESCE(\"t\", CHR(0)) <> 'x'"),
        (
            "d >= date '2009-01-31'",
            "[d] >= CAST('2009-01-31' AS DATE)",
            "\"d\" >= TO_DATE('2009-01-31', 'YYYY-MM-DD')",
        ),
    ],
)
def test_sql_of_servers_that_are_not_at_hand(form: str, tsql: str, oracle: str) -> None:
    """As Microsoft's and Oracle's references have it: no truth values in columns (SQL Server; Oracle before 23),
    a set of letters in LIKE (SQL Server), '' is null (Oracle)."""
    condition = read_condition(form, KINDS, KINDS)
    assert (condition.sql("tsql"), condition.sql("oracle")) == (tsql, oracle)


REFUSED = {
    "t < 'a'": "t is a text, and texts have no order here; use = or in",
    "t between 'A' and 'Z'": "t is a text, and texts have no order here",
    "t > s": "t is a text, and texts have no order here",
    "lower(t) > 'a'": "t is a text, and texts have no order here",
    "f < true": "f is a flag, and flags have no order",
    "t = 12": "beside t write a text in quotation marks: 'Robbery'",
    "not t = 12": "beside t write a text in quotation marks",
    "n = '12'": "beside n write a number without quotation marks: 20",
    "(n = '12')": "beside n write a number without quotation marks: 20",
    "n in (1, '2')": "beside n write a number without quotation marks: 20",
    "d = '2009-01-31'": "beside d write a date: date '2008-04-01'",
    "d > '31/12/2008'": "beside d write a date: date '2008-04-01'",
    "(d between '2009-01-01' and '2009-01-31')": "beside d write a date: date '2008-04-01'",
    "d = date '2009-1-1'": "'2009-1-1' is no date; write year, month and day: date '2008-04-01'",
    "d = date '2009-02-30'": "'2009-02-30' is no date",
    "f = 'Y'": "beside f write nothing: the column alone, or not and the column",
    "f = 1": "beside f write nothing",
    "f in ('Y', 'yes')": "beside f write nothing",
    "not t": "t alone says nothing: compare it with a text in quotation marks: 'Robbery'",
    "n or f": "n alone says nothing: compare it with a number",
    "coalesce(n, 1)": "COALESCE(n, 1) alone says nothing",
    "'x'": "'x' alone says nothing",
    "null": "NULL alone says nothing: compare it with something",
    "n is true": "beside n write a number without quotation marks: 20",
    "(n = 1) = true": "n = 1 is a condition, and cannot be compared: write it alone",
    "coalesce(n = 1, false)": "n = 1 is a condition, and cannot be compared",
    "upper(t) = 'THÉFT'": "lower and upper change the letters A to Z only; beside other letters write each spelling",
    "lower(t) in ('a', 'straße')": "lower and upper change the letters A to Z only",
    "lower(n) = 'a'": "LOWER(n): lower is for texts, and n is none",
    "trim(d) = 'a'": "TRIM(d): trim is for texts, and d is none",
    "trim(t, 'x') = 'a'": "TRIM(t, 'x'): write trim with the column alone; it removes the blanks at both ends",
    "ltrim(t) = 'a'": "LTRIM(t): write trim with the column alone",
    "t like s": "after like write a text: like 'Rob%', not s",
    "n like '1%'": "beside n write a number without quotation marks",
    "t = n": "beside t write a text in quotation marks",
    "d = n": "beside d write a date",
    "n = -f": "-f: a minus is allowed before a number only",
    "1 = 'a'": "1 = 'a' compares a text, number, date or flag with another",
}


@pytest.mark.parametrize("form", REFUSED)
def test_forms_that_engines_read_differently_are_refused(form: str) -> None:
    with pytest.raises(ConditionError) as refused:
        read_condition(form, KINDS, KINDS)
    assert f"condition {form!r}: {REFUSED[form]}" in str(refused.value)


@pytest.mark.parametrize("brackets", [41, 200, 5_000])
def test_brackets_without_end_are_refused(brackets: int) -> None:
    with pytest.raises(ConditionError, match=f"has {brackets} brackets; at most 40 are read"):
        read_condition("(" * brackets + "n = 1" + ")" * brackets, KINDS, KINDS)
