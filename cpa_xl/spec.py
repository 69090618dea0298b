"""Which entry of workbooks.yaml a workbook has, and what the workbook states by it: its month, sources and targets."""

from collections.abc import Mapping
from pathlib import Path

from cpa_xl.catalogue import Catalogue, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, Refusal
from cpa_xl.periods import Month
from cpa_xl.samefigure import REWORKED, same_figure
from cpa_xl.scorecard import NOTHING, read_scorecard
from cpa_xl.sheetxml import value_at
from cpa_xl.tables import read_rows
from cpa_xl.workbook import Readable


def specification(catalogue: Catalogue, workbook: Readable, path: Path, *, reading: bool = False) -> WorkbookSpec:
    """The entry of workbooks.yaml whose tables this workbook has; `Refusal` where none or several fit.

    For `reading` the log may be missing, as in published copies.
    """
    present = {name.casefold() for name in workbook.tables}
    missing = {
        name: [
            table
            for table, rows in spec.tables.items()
            if table.casefold() not in present and not (reading and rows.rows is TableRows.LOG)
        ]
        for name, spec in catalogue.workbooks.items()
    }
    fitting = [name for name, tables in missing.items() if not tables]
    if len(fitting) == 1:
        return catalogue.workbooks[fitting[0]]
    if fitting:
        raise Refusal(f"{path} fits {len(fitting)} entries of workbooks.yaml ({', '.join(fitting)}); keep one")
    wanted = "; ".join(f"{name} needs {', '.join(tables)}" for name, tables in missing.items())
    there = ", ".join(workbook.tables) or "none"
    raise Refusal(f"{path} has no tables to refresh that workbooks.yaml knows: {wanted}; its tables are {there}")


def stated_month(workbook: Readable, spec: WorkbookSpec) -> Month:
    """The as-of month that the workbook's named cell states; `Refusal` where it states none."""
    sheet, row, column = workbook.named_cell(spec.as_of)
    value = value_at(workbook.cells(sheet), (row, column))
    try:
        return Month.read(value)
    except CellError as error:
        raise Refusal(
            f"the as-of cell ({spec.as_of}, sheet {sheet!r}) holds {value!r}: {error}; or give --as-of"
        ) from None


def needed_sources(catalogue: Catalogue, spec: WorkbookSpec) -> frozenset[str]:
    """The sources that the series of a workbook's tables are counted from."""
    sources = {
        catalogue.series[part].source
        for table in spec.tables.values()
        for series in table.series
        for part in catalogue.parts(series)
    }
    return frozenset(source for source in sources if source is not None)


def known_months(workbook: Readable, spec: WorkbookSpec) -> Mapping[str, Month]:
    """For each source the last month that the workbook already holds, as its table of extracts says."""
    known: dict[str, Month] = {}
    for name, table in spec.tables.items():
        if table.rows is not TableRows.EXTRACTS:
            continue
        for row in read_rows(workbook, name):
            source, last = row.get("Source"), row.get("Last month")
            if isinstance(source, str) and isinstance(last, int | float):
                known[source] = Month.read(last)
    return known


def target_notes(workbook: Readable, spec: WorkbookSpec, catalogue: Catalogue) -> tuple[str, ...]:
    """Where the target in the workbook is not the one that the configuration says was agreed.

    A workbook that the tables were attached to has no scorecard of ours, or another sheet of that name.
    """
    if spec.scorecard is None or spec.scorecard.sheet not in workbook.sheet_names:
        return ()
    try:
        scorecard = read_scorecard(workbook, spec)
    except Refusal as error:
        return (f"targets were not compared with the configuration: {error}",)
    notes = []
    for row in scorecard:
        measure = catalogue.measures.get(row.text("id"))
        agreed = None if measure is None else measure.agreed
        if measure is None:
            notes.append(f"row {row.row}: {row.text('id')} is not a measure of the configuration")
        elif agreed is not None:
            wanted, there = agreed.value, row.cells.get("target")
            same = (
                there in (None, "", NOTHING)
                if wanted is None
                else isinstance(there, float) and same_figure(there, wanted, REWORKED)
            )
            if not same and not isinstance(there, CellError):
                notes.append(
                    f"{measure.id}: the workbook's target is {there!r}, the agreed target of the configuration"
                    f" {wanted!r}; change the one that is wrong (sheet Targets, or measures.yaml)"
                )
    return tuple(notes)
