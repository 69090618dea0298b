"""The values that charts keep: rewritten where the cells they show changed, and left byte for byte elsewhere."""

import datetime
from pathlib import Path

import pytest

from cpa_xl.errors import EmptyDenominator
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade

FEBRUARY = datetime.date(2009, 2, 1)

CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
EXTENDED = "application/vnd.ms-office.chartex+xml"
SPACE = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'


def charted(tmp_path: Path, inside: str, kind: str = CHART, *, names: str = "") -> ClosedWorkbook:
    rows = handmade.ROWS.replace('<c r="E2"><v>7</v></c>', '<c r="E2" t="str"><v>North</v></c>')
    content = handmade.with_part(
        handmade.parts(data=handmade.sheet(rows), book=handmade.workbook(names)),
        "xl/charts/chart1.xml",
        f"<c:chart {SPACE}>{inside}</c:chart>",
        kind,
        "c",
    )
    return ClosedWorkbook.open(handmade.write(tmp_path / "book.xlsx", content))


def kept(book: ClosedWorkbook) -> str:
    text = book.finished().package.part("xl/charts/chart1.xml").decode()
    return text.removeprefix(f"<c:chart {SPACE}>").removesuffix("</c:chart>")


def numbers(*values: object, cells: str = "Data!$B$2:$B$4") -> str:
    points = "".join(f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(values))
    cache = f'<c:numCache><c:formatCode>0.0</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'
    return f"<c:numRef><c:f>{cells}</c:f>{cache}</c:numRef>"


def test_kept_values_follow_the_cells(tmp_path: Path) -> None:
    book = charted(tmp_path, numbers(5, 6, 7) + numbers(18, cells="Board!$B$1") + numbers(1, cells="Data!$E$2"))
    changed = book.with_cell("Data", 3, 2, 9).with_values({("Board", 1, 2): EmptyDenominator("none")})
    assert kept(changed) == numbers(5, 9, 7) + numbers("#DIV/0!", cells="Board!$B$1") + numbers(1, cells="Data!$E$2")


def test_kept_values_of_unchanged_cells_stay_as_they_are(tmp_path: Path) -> None:
    odd = numbers("5.0", "6.00", 7).replace('idx="0"', 'idx="0" formatCode="0%"')
    book = charted(tmp_path, odd)
    assert book.finished() is book
    assert kept(book.with_cell("Data", 2, 5, "South")) == odd
    assert kept(book.with_cell("Data", 3, 2, 9)) == numbers(5, 9, 7).replace('idx="0"', 'idx="0" formatCode="0%"')


def test_texts_are_kept_where_the_cells_hold_text(tmp_path: Path) -> None:
    cache = '<c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{}</c:v></c:pt></c:strCache>'
    texts = f"<c:strRef><c:f>{{}}</c:f>{cache}</c:strRef>"
    book = charted(tmp_path, texts.format("Data!$E$2", "North"))
    assert kept(book.with_cell("Data", 2, 5, "South & West")) == texts.format("Data!$E$2", "South &amp; West")


DROPPED = {
    "formatted numbers as text": (
        '<c:strRef><c:f>Data!$A$2:$A$3</c:f><c:strCache><c:ptCount val="2"/></c:strCache></c:strRef>',
        "<c:strRef><c:f>Data!$A$2:$A$3</c:f></c:strRef>",
    ),
    "several levels": (
        "<c:multiLvlStrRef><c:f>Data!$A$2:$B$3</c:f><c:multiLvlStrCache><c:lvl/></c:multiLvlStrCache></c:multiLvlStrRef>",
        "<c:multiLvlStrRef><c:f>Data!$A$2:$B$3</c:f></c:multiLvlStrRef>",
    ),
    "labels out of cells": (
        "<c:datalabelsRange><c:f>Data!$A$2:$A$3</c:f><c:dlblRangeCache/></c:datalabelsRange>",
        "<c:datalabelsRange><c:f>Data!$A$2:$A$3</c:f></c:datalabelsRange>",
    ),
    "newer charts": (
        '<c:numDim><c:f>Data!$A$2:$A$3</c:f><c:lvl ptCount="1"><c:pt idx="0">1</c:pt></c:lvl></c:numDim>',
        "<c:numDim><c:f>Data!$A$2:$A$3</c:f></c:numDim>",
    ),
}


@pytest.mark.parametrize("case", DROPPED)
def test_what_cannot_be_told_from_the_cells_is_not_kept(case: str, tmp_path: Path) -> None:
    before, after = DROPPED[case]
    book = charted(tmp_path, before, EXTENDED if case == "newer charts" else CHART)
    changed = book.with_cell("Data", 2, 1, FEBRUARY)
    assert kept(changed) == after
    assert kept(book) == before


def test_several_areas_make_one_series(tmp_path: Path) -> None:
    cells = "(Data!$B$2,Data!$B$4)"
    book = charted(tmp_path, numbers(5, 7, cells=cells))
    assert kept(book.with_cell("Data", 4, 2, 8)) == numbers(5, 8, cells=cells)


# References by a name, or by the columns of a table.

NAMES = {
    "counts": "Data!$B$2:$B$4",
    "deeper": "counts",
    "ends": "(Data!$B$2,Data!$B$4)",
    "column": "Facts[Count]",
    "loop": "loop",
    "whole": "Data!$B:$B",
    "elsewhere": "Board!$B$1",
    "rolling": "OFFSET(Data!$B$2,0,0,COUNT(Data!$B:$B),1)",
    "rolling_elsewhere": "OFFSET(Board!$B$1,0,0,1,1)",
    "anything": 'INDIRECT("Da"&amp;"ta!B2:B4")',
    "moving": "Data!B2:B4",
    "several": "Board:Data!$B$2",
    "gone": "#REF!",
}
DEFINED = "".join(f'<definedName name="{name}">{text}</definedName>' for name, text in NAMES.items())
DEFINED += '<definedName name="counts" localSheetId="1">Board!$B$1</definedName>'

FOLLOWED = {
    "[0]!counts": (5, 6, 7),
    "Data!counts": (5, 6, 7),  # there is none of the sheet, so it is that of the workbook
    "'book.xlsx'!COUNTS": (5, 6, 7),
    "counts": (5, 6, 7),
    "[0]!deeper": (5, 6, 7),
    "[0]!ends": (5, 7),
    "[0]!column": (5, 6, 7),
    "Facts[Count]": (5, 6, 7),
    "data!$B$2:$B$4": (5, 6, 7),
    "[0]!moving": (5, 6, 7),
}


@pytest.mark.parametrize("cells", FOLLOWED)
def test_a_name_that_stands_for_changed_cells_is_followed(cells: str, tmp_path: Path) -> None:
    values = FOLLOWED[cells]
    book = charted(tmp_path, numbers(*values, cells=cells), names=DEFINED)
    assert kept(book.with_cell("Data", 4, 2, 9)) == numbers(*values[:-1], 9, cells=cells)


UNREACHED = [
    *FOLLOWED,
    *("[0]!elsewhere", "Board!counts", "[0]!rolling_elsewhere", "[0]!gone", "[0]!loop", "[0]!unknown", "[0]!whole"),
    *("label 1", "categories", "1", "", "[2]Data!$B$2:$B$4", "Facts[None]", '"Data!B2"', "'of counts'!$B$2"),
]


@pytest.mark.parametrize("cells", UNREACHED)
def test_a_reference_that_does_not_lead_to_changed_cells_keeps_its_values(cells: str, tmp_path: Path) -> None:
    """E2 is on the same sheet as the counts; LibreOffice writes labels of its own where a chart has no cells."""
    odd = numbers("1.0", "text", 7, cells=cells)
    book = charted(tmp_path, odd, names=DEFINED)
    assert kept(book.with_cell("Data", 2, 5, "South")) == odd


@pytest.mark.parametrize("name", ["rolling", "anything", "several"])
def test_cells_that_are_worked_out_are_not_kept_where_they_may_have_changed(name: str, tmp_path: Path) -> None:
    cells = f"[0]!{name}"
    book = charted(tmp_path, numbers(5, 6, 7, cells=cells), names=DEFINED)
    assert kept(book.with_cell("Data", 4, 2, 9)) == f"<c:numRef><c:f>{cells}</c:f></c:numRef>"
    assert kept(book) == numbers(5, 6, 7, cells=cells)


def test_a_name_over_a_table_follows_its_new_rows(tmp_path: Path) -> None:
    inside = numbers(5, 6, 7, cells="[0]!column") + numbers(5, 6, 7, cells="[0]!counts")
    book = charted(tmp_path, inside + numbers(18, cells="[0]!elsewhere"), names=DEFINED)
    rows = [(FEBRUARY, 1), (FEBRUARY, 2), (FEBRUARY, 3), (FEBRUARY, 4)]
    longer = numbers(1, 2, 3, 4, cells="[0]!column") + numbers(1, 2, 3, 4, cells="[0]!counts")
    changed = book.with_rows("Facts", ["Month", "Count"], rows)
    assert kept(changed) == longer + numbers(18, cells="[0]!elsewhere")
    assert changed.names["counts"] == "Data!$B$2:$B$5"


def test_a_whole_column_keeps_the_places_that_show_something(tmp_path: Path) -> None:
    before = numbers(cells="Data!$B:$B")
    after = kept(charted(tmp_path, before).with_cell("Data", 4, 2, 9))
    assert '<c:ptCount val="1048576"/><c:pt idx="0"><c:v>0</c:v></c:pt><c:pt idx="1"><c:v>5</c:v></c:pt>' in after
    assert after.endswith('<c:pt idx="3"><c:v>9</c:v></c:pt></c:numCache></c:numRef>')
