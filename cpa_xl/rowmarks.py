"""Shorthand on the scorecard of a published copy: rows whose figure rests on provisional [p] or revised [r] counts.

It stands behind the words of the status, which are text, and never beside a figure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from cpa_xl.calculator import Calculator
from cpa_xl.catalogue import Catalogue, Measure, WorkbookSpec
from cpa_xl.disturbance import disturbing
from cpa_xl.errors import CellError, Refusal
from cpa_xl.frozencells import frozen_cells
from cpa_xl.measurerows import Standing
from cpa_xl.periods import Month
from cpa_xl.sheetxml import Position, Sheet, value_at
from cpa_xl.sincelast import REVISED, Kind, Since
from cpa_xl.standing import Why
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.versions import Version
from cpa_xl.workbook import ClosedWorkbook
from cpa_xl.workbookxml import without_calculation_chain

PROVISIONAL = "[p]"
STATUS = "status"  # the field of the scorecard
_MARKS = re.compile(r"(?: \[[pr]\])+$")


def without_marks(status: str) -> str:
    """The words of a status as the working book has them."""
    return _MARKS.sub("", status)


def provisional_since(catalogue: Catalogue, measure: Measure) -> Month | None:
    """The first month of the measure's own counts that may still change."""
    series = measure.figure.series if measure.figure is not None else ()
    every = (catalogue.source_of(part) for name in series for part in catalogue.parts(name))
    return min((source.provisional_from for source in every if source.provisional_from is not None), default=None)


def with_row_marks(
    copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, changes: Sequence[Since], calculator: Calculator
) -> ClosedWorkbook:
    """The copy whose scorecard says which figures rest on provisional counts, and on counts revised since the last one.

    Rows without a text as status, and those whose status another cell would show otherwise, stay as they are.
    """
    sheet = "" if spec.scorecard is None else spec.scorecard.sheet
    texts = dict(_texts(copy, catalogue, spec, changes))
    marked = _with_texts(copy, sheet, texts)
    unfit = disturbing(copy, marked, {place: [(sheet, *place)] for place in texts}, calculator) if texts else ()
    if not unfit:
        return marked
    return _with_texts(copy, sheet, {place: text for place, text in texts.items() if place not in unfit})


def _with_texts(copy: ClosedWorkbook, sheet: str, texts: Mapping[Position, str]) -> ClosedWorkbook:
    """The copy with these texts, also where a formula was."""
    if not texts:
        return copy
    part = copy.part_of(sheet)
    fixed = frozen_cells(Sheet(copy.package.text(part)), lambda place, _: Why.ANY if place in texts else None)
    package = copy.package.with_text(part, fixed.sheet.data)
    copy = ClosedWorkbook(without_calculation_chain(package) if fixed.places else package)
    for place, text in texts.items():
        copy = copy.with_cell(sheet, *place, text)
    return copy


def _texts(
    copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec, changes: Sequence[Since]
) -> Iterator[tuple[Position, str]]:
    """The cells of the status that get shorthand, and what they say with it."""
    figures = StoredFigures(copy, catalogue, spec)
    try:
        listing = Version(copy, spec).scorecard()
        _ = figures.counts, figures.as_of
    except (Refusal, CellError):  # told by the checks of the figures
        return
    for (key, _), record in listing.records.items() if listing is not None else ():
        measure, said = catalogue.measures.get(key[0]), value_at(record.cells, STATUS)
        if measure is not None and isinstance(said, str) and said.strip():
            marks = " ".join(_marks(figures, measure, changes))
            if marks:
                yield (record.row, record.columns[STATUS]), f"{said} {marks}"


def _marks(figures: StoredFigures, measure: Measure, changes: Sequence[Since]) -> Iterator[str]:
    if measure.figure is None:
        return
    try:
        stands = figures.standing(measure.id)
    except CellError:  # told by the check of the figure
        return
    since = provisional_since(figures.catalogue, measure)
    if since is not None and since <= stands.period.end:
        yield PROVISIONAL
    counted = {figures.catalogue.series[name].title for name in measure.figure.series}
    months = {str(month) for month in _months(stands, measure)}
    if any(
        change.kind is Kind.REVISION and change.heading in counted and len(change.key) == 1 and change.key[0] in months
        for change in changes
    ):
        yield REVISED


def _months(stands: Standing, measure: Measure) -> Iterator[Month]:
    """The months that a figure is worked out from."""
    yield from stands.period.months
    if measure.unit == "change":
        yield from stands.period.previous.months
