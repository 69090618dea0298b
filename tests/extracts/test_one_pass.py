"""Records are read at once, with equal rows together; where that leaves a doubt, they are read row by row."""

import os
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb
import pytest

from cpa_xl.errors import Refusal
from cpa_xl.extracts.facts import Facts
from cpa_xl.extracts.files import one_pass
from cpa_xl.extracts.files.staging import Staging, tables_within
from cpa_xl.extracts.reading import Asked
from tests.support.bothways import READ, Outcome, both
from tests.support.commands import run
from tests.support.extract_files import catalogue
from tests.support.oddities import EVENTS, HEADINGS, SERIES, catalogue_of, odd_folder, rows_of

Lines = Callable[[list[str]], list[str]]


def lines_of(number: int = 48, **fields: Any) -> list[str]:
    """The lines of the plain extract: headings, rows, control line."""
    rows = [*map(",".join, rows_of(number=number, **fields))]
    return [",".join(HEADINGS), *rows, f"END OF EXTRACT,{len(rows)}"]


def read(folder: Path, lines: list[str] | bytes, source: dict[str, Any] = EVENTS) -> Outcome:
    """What one pass finds, which is what careful reading finds."""
    data = lines if isinstance(lines, bytes) else ("\n".join(lines) + "\n").encode()
    (folder / "events.csv").write_bytes(data)
    return alike(folder, source)


def alike(folder: Path, source: dict[str, Any]) -> Outcome:
    quick, careful = both(Asked(catalogue({"it": source}, SERIES)), folder)
    assert (quick.found, quick.said) == (careful.found, careful.said)
    return quick


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_odd_extracts_are_read_alike(tmp_path: Path, part: int) -> None:
    """Hundreds of small extracts with up to three things wrong or odd; see `tests.support.oddities`."""
    judged = 0
    for number in range(part, 200, 4):
        folder = tmp_path / str(number)
        folder.mkdir()
        quick, careful = both(Asked(catalogue_of(odd_folder(folder, number), number)), folder)
        assert (quick.found, quick.said) == (careful.found, careful.said), number
        judged += quick.found is not None and not quick.aside
    assert judged >= 10  # of 50: about half are refused, and some sources are always read row by row


HARMLESS = [
    pytest.param(lambda lines: lines, id="nothing"),
    pytest.param(lambda lines: [line.replace("seen", "café") for line in lines], id="letters beyond ASCII"),
    pytest.param(lambda lines: [*lines, "", "", ""], id="blank lines at the end"),
    pytest.param(lambda lines: [lines[0], "", *lines[1:]], id="a blank line between"),
    pytest.param(lambda lines: [*lines[:9], "," * 9, *lines[9:]], id="an empty row"),
    pytest.param(lambda lines: [line.replace(",", ";") for line in lines], id="semicolons"),
    pytest.param(lambda lines: [line.replace("/2009,", "/2009 23:13,").replace("/2008,", "/2008 07:00,")
                                for line in lines], id="times after dates"),
    pytest.param(lambda lines: [*lines[:-1], '"END OF EXTRACT","48"'], id="a quoted control line"),
    pytest.param(lambda lines: ['"' + line.replace(",", '","') + '"' for line in lines], id="quoted cells"),
    pytest.param(lambda lines: [*lines[:-1], "END OF EXTRACT,48,,,,,,,,"], id="a padded control line"),
    pytest.param(lambda lines: ("\r\n".join(lines) + "\r\n").encode(), id="lines as on Windows"),
    pytest.param(lambda lines: ("\ufeff" + "\n".join(lines)).encode(), id="a mark, and no last line end"),
    pytest.param(lambda lines: "\n".join(lines).replace("seen", "café").encode("cp1252"), id="Windows-1252"),
    pytest.param(lambda lines: [lines[0], *(line.replace("0", "", 1) if line.split(",")[1][0] == "0" else line
                                            for line in lines[1:])], id="keys that are shorter"),
    pytest.param(lambda lines: [lines[0].replace("Area", "District"), *lines[1:]], id="another heading"),
    pytest.param(lambda lines: ["# made on Monday", *lines], id="a title"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_oddities_need_no_careful_reading(
    tmp_path: Path, change: Callable[[list[str]], list[str] | bytes]
) -> None:
    found = read(tmp_path, change(lines_of()))
    assert found.aside == {}
    assert found.found is not None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], "a line is no row|two rows have the same key|control line"),
        (lambda lines: [*lines[:5], lines[5].replace("E0005", "E0004"), *lines[6:]], "two rows have the same key"),
        (lambda lines: [*lines[:5], lines[5] + ",x", *lines[6:]], "a line is no row"),
        (lambda lines: [*lines[:5], lines[5].replace("E0005", " E0004"), *lines[6:]], "a key has blanks at its ends"),
        (lambda lines: [*lines[:5], lines[5].replace("Red", ""), *lines[6:]], "a cell is empty"),
        (lambda lines: [*lines[:5], lines[5].replace("Theft", "Arson"), *lines[6:]], "what its column takes"),
        (lambda lines: [*lines[:5], lines[5].replace(",North,", ",Nowhere,"), *lines[6:]], "what its column takes"),
        (lambda lines: [*lines[:5], lines[5].replace("/12/", "/13/"), *lines[6:]], "what its column takes"),
        (lambda lines: [*lines[:5], lines[5].replace("E0005", "End of extract 5"), *lines[6:]], "as a control line"),
        (lambda lines: lines[:-1], "its last line is no control line"),
        (lambda lines: [*lines[:-1], "END OF EXTRACT,47"], "control line is not what it should be"),
        (lambda lines: [*lines[:5], lines[5].replace("Red", '"Red" '), *lines[6:]], "spaces beside its quotation"),
    ],
)  # fmt: skip
def test_a_doubt_leaves_the_file_to_careful_reading(tmp_path: Path, change: Lines, why: str) -> None:
    found = read(tmp_path, change(lines_of()))
    assert list(found.aside) == ["events.csv"]
    assert any(part in found.aside["events.csv"] for part in why.split("|")), found.aside
    assert found.found is None  # it is refused, and the careful reading says why


def test_a_row_with_one_cell_in_a_column_that_nothing_counts_is_no_empty_row(tmp_path: Path) -> None:
    found = read(tmp_path, [*lines_of()[:-1], ",,,,,,,,03/02/2009,", "END OF EXTRACT,49"])
    assert list(found.aside) == ["events.csv"]
    assert "row=50, column='Reference'" in found.said[0]


def test_dates_in_two_writings_in_a_column_that_nothing_counts(tmp_path: Path) -> None:
    lines = [line.replace("03/02/2009", "2009-02-03") if at % 4 else line for at, line in enumerate(lines_of())]
    found = read(tmp_path, lines)
    assert found.aside == {"events.csv": "dates are written in two ways"}
    assert "a spreadsheet that reads the month first" in found.said[0]


def test_a_key_that_counts_may_have_blanks_at_its_ends(tmp_path: Path) -> None:
    source = {**{name: one for name, one in EVENTS.items() if name != "areas"}, "area": "team", "keys": ["ref", "team"]}
    lines = lines_of()
    assert read(tmp_path, lines, source).aside == {}
    again = [*lines[:5], lines[4].replace("Blue", "Blue "), *lines[6:]]
    found = read(tmp_path, again, source)
    assert list(found.aside) == ["events.csv"]
    assert "'E0004, Blue' is already in row 5" in found.said[0]


def test_keys_of_two_files_are_compared(tmp_path: Path) -> None:
    source = {**EVENTS, "many": True, "overlap": "add"}
    (tmp_path / "events_1.csv").write_text("\n".join(lines_of()), encoding="utf-8")
    (tmp_path / "events_2.csv").write_text("\n".join(lines_of(first=49)), encoding="utf-8")
    assert alike(tmp_path, source).aside == {}
    (tmp_path / "events_2.csv").write_text("\n".join(lines_of(first=48)), encoding="utf-8")
    twice = alike(tmp_path, source)
    assert twice.aside == {"it": "rows of two files may have the same key"}
    assert "'E0048' is already in row 49 of events_1.csv" in twice.said[0]


def parquet(folder: Path, rows: list[list[str]], types: str) -> None:
    """Write rows as a Parquet file, each column with a type of its own."""
    (folder / "rows.txt").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    names = ", ".join(f"'{name}': '{kind}'" for name, kind in zip(HEADINGS, types.split(), strict=True))
    form = "dateformat = '%d/%m/%Y', timestampformat = '%d/%m/%Y', auto_detect = false, header = false, delim = ','"
    read = f"read_csv('{folder / 'rows.txt'}', {form}, quote = '', columns = {{{names}}})"
    duckdb.sql(f"FROM {read}").write_parquet(str(folder / "events.parquet"))


TEXTS = "VARCHAR " * 10
KINDS = "VARCHAR DATE VARCHAR VARCHAR INTEGER VARCHAR VARCHAR VARCHAR DATE VARCHAR"


@pytest.mark.parametrize("types", [TEXTS, KINDS, KINDS.replace("DATE", "TIMESTAMP", 1)])
def test_a_parquet_file_is_read_at_once(tmp_path: Path, types: str) -> None:
    source = {name: one for name, one in EVENTS.items() if name != "trailer"}
    text = read(tmp_path, lines_of()[:-1], source)
    (tmp_path / "events.csv").unlink()
    parquet(tmp_path, rows_of(), types)
    found = alike(tmp_path, source)
    assert found.aside == {}
    assert found.found[0] == text.found[0]  # type: ignore[index]  # the same figures


@pytest.mark.parametrize(
    ("change", "why", "message"),
    [
        (lambda rows: [*rows, rows[4]], "two rows have the same key", "'E0005' is already in row 6"),
        (lambda rows: [*rows, [""] * 10], "a row is empty, and no line of a text", "row=50, column='Day'"),
        (lambda rows: [*rows, ["E9 ", *rows[0][1:]]], "a cell is empty, a key has blanks at its ends, or a row begins"
         " as a control line does", ""),
    ],
)  # fmt: skip
def test_a_doubtful_parquet_file_is_read_row_by_row(
    tmp_path: Path, change: Callable[[list[list[str]]], list[list[str]]], why: str, message: str
) -> None:
    parquet(tmp_path, change(rows_of()), TEXTS)
    found = alike(tmp_path, {name: one for name, one in EVENTS.items() if name != "trailer"})
    assert found.aside == {"events.parquet": why}
    assert message in "".join(found.said)


def test_members_of_an_archive_are_read_at_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "months.zip", "w") as archive:
        for month, first in (("2008-12", 1), ("2009-01", 1001)):
            rows = [row for row in rows_of(number=96, first=first) if row[1].endswith(f"{month[5:]}/{month[:4]}")]
            lines = [",".join(HEADINGS), *map(",".join, rows), f"END OF EXTRACT,{len(rows)}"]
            archive.writestr(f"{month}/events_{month}.csv", "\n".join(lines))
    found = alike(tmp_path, {**EVENTS, "many": True})
    assert found.aside == {}
    assert found.found is not None


@pytest.mark.slow
def test_keys_are_compared_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "KEYS_WITH_ROWS", 0)
    monkeypatch.setattr(one_pass, "KEYS_AT_A_TIME", 7)
    assert read(tmp_path, lines_of()).aside == {}
    lines = lines_of()
    for at in (2, 25, 48):
        again = [*lines[:at], lines[at].replace(f"E{at:04d}", f"E{at - 1:04d}"), *lines[at + 1 :]]
        assert read(tmp_path, again).aside == {"events.csv": "two rows have the same key"}


def test_a_file_in_which_hardly_two_rows_are_equal_is_read_row_by_row(tmp_path: Path) -> None:
    lines = [",".join(HEADINGS), *(",".join(row) for row in rows_of(number=2000))]
    unlike = [line.replace(",Blue,", f",Team {at},").replace(",Red,", f",Team {at},") for at, line in enumerate(lines)]
    source = {**{name: one for name, one in EVENTS.items() if name != "trailer"}, "rows": "team <> 'Green'"}
    assert read(tmp_path, unlike, source).aside == {"events.csv": "hardly two of its rows are equal"}
    assert read(tmp_path, lines, source).aside == {}


def test_the_engine_leaves_out_lines_that_are_no_rows(tmp_path: Path) -> None:
    """What one pass relies on: a version of the engine that does otherwise fails here.

    Lines with too few or too many cells, and those that open a quotation mark, are left out; so are empty lines. A line
    with more cells is a row if they are empty. No row is given twice.
    """
    path = tmp_path / "lines.csv"
    path.write_text('1,a,x\n2,b\n\n3,c,x,\n4,d,x,y\n5,"e\nf",x\n6,"g"h,x\n7,"i",x\n8,j,"\n', encoding="utf-8")
    query = (
        "SELECT c0 FROM read_csv(?, auto_detect = false, header = false, delim = ',', quote = '\"',"
        " escape = '\"', null_padding = false, ignore_errors = true, strict_mode = true, parallel = false,"
        " columns = {'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR'})"
    )
    rows = duckdb.execute(query, [str(path)]).fetchall()
    assert {row for (row,) in rows} <= {"1", "3", "5", "7"}
    assert len(rows) == len(set(rows))
    assert ("1",) in rows


def test_tables_beyond_the_bound_on_memory_go_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with tables_within(20), Staging() as staging:
        [(limit,)] = staging.rows("SELECT current_setting('memory_limit')")
        assert limit == "19.0 MiB"
        staging.run("CREATE TEMP TABLE many AS SELECT i, hash(i) AS h FROM range(4000000) AS r(i)")  # 64 MB
        assert any(path.is_file() for path in tmp_path.rglob("*"))
        assert staging.rows("SELECT count(*), sum(i) FROM many") == [(4_000_000, 7_999_998_000_000)]
    assert list(tmp_path.iterdir()) == []


def test_tables_that_fit_nowhere_are_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("\n".join(lines_of()), encoding="utf-8")
    with tables_within(1), pytest.raises(Refusal) as caught:
        READ(Asked(catalogue({"it": EVENTS}, SERIES)), tmp_path)
    assert str(caught.value) == (
        "The extracts need more than 1 MB of memory; nothing was changed."
        " Give more with --memory, or extracts with fewer months or columns."
    )


def test_memory_is_an_option_of_commands_that_read_extracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[str] = []

    def limit(*_: object, **__: object) -> Facts:
        with Staging() as staging:
            limits.append(staging.rows("SELECT current_setting('memory_limit')")[0][0])
        raise Refusal("enough")

    monkeypatch.setattr("cpa_xl.cli.refresh.read_facts", limit)
    for more in ([], ["--memory", "200"], []):
        assert run("check", "--extracts", tmp_path, *more).exit_code == 1
    assert limits == ["381.4 MiB", "190.7 MiB", "381.4 MiB"]


def test_ctrl_c_ends_a_long_statement_at_once() -> None:
    """The engine by itself looks for it between its own steps only, and then says something else."""
    with Staging() as staging:
        timer = Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            staging.run_long("CREATE TABLE t AS SELECT sum(hash(a, b)) FROM range(300000) x(a), range(300000) y(b)")
        assert time.monotonic() - begun < 5
        assert staging.rows("SELECT 1") == [(1,)]


@pytest.mark.slow
def test_progress_says_how_much_of_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    text = "\n".join(lines_of(60_000))
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    assert 3.0e6 < len(text) < 3.3e6

    def run_long(self: Staging, statement: str, tell: Callable[[float], None], **parts: str) -> None:
        tell(0.5)
        self.run(statement, **parts)

    monkeypatch.setattr(Staging, "run_long", run_long)
    monkeypatch.setattr(one_pass, "KEYS_WITH_ROWS", 0)
    READ(Asked(catalogue({"it": EVENTS}, SERIES), progress=lambda *step: told.append(step)), tmp_path)
    assert told == [("Events: 1 of 3 MB", 0, 1), ("Events: 2 of 3 MB", 0, 1), ("Events", 1, 1)]


@pytest.mark.slow
def test_a_long_statement_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[float] = []
    path = tmp_path / "rows.csv"
    path.write_bytes(b"abc,def\n" * 2_000_000)
    with Staging() as staging, staging.threads(1):
        read = "CREATE TABLE t AS SELECT count(md5(md5(c))) FROM read_csv('{path}', names = ['c', 'd'], header = false)"
        staging.run_long(read, told.append, path=str(path))
        assert staging.rows("FROM t") == [(2_000_000,)]
    assert told == sorted(told)
    assert 0 < told[-1] <= 1
