"""Sources that are tables of databases: the same facts as from files, read only, without a password in any word."""

import csv
import datetime
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import keyring
import pytest
import sqlalchemy
import xlsxwriter

from cpa_xl.config.sources import source_faults
from cpa_xl.extracts.faults import ExtractsRefused, Fault
from cpa_xl.extracts.files.database import spark_session
from cpa_xl.measures.periods import Month
from tests.support import servers
from tests.support.extract_files import AREAS, EVENTS, EVENTS_HEAD, catalogue, read
from tests.support.opendocument import write_ods
from tests.support.programs import python_prints

NAMES = EVENTS_HEAD.split(",")
SERIES = {
    "all": {"title": "All", "source": "it", "count": "rows"},
    "young": {"title": "Young", "source": "it", "count": "rows", "where": "lower(kind) like 'th%' and age < 22"},
    "armed": {"title": "Armed", "source": "it", "count": "rows", "where": "armed and coalesce(age, 0) <> 21"},
    "late": {"title": "Late", "source": "it", "count": "rows", "where": "day >= date '2008-12-15'"},
    "aged": {"title": "Aged", "source": "it", "count": "age"},
}
ROWS = [
    (f"E{number:04d}", datetime.date(2008, 11 + number % 2, 1 + number * 7 % 28), area,
     ("Theft", "Robbery")[number % 3 % 2], None if number % 11 == 0 else 18 + number % 9, number % 4 == 0)
    for number, area in enumerate(list(AREAS["four"].members) * 60, start=1)
]  # fmt: skip
TABLE = (
    'CREATE TABLE events ("Reference" VARCHAR(20), "Day" DATE, "Area" VARCHAR(40), "Kind" VARCHAR(40),'
    ' "Age" INTEGER, "Armed" BOOLEAN)'
)
INSERT = "INSERT INTO events VALUES ({})"


def counted(where: Callable[..., bool]) -> dict[tuple[Month, str | None], float]:
    """The right counts, in plain Python."""
    places = {(Month(2008, month), area): 0.0 for month in (11, 12) for area in AREAS["four"].members}
    for _, day, area, kind, age, armed in ROWS:
        places[Month(day.year, day.month), area] += where(kind=kind, age=age, armed=armed, day=day)
    return {(month, area): number for (month, area), number in places.items()}


RIGHT = {
    "all": counted(lambda **_: True),
    "young": counted(lambda kind, age, **_: kind == "Theft" and age is not None and age < 22),
    "armed": counted(lambda armed, age, **_: armed and age != 21),
    "late": counted(lambda day, **_: day >= datetime.date(2008, 12, 15)),
    "aged": counted(lambda age, **_: age is not None),
}


def database(url: str, **more: Any) -> dict[str, Any]:
    """The source of events as a table of a database."""
    reach = {"url": url, "table": "events"} | more
    return {name: value for name, value in EVENTS.items() if name != "files"} | reach


def cells() -> list[list[str]]:
    texts = [[ref, f"{day:%d/%m/%Y}", area, kind, "" if age is None else str(age), "Y" if armed else "N"]
             for ref, day, area, kind, age, armed in ROWS]  # fmt: skip
    return [NAMES, *texts]


def as_csv(path: Path) -> None:
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows(cells())


def as_zip(path: Path) -> None:
    as_csv(path.with_suffix(".csv"))
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(path.with_suffix(".csv"), path.with_suffix(".csv").name)
    path.with_suffix(".csv").unlink()


def as_parquet(path: Path) -> None:
    with duckdb.connect() as there:
        there.execute(TABLE)
        there.executemany(INSERT.format(", ".join("?" * 6)), ROWS)
        there.execute(f"COPY events TO '{path}' (FORMAT parquet)")


def as_xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, NAMES)
        for at, (ref, day, area, kind, age, armed) in enumerate(ROWS, start=1):
            sheet.write_string(at, 0, ref)
            sheet.write_datetime(at, 1, datetime.datetime(day.year, day.month, day.day), days)
            sheet.write_row(at, 2, [area, kind])
            if age is not None:
                sheet.write_number(at, 4, age)
            sheet.write_boolean(at, 5, armed)


def as_ods(path: Path) -> None:
    ages = [[age] for *_, age, _ in ROWS]
    texts = [[*row[:4], *age, row[5]] for row, age in zip(cells()[1:], ages, strict=True)]
    write_ods(path, {"Events": [NAMES, *texts]})


FILES = {".csv": as_csv, ".zip": as_zip, ".parquet": as_parquet, ".xlsx": as_xlsx, ".ods": as_ods}


def sqlite_file(folder: Path) -> None:
    there = sqlite3.connect(folder / "events.db")
    there.execute(TABLE)
    there.executemany(INSERT.format(", ".join("?" * 6)), [(ref, str(day), *rest) for ref, day, *rest in ROWS])
    there.commit()
    there.close()


@pytest.mark.parametrize("suffix", FILES)
def test_files_give_the_facts(tmp_path: Path, suffix: str) -> None:
    FILES[suffix](tmp_path / f"events{suffix}")
    source = EVENTS | {"files": "events*"}
    assert dict(read(tmp_path, source, series=SERIES).counts) == RIGHT


def test_sqlite_gives_the_same_facts_and_is_only_read(tmp_path: Path) -> None:
    sqlite_file(tmp_path)
    before = (tmp_path / "events.db").read_bytes()
    facts = read(tmp_path, database("sqlite:///events.db"), series=SERIES)
    assert dict(facts.counts) == RIGHT
    assert [(one.file, one.rows) for one in facts.extracts] == [("table events at sqlite, events.db", len(ROWS))]
    assert (tmp_path / "events.db").read_bytes() == before


def test_duckdb_gives_the_same_facts(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "events.duckdb")) as there:
        there.execute(TABLE)
        there.executemany(INSERT.format(", ".join("?" * 6)), ROWS)
    assert dict(read(tmp_path, database("duckdb:///events.duckdb"), series=SERIES).counts) == RIGHT


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with servers.postgres() as address:
        engine = sqlalchemy.create_engine(sqlalchemy.make_url(address).set(password=servers.PASSWORD))
        with engine.begin() as there:
            there.exec_driver_sql(TABLE)
            there.exec_driver_sql(INSERT.format(", ".join(["%s"] * 6)), ROWS)
            there.exec_driver_sql("CREATE SCHEMA crime")
            there.exec_driver_sql('CREATE VIEW crime."Odd name" AS SELECT * FROM events')
            there.exec_driver_sql('CREATE VIEW with_when AS SELECT *, "Day"::timestamptz AS "When" FROM events')
            there.exec_driver_sql("CREATE VIEW with_raw AS SELECT *, 'a'::bytea AS \"Raw\" FROM events")
            there.exec_driver_sql("CREATE TABLE told (word TEXT)")
            there.exec_driver_sql(
                "CREATE FUNCTION tell() RETURNS TEXT LANGUAGE sql AS $$INSERT INTO told VALUES ('x') RETURNING word$$"
            )
        engine.dispose()
        yield address


@pytest.fixture
def known_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRIME_PASSWORD", servers.PASSWORD)


WITH_PASSWORD = {"password": "env:CRIME_PASSWORD"}
IN_KEYRING = {"password": "keyring:crime-db"}


@pytest.mark.slow
@pytest.mark.usefixtures("known_password")
@pytest.mark.parametrize(
    "reach",
    [
        {"table": "events"},
        {"table": "public.events"},
        {"table": "crime.Odd name"},
        {"table": None, "query": 'SELECT * FROM events WHERE "Kind" <> \'a:b\''},
        {"table": None, "query": "SELECT \"Reference\", \"Day\"::timestamp AS \"Day\", \"Area\", \"Kind\","
                                 " \"Age\"::numeric(6, 2) AS \"Age\", \"Armed\"::text AS \"Armed\" FROM events"
                                 " WHERE \"Kind\" LIKE '%' AND 5 % 2 = 1"},
        {"table": None, "query": 'WITH these AS (SELECT * FROM events) SELECT "Armed", "Age", "Kind", "Area", "Day",'
                                 ' "Reference", 1 AS more FROM these'},
    ],
)  # fmt: skip
def test_postgresql_gives_the_same_facts(tmp_path: Path, postgres: str, reach: dict[str, Any]) -> None:
    facts = read(tmp_path, database(postgres, **WITH_PASSWORD, **reach), series=SERIES)
    assert dict(facts.counts) == RIGHT
    [extract] = facts.extracts
    assert extract.file.endswith("at postgresql, 127.0.0.1/postgres")
    assert servers.USER not in extract.file


@pytest.mark.slow
def test_an_address_may_be_in_the_environment(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sqlalchemy.make_url(postgres).set(password=servers.PASSWORD).render_as_string(hide_password=False)
    monkeypatch.setenv("CRIME_DATABASE", whole)
    facts = read(tmp_path, database("env:CRIME_DATABASE"), series=SERIES)
    assert dict(facts.counts) == RIGHT
    assert servers.PASSWORD not in facts.extracts[0].file


@pytest.mark.slow
@pytest.mark.parametrize("word", ["wrong word", "100%/@:x"])
def test_a_wrong_password_is_in_no_message(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    whole = sqlalchemy.make_url(postgres).set(password=word).render_as_string(hide_password=False)
    monkeypatch.setenv("CRIME_DATABASE", whole)
    fault = refused(tmp_path, database("env:CRIME_DATABASE"))
    assert "the database says: " in fault.message
    assert word not in str(fault)
    assert quote(word, safe="") not in str(fault)


def test_a_keyring_that_is_locked_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_service: str, _name: str) -> str:
        raise keyring.errors.KeyringLocked("it is locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    fault = refused(tmp_path, database("postgresql+psycopg://a@127.0.0.1:1/x", **IN_KEYRING))
    assert fault.message == "the keyring gives no password (it is locked)"
    assert fault.remedy == "Unlock it, or give the password in the environment: password: env:NAME."


@pytest.mark.slow
def test_a_password_may_be_in_the_keyring(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("crime-db", servers.USER): servers.PASSWORD}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    assert dict(read(tmp_path, database(postgres, **IN_KEYRING), series=SERIES).counts) == RIGHT
    another = {"password": "keyring:another"}
    fault = refused(tmp_path, database(postgres, **another))
    assert fault.message == "there is no password in keyring under another"


@pytest.mark.slow
def test_a_spark_connect_server_gives_the_same_facts(tmp_path: Path) -> None:
    with servers.spark_connect() as address:
        types = ("STRING", "DATE", "STRING", "STRING", "INT", "BOOLEAN")
        schema = ", ".join(f"{name} {kind}" for name, kind in zip(NAMES, types, strict=True))
        with spark_session(address) as session:
            session.createDataFrame(ROWS, schema).write.parquet(f"{tmp_path}/events.parquet")
        query = {"table": f"parquet.`{tmp_path}/events.parquet`"}
        facts = read(tmp_path, database(address, engine="spark", **query), series=SERIES)
    assert dict(facts.counts) == RIGHT
    assert facts.extracts[0].file == f"table parquet.`{tmp_path}/events.parquet` at sc, 127.0.0.1"


def refused(folder: Path, source: dict[str, Any]) -> Fault:
    with pytest.raises(ExtractsRefused) as stopped:
        read(folder, source, series=SERIES)
    [fault] = stopped.value.faults
    assert servers.PASSWORD not in str(fault)
    return fault


@pytest.mark.slow
@pytest.mark.usefixtures("known_password")
@pytest.mark.parametrize(
    ("reach", "code", "message"),
    [
        ({"table": "nowhere"}, "F4", 'the database says: relation "nowhere" does not exist'),
        ({"password": "env:NO_SUCH_WORD"}, "F4", "there is no password in env under NO_SUCH_WORD"),
        ({"password": None}, "F4", "the database says: "),
        ({"table": None, "query": "SELECT 1 AS one"}, "F5", "it has none of the columns of the source; it has one"),
        ({"table": None, "query": "SELECT tell() AS \"Kind\""}, "F4", "read-only transaction"),
        ({"table": "told"}, "F5", "it has none of the columns of the source; it has word"),
    ],
)  # fmt: skip
def test_what_a_server_refuses(tmp_path: Path, postgres: str, reach: dict[str, Any], code: str, message: str) -> None:
    fault = refused(tmp_path, database(postgres, **(WITH_PASSWORD | reach)))
    assert (fault.code, message in fault.message) == (code, True), str(fault)


@pytest.mark.slow
@pytest.mark.usefixtures("known_password")
@pytest.mark.parametrize(
    ("heading", "message", "remedy"),
    [
        ("When", "column When holds times with a time zone, so a day in it depends on who asks",
         "Make the local day in a view or in `query`"),
        ("Raw", "column Raw holds values of the kind bytes, which are not read", "Cast it to a text"),
    ],
)  # fmt: skip
def test_values_that_are_no_cells(tmp_path: Path, postgres: str, heading: str, message: str, remedy: str) -> None:
    source = database(postgres, table=f"with_{heading.lower()}", **WITH_PASSWORD)
    source["columns"] = source["columns"] | {"more": {"header": heading, "type": "text"}}
    fault = refused(tmp_path, source)
    assert fault.message == message
    assert remedy in fault.remedy


@pytest.mark.slow
@pytest.mark.usefixtures("known_password")
def test_a_connection_that_breaks_is_a_refusal(tmp_path: Path, postgres: str) -> None:
    query = "SELECT *, pg_terminate_backend(pg_backend_pid()) FROM events"
    fault = refused(tmp_path, database(postgres, table=None, query=query, **WITH_PASSWORD))
    assert (fault.code, "the database says: " in fault.message) == ("F4", True)
    assert fault.remedy == "Nothing was changed. Try again; if it stays, ask who runs the database."


@pytest.mark.parametrize(
    ("url", "message", "remedy"),
    [
        ("sqlite:///../events.db", "its file '../events.db' is not in the folder", "write sqlite:///NAME"),
        ("sqlite:////etc/passwd", "its file '/etc/passwd' is not in the folder", "Put it into the folder"),
        ("sqlite://", "its file '' is not in the folder of the extracts", "write sqlite:///NAME"),
        ("sqlite:///none.db", "there is no file none.db in the folder of the extracts", "correct `url`"),
        ("duckdb:///none.duckdb", "there is no file none.duckdb in the folder of the extracts", "correct `url`"),
        ("mysql://host/crime", "there is no reader for mysql", "There is one for duckdb, mssql, oracle, postgresql"),
        ("oracle+nodriver://host/crime", "reading it needs oracledb, which is not installed", "Install oracledb."),
        ("env:NO_SUCH_ADDRESS", "the environment has no NO_SUCH_ADDRESS, which `url` names", "Set it"),
        ("postgresql+psycopg://a@127.0.0.1:1/x", "the database says: connection failed", "Try again"),
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere(tmp_path: Path, url: str, message: str, remedy: str) -> None:
    fault = refused(tmp_path, database(url))
    assert message in fault.message
    assert remedy in fault.remedy


def test_what_cells_hold_is_checked_as_in_files(tmp_path: Path) -> None:
    sqlite_file(tmp_path)
    with sqlite3.connect(tmp_path / "events.db") as there:
        there.execute('UPDATE events SET "Kind" = \'Arson\', "Age" = 200 WHERE "Reference" = \'E0007\'')
        there.execute("INSERT INTO events SELECT * FROM events WHERE \"Reference\" = 'E0009'")
    there.close()
    with pytest.raises(ExtractsRefused) as stopped:
        read(tmp_path, database("sqlite:///events.db"), series=SERIES)
    assert {fault.code for fault in stopped.value.faults} == {"V4", "D1", "K1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"files": "events*"}, "files: a source is files or the url of a database, not both"),
        ({"query": "SELECT 1"}, "url: say what is read there, with table or with query"),
        ({"table": None}, "url: say what is read there, with table or with query"),
        ({"url": None}, "table: goes with url: the address of the database"),
        ({"url": None, "table": None}, "files: name the file, or give the url of a database"),
        ({"url": "postgresql://a:secret@host/x"}, "url: holds a password; leave it out, and write password: env:NAME"),
        ({"url": "postgresql://[host/x"}, "url: cannot be read; write postgresql+psycopg://NAME@HOST/DATABASE"),
        ({"table": None, "query": "DELETE FROM events"}, "query: write one select, without a semicolon"),
        ({"table": None, "query": "SELECT 1; DROP TABLE x"}, "query: write one select, without a semicolon"),
        ({"table": None, "query": "/* select */ UPDATE x SET y = 1"}, "query: write one select"),
        ({"trailer": "Rows"}, "trailer: is for files, and this source is a database"),
        ({"sheet": "A"}, "sheet: is for files, and this source is a database"),
        ({"shape": "wide", "columns": {"area": {"header": "Area", "type": "area"}}, "keys": ["area"], "month": None,
          "months": "any"}, "shape: a table of a database has a row for each month: records or counts"),
    ],
)  # fmt: skip
def test_definitions_that_cannot_be(change: dict[str, Any], message: str) -> None:
    source = {name: value for name, value in (database("sqlite:///x.db") | change).items() if value is not None}
    there = catalogue({"it": source})
    faults = list(source_faults(there.sources["it"], there))
    assert any(fault.startswith(message) for fault in faults), faults
    assert not any("secret" in fault for fault in faults)


@pytest.mark.slow
def test_a_program_without_a_file_reaches_spark_too() -> None:
    """Python inside LibreOffice or Excel has none; the client would end it."""
    with servers.spark_connect() as address:
        code = f"from cpa_xl.extracts.files.database import spark_session\nwith spark_session({address!r}) as s:"
        assert python_prints(f"{code}\n    print(s.range(3).count())").strip() == "3"
