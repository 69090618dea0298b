"""The sheet Sign-off: who made, checked and approved the figures, and which findings of the checks they accept."""

from xlsxwriter.worksheet import Worksheet

from cpa_xl.publish.checks.run import checks
from cpa_xl.scorecard.sign_off import ACCEPTED, ROLES
from workbooks.style import POINTS_OF_LINE, Book, entitle, headed, paper
from workbooks.typed_cells import ACCEPTED as TYPED
from workbooks.typed_cells import SIGNED, SIGNED_ON

SIGN_OFF_SHEET = "Sign-off"
FIRST_ROLE = 5  # zero-based, as all rows here
TABLE_HEAD = 13
WIDTHS = (16, 30, 44, 60, 24, 18)
NOTES = (
    "This worksheet contains one table, of accepted findings; readers do not get it. Empty cells: nobody has signed, or"
    " nothing is accepted.",
    "The approver signs when the figures are final: a refresh on a later day undoes it. A published copy says who"
    " signed, and when.",
)
HOW = (
    "What check --release finds and you are right about: its code, cell and text as they are printed, the reason and"
    " your name. It holds until the cell says something else.",
    f"May be accepted: {', '.join(code for code, check in checks().items() if check.acceptable)}. All else has to be put"
    " right.",
)  # fmt: skip


def write_sign_off(book: Book) -> None:
    """Three signatures with dates, and below them the table of accepted findings, without rows yet."""
    sheet, style = book.file.add_worksheet(SIGN_OFF_SHEET), book.formats
    entitle(book, sheet, SIGN_OFF_SHEET, *NOTES)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_row(FIRST_ROLE - 1, 0, ("Role", "Name", "Date"), style["head"])
    for row, (role, name) in enumerate(ROLES.items(), start=FIRST_ROLE):
        sheet.write(row, 0, role.capitalize(), style["plain"])
        sheet.write_blank(row, 1, None, style["typed"])
        sheet.write_blank(row, 2, None, style["typed_day"])
        book.file.define_name(name, f"='{SIGN_OFF_SHEET}'!$B${row + 1}")
    last = FIRST_ROLE + len(ROLES) - 1
    sheet.data_validation(FIRST_ROLE, 1, last, 1, dict(SIGNED))
    sheet.data_validation(FIRST_ROLE, 2, last, 2, dict(SIGNED_ON))
    sheet.write(last + 2, 0, "Accepted findings", style["heading"])
    for row, text in enumerate(HOW, start=last + 3):
        sheet.write(row, 0, text, style["note"])
    _write_accepted(book, sheet)
    sheet.hide_gridlines(2)
    paper(sheet, sum(WIDTHS))


def _write_accepted(book: Book, sheet: Worksheet) -> None:
    body, last = TABLE_HEAD + 1, len(TYPED) - 1
    options = {"name": ACCEPTED, "style": "Table Style Light 1", "columns": headed(book, TYPED)}
    sheet.add_table(TABLE_HEAD, 0, body, last, options)
    sheet.set_row(TABLE_HEAD, 4 + POINTS_OF_LINE)
    for column, (head, hint) in enumerate(TYPED.items()):
        form = "typed_day" if head == "Date" else "typed_text" if head in ("Cell", "Text") else "typed"
        sheet.write_blank(body, column, None, book.formats[form])
        sheet.data_validation(body, column, body, column, dict(hint))
