"""Sentences for those who work on the book ("pick a measure here"): a published copy has them not.

They stand in cells of a cell style of their own, whose name the configuration knows.
"""

from cpa_xl.a1 import bounds
from cpa_xl.bookstyles import BookStyles
from cpa_xl.formulabook import FormulaBook
from cpa_xl.markup import Edit
from cpa_xl.sheetxml import Position, Sheet
from cpa_xl.stripping import Stripping, Tab
from cpa_xl.workbook import ClosedWorkbook


def strip_instructions(work: Stripping, style: str) -> None:
    """Take out the cells of that style, and links on them; one with a formula, or that a formula reads, stays."""
    looks = BookStyles(work.package).looks
    numbers = frozenset(
        str(number).encode() for number, look in enumerate(looks) if look.name.casefold() == style.casefold()
    )
    if not numbers:
        return
    read = FormulaBook(ClosedWorkbook(work.package)).dependencies
    for tab in work.worksheets():
        sheet = Sheet(work.package.text(tab.part))
        edits: dict[Position, Edit] = {}
        for row in sheet.rows:
            for cell in sheet.cells_in(row):
                place = (row.number, cell.number)
                styled = sheet.cell_attributes(cell).get(b"s", b"0") in numbers
                if styled and sheet.formula(cell) is None and not read.reached([(tab.name, *place)]):
                    edits[place] = Edit(cell.start, cell.end, b"")
        if work.edit(tab.part, edits.values()):
            work.note("sentence for those who work on the book", tab.name, len(edits))
            _unlink(work, tab, edits)


def _unlink(work: Stripping, tab: Tab, places: dict[Position, Edit]) -> None:
    """Take links off these cells; the relationships they used go when nothing leads to them."""
    listing = Sheet(work.package.text(tab.part)).frame.find("hyperlinks")
    links = [] if listing is None else listing.all("hyperlink")
    going = [one for one in links if bounds(one.attributes["ref"])[:2] in places]
    if listing is not None and len(going) == len(listing.children):
        going = [listing]
    work.drop(tab.part, going)
