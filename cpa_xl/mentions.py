"""Where a workbook refers to some of its sheets, tables and names: what would break if they went."""

import re
from collections.abc import Collection, Iterator, Mapping

from cpa_xl.a1 import cell_name
from cpa_xl.markup import Element, escape
from cpa_xl.sheetxml import Sheet
from cpa_xl.workbook import ClosedWorkbook

_FORMULAS = frozenset(  # elements whose text is a formula, in whatever part
    ("f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula")
)
_ATTRIBUTES = ("fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx", "linkedCell", "listFillRange", "textlink")


class Mentions:
    """Finds mentions of sheets, and of tables and names, in formulas; letters' case does not matter."""

    def __init__(self, sheets: Collection[str], names: Collection[str]) -> None:
        self._sheets = {sheet.casefold() for sheet in sheets}
        self._names = {name.casefold() for name in names}
        doubled = [sheet.replace("'", "''") for sheet in sheets]
        written = [escape(text).lower() for text in {*sheets, *doubled, *names}]
        self._bytes = written if all(text.isascii() for text in written) else []
        self._formula = re.compile(
            rf"""\"(?:[^"]|"")*"                                                 # text in quotes says nothing
            |(?P<hit>'(?:[^':]+:)?(?:{_either(doubled)})(?::[^']+)?'!            # a sheet, or one end of several
            |(?<![\w.\]'])(?:{_either(sheets)})(?::[\w.]+)?!
            |(?<![\w.\\?!'\[])(?:{_either(names)})(?![\w.\\?!'(]))               # a table or a name
            """,
            re.IGNORECASE | re.VERBOSE,
        )

    def within(self, formula: str) -> bool:
        """Whether a formula mentions one of them."""
        return any(match["hit"] for match in self._formula.finditer(formula))

    def may_be_in(self, text: bytes) -> bool:
        """Whether a part may mention one of them; where it says no, there is none."""
        lower = text.lower()
        return not self._bytes or any(written in lower for written in self._bytes)

    def of_element(self, element: Element) -> str | None:
        """What an element says of one of them, as it is written."""
        if element.name in _FORMULAS and not element.children and self.within(element.text):
            return element.text.strip()
        if element.name == "worksheetSource":
            sheet, name = (element.attributes.get(key, "") for key in ("sheet", "name"))
            if sheet.casefold() in self._sheets or name.casefold() in self._names:
                return name or sheet
        given = (element.attributes.get(attribute, "") for attribute in _ATTRIBUTES)
        return next((text for text in given if self.within(text)), None)


def _either(texts: Collection[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


def find_mentions(
    workbook: ClosedWorkbook, wanted: Mentions, sheets: Mapping[str, str], own: Collection[str]
) -> Iterator[str]:
    """Every place outside the parts `own` that mentions one of them, with what it says.

    `sheets` are the parts of the worksheets, by name; names of the workbook are left to the caller.
    """
    package = workbook.package
    names = {_plain(part): name for name, part in sheets.items()}
    passed = {_plain(part) for part in (*own, package.workbook_part)}
    for part in package.names:
        if _plain(part) in passed or not package.content_type(part).endswith("xml"):
            continue
        text, sheet = package.text(part), names.get(_plain(part))
        if not wanted.may_be_in(text):
            continue
        if sheet is not None and sheet in workbook.sheet_names:
            yield from _in_cells(workbook, sheet, wanted)
            root, place = Sheet(text).frame, f"sheet {sheet}"
        else:
            root, place = package.root(part), part
        for element in root.walk():
            said = wanted.of_element(element)
            if said is not None:
                yield f"{place} ({said})"


def _in_cells(workbook: ClosedWorkbook, sheet: str, wanted: Mentions) -> Iterator[str]:
    for (row, column), cell in workbook.cells(sheet).items():
        if cell.formula is not None and wanted.within(cell.formula):
            yield f"{sheet}!{cell_name(row, column)} (={cell.formula})"


def _plain(part: str) -> str:
    """A part's name as it is found: some programs write it with backslashes, or in other letters."""
    return part.replace("\\", "/").lstrip("/").casefold()
