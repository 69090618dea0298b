"""Recalculates a closed workbook in LibreOffice with the add-in, and reports which values differ.

LibreOffice calculates a copy. Only the values go back into the workbook, because a file that LibreOffice saves loses
much of Excel's content.
"""

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.errors import CellError, Refusal
from cpa_xl.formulas.calculator import Calculation, Kept
from cpa_xl.formulas.engine import shown
from cpa_xl.formulas.graph import CellValue, FormulaBook, Place
from cpa_xl.formulas.references import TokenKind, read_tokens
from cpa_xl.formulas.second_judge import SecondJudge
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.extension import parts
from cpa_xl.libreoffice.soffice import Office
from cpa_xl.measures.figures import REWORKED, same
from cpa_xl.ooxml.a1 import cell_name
from cpa_xl.ooxml.sheet import value_at
from cpa_xl.workbook.closed import Cell, ClosedWorkbook

ADDIN_FOLDER = "cpa_xl"
ALWAYS_CALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Office.Calc/Formula/Load">
  <prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
 </item>
</oor:items>
"""  # a profile's settings; otherwise LibreOffice shows the values that Excel or this package left


@dataclass(frozen=True)
class OfficeCalculation:
    """What LibreOffice made of a workbook: how many formula cells there are, and how many of them came out the same.

    `calculation.values` holds the new values, of those cells alone that came out otherwise than the workbook shows.
    """

    cells: int
    same: int
    calculation: Calculation


def calculate_in_office(workbook: ClosedWorkbook, office: Office, stale: Collection[Place] = ()) -> OfficeCalculation:
    """Calculate every formula of a workbook in LibreOffice.

    A cell gets a new value where it shows none yet, where its value is known not to be of today (`stale`), and where
    such a cell goes into it. Every other cell keeps its value, and is named where LibreOffice comes to another one. So
    does a cell for which LibreOffice has no answer: it does not know a function, lost the formula, or finds an error
    in a formula that nothing wrong went into and that shows a value; a cell that names a whole table, of which
    LibreOffice takes the headings along; a cell for which the second engine has another value; and what these go into.
    Raises `Refusal` where LibreOffice does not convert the workbook.
    """
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        result = ClosedWorkbook.open(_converted(workbook, office, Path(folder)))
        found = {(name, *at): cell for name in workbook.sheet_names for at, cell in result.cells(name).items()}
    book = FormulaBook(workbook, FUNCTIONS)
    free = {place for place in book.formulas if place in stale or not book.shows(place)}
    strange = {place: names for place in free if (names := book.strange(book.formulas[place]))}
    unknown = {place: f"LibreOffice does not know {', '.join(names)}" for place, names in strange.items()}
    refused = _with_readers(book, unknown | _refused(book, found))
    changed = {
        place for place in free - refused.keys() if not same(book.value(place), value_at(found, place), REWORKED)
    }
    moving = free | book.dependencies.reached(changed).keys()
    for place in book.formulas.keys() - refused.keys():
        why = _unmoved(book, found, place) if place not in moving else _in_bare_table(book, place)
        if why:
            refused[place] = why
    refused = _with_readers(book, refused | _contradicted(book, found, moving - refused.keys()))
    asked = [place for place in (*book.formulas, *sorted(book.filled)) if place not in refused]
    values = {place: value_at(found, place) for place in asked}
    new = {place: value for place, value in values.items() if not same(book.value(place), value, REWORKED)}
    kept = tuple(
        Kept(sheet, cell_name(row, column), book.texts.get((sheet, row, column), ""), why)
        for (sheet, row, column), why in sorted(refused.items())
    )
    return OfficeCalculation(len(asked) + len(refused), len(asked) - len(new), Calculation(new, kept, {}))


def _converted(workbook: ClosedWorkbook, office: Office, folder: Path) -> Path:
    """A copy of the workbook as LibreOffice saves it after calculating everything with the add-in."""
    source, target, extensions = folder / "workbook.xlsx", folder / "out", folder / "extensions"
    workbook.save(source)
    for name, content in parts().items():
        path = extensions / ADDIN_FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings = folder / "profile/user/registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(ALWAYS_CALCULATE, encoding="utf-8")
    bundled = f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}"
    output = office.run([bundled, "--convert-to", "xlsx", "--outdir", str(target), str(source)], folder / "profile")
    if not (target / source.name).exists():
        why = " ".join(output.split()) or "it gave no reason"
        raise Refusal(f"LibreOffice ({office.program}) did not calculate the workbook: {why}")
    return target / source.name


def _refused(book: FormulaBook, found: Mapping[Place, Cell]) -> dict[Place, str]:
    """The formula cells for which LibreOffice has no answer to be believed, each with why."""
    errors = {place for place in book.formulas if isinstance(value_at(found, place), CellError)}
    handed_on = book.dependencies.reached(errors).keys()
    refused = {}
    for place, formula in book.formulas.items():
        value = value_at(found, place)
        if place not in found or (found[place].formula is None and place not in book.filled):
            refused[place] = "LibreOffice has no formula there"
        elif isinstance(value, CellError) and place not in handed_on:
            ours = value.code != "#NAME?" and formula.functions & {*FUNCTIONS, "NA"}
            if not ours and not same(book.value(place), value):
                refused[place] = f"LibreOffice shows {value.code}, the workbook {_shown(book.value(place))}"
    return refused


def _with_readers(book: FormulaBook, refused: dict[Place, str]) -> dict[Place, str]:
    """These cells and those that they go into."""
    readers = book.dependencies.reached(refused).keys() - refused.keys()
    return refused | dict.fromkeys(readers, "what it is calculated from was not calculated")


def _unmoved(book: FormulaBook, found: Mapping[Place, Cell], place: Place) -> str:
    """Why a cell keeps its value although LibreOffice has another; "" where it has none."""
    there, new = book.value(place), value_at(found, place)
    if same(there, new, REWORKED):
        return ""
    return f"LibreOffice gets {shown(new)} where the workbook has {shown(there)}, and nothing that it reads has changed"


def _in_bare_table(book: FormulaBook, place: Place) -> str:
    tables = {name.casefold(): name for name in book.places.tables}
    for token in read_tokens(book.texts[place]):
        name = tables.get(token.text.casefold()) if token.kind is TokenKind.NAME else None
        if name:
            return f"it names the table {name} alone, and LibreOffice takes the headings along; write {name}[#Data]"
    return ""


def _contradicted(book: FormulaBook, found: Mapping[Place, Cell], places: Collection[Place]) -> dict[Place, str]:
    """The cells without cell functions for which the second engine gets another value, each with both."""
    native = [
        place for place in places if book.formulas[place].functions.isdisjoint(FUNCTIONS) and place not in book.fills
    ]
    values = {place: cell.value for place, cell in found.items() if place in places}
    judge = SecondJudge(book, FUNCTIONS, {}, values)
    doubts = judge.doubts({place: [[values[place]]] for place in native})
    return {
        place: f"LibreOffice gets {doubt.first}, and the second calculator {doubt.second}"
        for place, doubt in doubts.items()
        if doubt.second
    }


def _shown(value: CellValue) -> str:
    return value.code if isinstance(value, CellError) else "nothing" if value in (None, "") else "a value"
