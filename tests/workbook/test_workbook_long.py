"""Long bodies: rows that are compressed as they come read as given, and everything else is as for short ones."""

import datetime
import itertools
import math
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import cast

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import Package, compare, validate
from cpa_xl.ooxml.zip import packed
from cpa_xl.workbook.closed import Cell, ClosedWorkbook
from tests.support import handmade
from tests.support.handmade import opened

DATA, TABLE, BOOK = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/workbook.xml"
JAN = datetime.date(2009, 1, 1)
KINDS: Sequence[object] = ("Burglary & theft", 2.5, None, 7, " <two> ", -0.0, 1e-7, 12.0, True, "é–😀", 10**15, 0.1)
Row = tuple[object, object, object]
LONG = 2_500  # rows: enough for several steps


def some(count: int, start: int = 0) -> Iterator[tuple[object, object]]:
    """Rows of every kind of value, given one by one: a month, and a value that differs from row to row."""
    for place in range(start, start + count):
        value = KINDS[place % len(KINDS)]
        if place % 5 == 0:
            value = place / 7
        yield JAN + datetime.timedelta(place % 400), value


def saved(book: ClosedWorkbook, tmp_path: Path) -> ClosedWorkbook:
    """The workbook written to a file and read again: sound as a whole, with untouched members as they were."""
    path = tmp_path / "saved.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
    assert validate(Package.read(path)) == ()
    return ClosedWorkbook.open(path)


def filled(book: ClosedWorkbook, rows: Iterable[Sequence[object]]) -> ClosedWorkbook:
    return book.with_rows("Facts", ("Month", "Count"), rows)


def shown(book: ClosedWorkbook, count: int) -> list[tuple[object, object]]:
    cells = book.cells("Data")
    empty = Cell(None)
    return [(cells.get((row, 1), empty).value, cells.get((row, 2), empty).value) for row in range(2, count + 2)]


def serials(rows: Iterable[tuple[object, object]]) -> list[tuple[object, object]]:
    first = datetime.date(1899, 12, 30)
    return [((month - first).days if isinstance(month, datetime.date) else month, value) for month, value in rows]


def test_rows_given_one_by_one_are_read_again(tmp_path: Path) -> None:
    book = opened(tmp_path)
    changed = filled(book, some(LONG))
    assert changed.tables["Facts"].last_row == LONG + 1
    assert shown(changed, LONG) == serials(some(LONG))  # before it is saved
    again = saved(changed, tmp_path)
    assert shown(again, LONG) == serials(some(LONG))
    assert again.cells("Data")[2, 5] == Cell(7.0)
    assert {again.cells("Data")[row, 3].formula for row in range(2, LONG + 2)} == {handmade.FORMULA}
    assert [difference.name for difference in compare(book.path, again.path)] == [TABLE, DATA]
    text = again.package.part(DATA).decode()
    assert f'<dimension ref="A1:E{LONG + 1}"/>' in text
    numbers = [int(number) for number in re.findall(r'<row r="(\d+)"', text)]
    assert numbers == list(range(1, LONG + 2))


@pytest.mark.slow
def test_openpyxl_reads_a_long_body(tmp_path: Path) -> None:
    book = saved(filled(opened(tmp_path), some(LONG)), tmp_path)
    page = openpyxl.load_workbook(book.path)["Data"]
    texts = ["" if value is None else value for _, value in some(LONG)]
    assert ["" if cell.value is None else cell.value for (cell,) in page[f"B2:B{LONG + 1}"]] == texts
    assert page.tables["Facts"].ref == f"A1:C{LONG + 1}"
    assert page[f"A{LONG + 1}"].number_format == page["A2"].number_format == "mmm-yy"


@pytest.mark.slow
def test_the_same_long_body_changes_nothing(tmp_path: Path) -> None:
    book = filled(opened(tmp_path), some(LONG))
    assert filled(book, list(some(LONG))).package is book.package
    again = saved(book, tmp_path)
    assert filled(again, some(LONG)).package is again.package
    longer = saved(filled(again, some(LONG + 5)), tmp_path)
    assert shown(longer, LONG + 5) == serials(some(LONG + 5))
    assert filled(longer, some(LONG)).package.part(DATA) == book.package.part(DATA)


def test_the_same_rows_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        filled(opened(tmp_path), some(LONG)).save(tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_long_body_becomes_a_short_one(tmp_path: Path) -> None:
    short = filled(opened(tmp_path), some(4))
    assert filled(saved(filled(opened(tmp_path), some(LONG)), tmp_path), some(4)).package.part(
        DATA
    ) == short.package.part(DATA)


@pytest.mark.slow
def test_results_beside_unchanged_values_are_kept(tmp_path: Path) -> None:
    book = saved(filled(opened(tmp_path), some(LONG)), tmp_path)
    results = {("Data", row, 3): float(row) for row in range(2, LONG + 2)}
    book = saved(book.with_values(results), tmp_path)
    changed = dict(enumerate(some(LONG)))
    changed[1_321] = (JAN, "other")
    cells = saved(filled(book, changed.values()), tmp_path).cells("Data")
    assert [row for row in range(2, LONG + 2) if cells[row, 3].value is None] == [1_323]
    assert cells[LONG + 1, 3] == Cell(LONG + 1.0, handmade.FORMULA)


def test_rows_that_hold_nothing_leave_no_row(tmp_path: Path) -> None:
    facts = handmade.table().replace("<calculatedColumnFormula>" + handmade.FORMULA + "</calculatedColumnFormula>", "")
    data = re.sub(r"<f>.*?</f>", "", handmade.sheet()).replace(' s="1"', "").replace(' s="2"', "")
    book = opened(tmp_path, facts=facts, data=data)
    rows = [(None, number if number % 5 == 0 else None, None) for number in range(1, 5 * LONG)]
    rows += [(None, None, None)] * 1_200
    changed = book.with_rows("Facts", ("Month", "Count", "Double"), rows)
    changed = saved(changed, tmp_path)
    cells = {place: cell.value for place, cell in changed.cells("Data").items() if place[0] > 1 and place[1] < 5}
    assert cells == {(number + 1, 2): number for number in range(5, 5 * LONG, 5)}
    numbers = [int(number) for number in re.findall(rb'<row r="(\d+)"', changed.package.part(DATA))]
    assert numbers == [1, 2, *range(6, 5 * LONG, 5)]
    assert f'ref="A1:E{5 * LONG - 4}"'.encode() in changed.package.part(DATA)


def test_a_totals_row_and_what_is_beside_stay(tmp_path: Path) -> None:
    total = '<row r="5"><c r="A5" t="inlineStr"><is><t>Total</t></is></c><c r="B5"><f>SUM(B2:B4)</f></c></row>'
    beside = '<row r="2100"><c r="H2100"><f>SUM(B2:B4)</f><v>18</v></c></row>'
    facts = handmade.table("A1:C5", more=' totalsRowCount="1"').replace(
        'autoFilter ref="A1:C5"', 'autoFilter ref="A1:C4"'
    )
    rows = handmade.ROWS + total + beside
    changed = saved(filled(opened(tmp_path, data=handmade.sheet(rows), facts=facts), some(LONG)), tmp_path)
    cells = changed.cells("Data")
    assert cells[LONG + 2, 1] == Cell("Total")
    assert cells[LONG + 2, 2].formula == f"SUM(B2:B{LONG + 1})"
    assert cells[2100, 8] == Cell(18.0, f"SUM(B2:B{LONG + 1})")
    assert shown(changed, LONG) == serials(some(LONG))


def test_formulas_of_the_table_that_name_its_body_follow(tmp_path: Path) -> None:
    formula = "SUM($B$2:$B$4)"
    data = handmade.sheet(handmade.ROWS.replace(handmade.FORMULA, formula))
    book = opened(tmp_path, data=data, facts=handmade.table(formula=formula))
    cells = saved(filled(book, some(LONG)), tmp_path).cells("Data")
    assert {cells[row, 3].formula for row in range(2, LONG + 2)} == {f"SUM($B$2:$B${LONG + 1})"}


@pytest.mark.slow
def test_shared_formulas_beside_a_long_body_stay(tmp_path: Path) -> None:
    book = saved(filled(opened(tmp_path), some(LONG)), tmp_path)

    def with_formula(match: re.Match[bytes]) -> bytes:
        first = b' ref="G2:G%d"' % (LONG + 1) if match[1] == b"2" else b""
        shared = b'<f t="shared"%s si="0">%s</f>' % (first, b"B2+1" if first else b"")
        return match[0] if match[1] == b"1" else match[0][:-6] + b'<c r="G%s">%s</c></row>' % (match[1], shared)

    text = re.sub(rb'<row r="(\d+)".*?</row>', with_formula, book.package.part(DATA))
    part = tmp_path / "shared.xlsx"
    book.package.with_part(DATA, text).save(part)
    cells = saved(filled(ClosedWorkbook.open(part), some(LONG, start=1)), tmp_path).cells("Data")
    assert [cells[row, 7].formula for row in (2, 3, LONG + 1)] == ["B2+1", "B3+1", f"B{LONG + 1}+1"]


def chained(tmp_path: Path, book: ClosedWorkbook, chain: str) -> ClosedWorkbook:
    """The saved book with a calculation chain."""
    with zipfile.ZipFile(book.path) as file:
        content: dict[str, str | bytes] = {name: file.read(name).decode() for name in file.namelist()}
    content = handmade.with_part(
        content,
        "xl/calcChain.xml",
        f'<calcChain xmlns="{handmade.MAIN}">{chain}</calcChain>',
        f"{handmade.SHEET}.calcChain+xml",
        "calcChain",
    )
    return ClosedWorkbook.open(handmade.write(tmp_path / "chain.xlsx", content))


@pytest.mark.slow
def test_a_calculation_chain_stays_while_every_formula_does(tmp_path: Path) -> None:
    names = "".join(f'<c r="C{row}" i="1"/>' for row in range(2, LONG + 2))
    book = chained(tmp_path, saved(filled(opened(tmp_path), some(LONG)), tmp_path), names)
    assert filled(book, some(LONG)) is book
    chain = book.package.part("xl/calcChain.xml")
    for count in (LONG, LONG + 100):
        assert saved(filled(book, some(count, start=1)), tmp_path).package.part("xl/calcChain.xml") == chain
    assert "xl/calcChain.xml" not in saved(filled(book, some(LONG - 1, start=1)), tmp_path).package


def test_a_calculation_chain_of_other_sheets_stays_when_a_table_of_values_shrinks(tmp_path: Path) -> None:
    plain = handmade.table().replace(f"<calculatedColumnFormula>{handmade.FORMULA}</calculatedColumnFormula>", "")
    values = handmade.ROWS.replace(f"<f>{handmade.FORMULA}</f>", "")
    book = opened(tmp_path, facts=plain, data=handmade.sheet(values))
    columns = ("Month", "Count", "Double")
    long = saved(book.with_rows("Facts", columns, ((*row, 1) for row in some(LONG))), tmp_path)
    chained_book = chained(tmp_path, long, '<c r="B1" i="2"/>')
    chain = chained_book.package.part("xl/calcChain.xml")
    for count in (1, 300, LONG - 1):
        shorter = chained_book.with_rows("Facts", columns, ((*row, 2) for row in some(count)))
        assert saved(shorter, tmp_path).package.part("xl/calcChain.xml") == chain


def test_a_chain_that_names_a_constant_beside_unseen_rows_stops_the_save(tmp_path: Path) -> None:
    book = chained(tmp_path, saved(filled(opened(tmp_path), some(LONG)), tmp_path), '<c r="C2" i="1"/>')
    wrong = book.package.part("xl/calcChain.xml").replace(b'r="C2"', b'r="E2"')
    changed = filled(book, some(LONG, start=1))
    changed.package.with_part("xl/calcChain.xml", wrong.replace(b'"E2"', b'"C3"')).save(tmp_path / "right.xlsx")
    with pytest.raises(Refusal, match=r"the calculation chain names E2 on sheet 1, which holds no formula$"):
        changed.package.with_part("xl/calcChain.xml", wrong).save(tmp_path / "wrong.xlsx")


@pytest.mark.parametrize("name", ["utf-16", "latin-1"])
def test_the_encoding_of_a_long_sheet_is_kept(name: str, tmp_path: Path) -> None:
    said = {"utf-16": '"UTF-16"', "latin-1": '"ISO-8859-1"'}[name]
    book = opened(tmp_path, data=handmade.sheet().replace('"UTF-8"', said).encode(name))
    changed = saved(filled(book, some(LONG)), tmp_path)
    assert changed.package.part(DATA).decode(name).count("Burglary &amp; theft") > 100
    assert shown(changed, LONG) == serials(some(LONG))


def test_a_value_no_cell_holds_is_named_far_down(tmp_path: Path) -> None:
    rows = itertools.chain(some(LONG), [(JAN, float("inf"))])
    with pytest.raises(Refusal) as refusal:
        filled(opened(tmp_path), rows)
    assert str(refusal.value) == (
        "row 2501 for table Facts, column 'Count': inf is not a number that a cell can hold;"
        " leave the cell empty instead"
    )
    with pytest.raises(Refusal, match=r"^row 2501 for table Facts has 1 values for 2 columns$"):
        filled(opened(tmp_path), itertools.chain(some(LONG), [(JAN,)]))


def test_what_is_below_is_refused_however_far(tmp_path: Path) -> None:
    rows = handmade.ROWS + '<row r="2200"><c r="B2200"><v>1</v></c></row>'
    with pytest.raises(Refusal) as refusal:
        filled(opened(tmp_path, data=handmade.sheet(rows)), some(LONG))
    assert str(refusal.value) == (
        "table Facts on sheet Data needs the cells down to row 2501, and B2200 below it is not empty; "
        "move what is there"
    )


def test_a_fault_around_a_long_body_stops_the_save(tmp_path: Path) -> None:
    changed = filled(opened(tmp_path), some(LONG)).package
    broken = changed.with_part(TABLE, changed.part(TABLE).replace(b'name="Count"', b'name="Counts"'))
    with pytest.raises(Refusal, match=r"nothing is written: table Facts: header B1 shows 'Count' for column 'Counts'$"):
        broken.save(tmp_path / "broken.xlsx")


@pytest.mark.slow
def test_rows_are_not_held_as_they_come(tmp_path: Path) -> None:
    """40,000 rows are 6 MB of XML, and as Python objects 10; written, they need a small part of that."""
    book = opened(tmp_path)
    tracemalloc.start()
    try:
        filled(book, some(40_000)).save(tmp_path / "long.xlsx")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.slow
def test_rows_of_a_query_go_into_the_sheet_as_duckdb_gives_them(tmp_path: Path) -> None:
    """They are held nowhere as objects, and what DuckDB adds up is what the cells hold."""
    with duckdb.connect() as connection:
        numbers = connection.sql("select n from range(40_000) t(n)")
        query = numbers.project("date '2009-01-01' + cast(n % 400 as integer) as day, n / 7 as share")
        total, first, last = query.aggregate("sum(share), min(day), max(day)").fetchall()[0]
        book = opened(tmp_path)
        tracemalloc.start()
        try:
            book = filled(book, iter(query.fetchone, None))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 4_000_000  # held, the rows would take 5 MB more
    cells = shown(saved(book, tmp_path), 40_000)
    days = [datetime.date(1899, 12, 30) + datetime.timedelta(cast(float, day)) for day, _ in cells]
    assert (min(days), max(days)) == (first, last)
    assert math.fsum(cast(float, share) for _, share in cells) == pytest.approx(total)


# Existing rows in the form of most programs are read in one step; the longer way gives the same.

PLAIN = handmade.table().replace(f"<calculatedColumnFormula>{handmade.FORMULA}</calculatedColumnFormula>", "")
FORMS: dict[str, Callable[[str], str]] = {
    "as written here": lambda text: text,
    "as Excel writes": lambda text: re.sub(
        r'<row r="(\d+)"(?: spans="1:5")?', r'<row r="\1" spans="1:3" x14ac:dyDescent="0.25"', text
    ),
    "as openpyxl writes": lambda text: re.sub(r'(<c r="[AB]\d+"(?: s="1")?)(/?)>', r'\1 t="n"\2>', text),
    "commented": lambda text: text.replace('<c r="B4"', '<!-- 3 --><c r="B4"'),
    "formatted text": lambda text: re.sub(r"<is><t>(\w+)</t></is>", r"<is><r><t>\1</t></r></is>", text),
    "other styles": lambda text: text.replace('<c r="A3" s="1"', '<c r="A3" s="2"'),
    "another column": lambda text: text.replace('</row><row r="4"', '<c r="F3"><v>1</v></c></row><row r="4"'),
    "without r": lambda text: text.replace('<c r="B3"', "<c"),
}
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from([0.5, -0.0, 1e-9, 1e20, Decimal("0.5"), JAN, datetime.datetime(2009, 1, 31, 18)]),
    st.sampled_from(["a", " a", "<&>", "_x0041_", "0.5", "", "\r"]),
)
some_rows = st.lists(st.tuples(values, values, values), min_size=1, max_size=6)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=some_rows, after=some_rows, changed=st.booleans())
def test_quick_and_long_reading_agree(
    form: str, before: list[Row], after: list[Row], changed: bool, tmp_path: Path
) -> None:
    columns = ("Month", "Count", "Double")
    data = re.sub(r"<f>.*?</f>", "", handmade.sheet())
    first = opened(tmp_path, facts=PLAIN, data=data).with_rows("Facts", columns, before)
    body = FORMS[form](first.package.part(DATA).decode())
    body = body.replace("<worksheet ", '<worksheet xmlns:x14ac="http://schemas.microsoft.com/office/x14ac" ')
    package = first.package.with_part(DATA, body.encode())
    rows = after if changed else before
    quick = ClosedWorkbook(package).with_rows("Facts", columns, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cpa_xl.workbook.table_writer.plain_cells", lambda *_: None)
        long = ClosedWorkbook(package).with_rows("Facts", columns, rows)
    assert quick.package.part(DATA) == long.package.part(DATA)
    if not changed and form not in ("commented", "other styles", "without r"):
        assert quick.package is package


def test_packed_pieces_are_one_stream(tmp_path: Path) -> None:
    texts = [b"", b"a" * 70_000, bytes(range(256)) * 999, b"end"]
    pieces = [packed(text) for text in texts[:-1]]
    whole = pieces[0] + pieces[1] + pieces[2] + packed(texts[-1], last=True)
    book = handmade.write(tmp_path / "book.xlsx", handmade.parts())
    member = Package.read(book).members[0].with_packed(whole, b"", (0, -1))
    assert member.data() == b"".join(texts)  # which compares the checksum
