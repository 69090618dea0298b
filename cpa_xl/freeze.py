"""Freezing: a workbook as it can be given away, made from one in a closed file, with the list of what went.

Part by part, as a refresh does it: what need not change is the workbook's own, byte for byte.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.a1 import cell_name
from cpa_xl.catalogue import Formulas, Publish
from cpa_xl.errors import CellError, Refusal
from cpa_xl.frozencells import frozen_cells
from cpa_xl.sheetxml import Cell, Sheet
from cpa_xl.standing import Standing
from cpa_xl.workbook import ClosedWorkbook
from cpa_xl.workbookxml import without_calculation_chain

_SHOWN = 5  # cells named in one message


@dataclass(frozen=True)
class Removed:
    """Something that a published copy has not: its kind, where it was or what it was called, and how many."""

    kind: str
    name: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}" + (f" ({self.count:,})" if self.count != 1 else "")


@dataclass(frozen=True)
class Frozen:
    """A workbook to be given away, and what was taken out of it."""

    workbook: ClosedWorkbook
    removed: tuple[Removed, ...]


def freeze(workbook: ClosedWorkbook, setting: Publish) -> Frozen:
    """The workbook with values in the place of formulas that cannot stand without what stays behind.

    Raises `Refusal` where cells show errors, or formulas have no value.
    """
    refuse_unfit(workbook)
    names: dict[str, list[str]] = {}
    for name, text in workbook.names.items():
        names.setdefault(name.casefold(), []).append(text)
    standing = Standing(names, lambda _: False, values=setting.formulas is Formulas.VALUES)
    package, removed = workbook.package, []
    for sheet, part in sheet_parts(workbook).items():
        done = frozen_cells(Sheet(package.text(part)), lambda _, formula: standing.why(formula))
        package = package.with_text(part, done.sheet.data)
        removed += [Removed(why.value, sheet, count) for why, count in done.counts.items()]
    if package is not workbook.package:
        package = without_calculation_chain(package)
    return Frozen(ClosedWorkbook(package).with_full_calculation(False), tuple(removed))


def sheet_parts(workbook: ClosedWorkbook) -> Mapping[str, str]:
    """The parts of the worksheets, by their names."""
    package = workbook.package
    links = {link.id: link.target for link in package.relationships(package.workbook_part)}
    listing = package.root(package.workbook_part).find("sheets")
    parts = (
        {entry.attributes["name"]: links[entry.attribute("id") or ""] for entry in listing.all("sheet")}
        if listing
        else {}
    )
    return {name: parts[name] for name in workbook.sheet_names}


def refuse_unfit(workbook: ClosedWorkbook) -> None:
    """Raise `Refusal` where cells show errors that nobody meant, or formulas have no value."""
    errors, empty = [], []
    for sheet in workbook.sheet_names:
        for (row, column), cell in workbook.cells(sheet).items():
            place = f"{sheet}!{cell_name(row, column)}"
            if isinstance(cell.value, CellError) and not _is_meant(cell):
                errors.append(f"{place} ({cell.value.code})")
            elif cell.formula is not None and cell.value is None:
                empty.append(place)
    if errors:
        raise Refusal(
            f"{workbook.path} shows errors: {_listed(errors)}; refresh it first (#NAME? is what a spreadsheet without"
            " the add-in leaves)"
        )
    if empty:
        raise Refusal(f"{workbook.path} has formulas without a value: {_listed(empty)}; refresh or calculate it first")


def _is_meant(cell: Cell) -> bool:
    """Whether a cell shows #N/A because its formula says so (charts leave such points out), or is typed."""
    code = cell.value.code if isinstance(cell.value, CellError) else ""
    return code == "#N/A" and (cell.formula is None or "NA()" in cell.formula.upper())


def _listed(places: list[str]) -> str:
    more = f" and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more
