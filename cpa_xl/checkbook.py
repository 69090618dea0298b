"""A workbook that checks an Excel: every function once, and a name `check_...` for each that must be TRUE."""

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING

from cpa_xl import __version__
from cpa_xl.examples import BLOCKS, EXAMPLES, Example

if TYPE_CHECKING:
    import xlsxwriter

CHECKBOOK = "cpa_xl check.xlsx"
ALL = "check_all"
FIRST_CHECK = 5  # the row of the first example, from 1
_BUILT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # workbooks of one version are the same whenever they are built


def checkbook() -> bytes:
    """The bytes of the workbook: sheet Checks with the examples, sheet Data with what they reckon with.

    Nothing in it is calculated: Excel does that when it opens it, and without the add-in no check becomes TRUE.
    """
    import xlsxwriter  # noqa: PLC0415  # takes long, and only building an add-in needs it

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": f"cpa_xl {__version__}: check of an installation", "created": _BUILT})
        bold = book.add_format({"bold": True})
        checks = book.add_worksheet("Checks")
        data = book.add_worksheet("Data")
        for block in BLOCKS:
            data.write_row(0, block.column - 1, block.headings, bold)
            for row, cells in enumerate(block.rows, start=1):
                data.write_row(row, block.column - 1, [None if cell == "" else cell for cell in cells])
        checks.write("A1", f"cpa_xl {__version__}: every function once", bold)
        last = FIRST_CHECK + len(EXAMPLES) - 1
        checks.write("A2", "All as expected:")
        checks.write_formula("B2", f"=AND(F{FIRST_CHECK}:F{last})", bold, False)
        book.define_name(ALL, "=Checks!$B$2")
        headings = ("function", "call", "answer", "expected", "may be off by", "as expected", "expected answer is")
        checks.write_row(FIRST_CHECK - 2, 0, headings, bold)
        for row, example in enumerate(EXAMPLES, start=FIRST_CHECK):
            _write_check(checks, row, example)
            book.define_name(f"check_{example.function}", f"=Checks!$F${row}")
        for columns, width in (("A:A", 26), ("B:B", 60), ("C:D", 34), ("E:F", 14), ("G:G", 60)):
            checks.set_column(columns, width)
        checks.freeze_panes(FIRST_CHECK - 1, 1)
    return out.getvalue()


def _write_check(sheet: "xlsxwriter.worksheet.Worksheet", row: int, example: Example) -> None:
    text = isinstance(example.answer, str)
    sheet.write_string(f"A{row}", example.function)
    sheet.write_string(f"B{row}", f"={example.formula}")
    sheet.write_formula(f"C{row}", f"={example.formula}", None, "")
    sheet.write(f"D{row}", example.answer)
    sheet.write(f"E{row}", example.tolerance)
    check = f"EXACT(C{row},D{row})" if text else f"ABS(C{row}-D{row})<=E{row}"
    sheet.write_formula(f"F{row}", f"=IFERROR({check},FALSE)", None, False)
    sheet.write_string(f"G{row}", example.source)
