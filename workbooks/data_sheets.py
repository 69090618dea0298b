"""The sheets behind the scorecard: agreed targets and data tables."""

from cpa_xl.config.model import FigureKind, Measure, TableRows, TableSpec
from cpa_xl.scorecard.tables import headings
from workbooks.formulas import rate_heading, table_of, this_row
from workbooks.house import RATE_FORMAT, width_of
from workbooks.style import TABLE_ROW, Book, add_table, data_sheet, formula, headed, set_widths
from workbooks.trends import FIRST, LAST, TREND, TREND_SHEET, Column, trend_columns
from workbooks.typed_cells import validate_targets

# Where a table's sheet is named otherwise than the table.
SHEETS = {
    "TargetRegister": "Target register",
    "Trend": TREND_SHEET,
    "ProposedTargets": "Proposed targets",
    "RefreshLog": "Refresh log",
}


WRITTEN = "Written by refresh: what is typed into the table is lost with the next."
TARGET_HEADS = ("Id", "Rule", "Amount", "Baseline", "Amber", "Amber basis", "Year", "Target")


def write_targets(book: Book) -> None:
    """The agreed targets: typed, and never written by a refresh."""
    sheet = data_sheet(book, "Targets", "Agreed targets",
                       "Units follow the rule; empty cells are not needed by it. The amount of a monthly average is"
                       " the number a year.",
                       "Cream cells with a dashed edge are typed; a refresh never writes them. Rates, changes and gaps"
                       " with the sign %: 78.9% or 0.789. The sheet Notes says more.")  # fmt: skip
    measures = list(book.catalogue.measures.values())
    target = f"CPA_TARGET({','.join(this_row('Targets', head) for head in TARGET_HEADS[1:4])})"
    columns = headed(book, TARGET_HEADS)
    columns[-1]["formula"] = f"={target}"
    add_table(sheet, "Targets", len(measures), columns)
    set_widths(sheet, {head: width_of(head) for head in TARGET_HEADS})
    for row, measure in enumerate(measures, start=TABLE_ROW + 1):
        agreed, counted = measure.agreed, measure.number
        typed = [str(agreed.rule) if agreed and agreed.rule else "", agreed.amount if agreed else None,
                 agreed.baseline if agreed else None, *_amber(measure), agreed.year if agreed else None]  # fmt: skip
        figure = "typed_number" if counted else "typed_fraction"
        forms = ["typed", figure, figure, "typed_fraction", "typed", "typed_text"]
        sheet.write(row, 0, measure.id, book.formats["plain"])
        for position, (value, form) in enumerate(zip(typed, forms, strict=True), start=1):
            sheet.write(row, position, value, book.formats[form])
        formula(sheet, row, len(TARGET_HEADS) - 1, target, book.formats["#,##0.0" if counted else "0.0%"])
    validate_targets(sheet, TARGET_HEADS, measures, TABLE_ROW + 1)


def _amber(measure: Measure) -> tuple[float | None, str | None]:
    """The amber band and its basis, where there is a figure to judge."""
    return (measure.amber, measure.amber_basis) if measure.figure else (None, None)


def write_table(book: Book, name: str, table: TableSpec) -> None:
    """A data sheet with an empty table, ready for its rows."""
    notes = {
        TableRows.MONTHS: "One row a month, force totals. Empty cells are months without a figure.",
        TableRows.QUARTERS: "One row a quarter, named by its last month. Empty cells are quarters without a figure.",
        TableRows.AREAS: "One row a month and borough. Empty cells are months without a figure.",
        TableRows.YEARS: "One row a year (and area). Empty cells are years without a figure.",
        TableRows.MEASURES: "What each measure is, from the configuration. Empty cells do not apply to the measure.",
        TableRows.REGISTER: "Every target, as proposed and as agreed, from the configuration. Empty cells were not stated.",
        TableRows.PROPOSALS: "From the configuration. Empty cells were not stated.",
        TableRows.MILESTONES: "Which strand is reported in which month.",
        TableRows.LOG: "One row a refresh that changed something; rows are only added. Empty cells were not counted.",
        TableRows.EXTRACTS: "The files that the figures were read from. Empty cells: nothing to note.",
    }
    titles = {
        "Areas": "Monthly counts by borough",
        "Monthly": "Monthly counts",
        "TargetRegister": "Target register",
        "Trend": "Figures month by month",
        "RefreshLog": "Refresh log",
        "ProposedTargets": "Targets proposed in February 2008, and what became of them",
    }
    sheet_name = SHEETS.get(name, name)
    sheet = data_sheet(book, sheet_name, titles.get(name, name), notes[table.rows], WRITTEN)
    heads = list(headings(book.catalogue, table))
    extra = calculated(book, name)
    columns = headed(book, [*heads, *(head for head, _, _ in extra)])
    for one, (_, text, _) in zip(columns[len(heads) :], extra, strict=True):
        one["formula"] = f"={text}"
    body = range(FIRST, LAST + 1) if name == TREND else range(FIRST, FIRST + 1)
    add_table(sheet, name, len(body), columns)
    for position, head in enumerate(heads):
        for row in body:
            sheet.write_blank(row, position, None, book.formats[form_of(table, head)])
    for position, (_, text, form) in enumerate(extra, start=len(heads)):
        for row in body:
            formula(sheet, row, position, text, book.formats[form])
    set_widths(sheet, {head: width_of(head) for head in (*heads, *(head for head, _, _ in extra))})


MONTHS = {"Month", "As of", "Quarter ending", "First month", "Last month", "Provisional from"}
COUNTS = {"Rows", "Records", "Cells calculated", "Cells kept", "Noticed", "Lag", "Per"}


def form_of(table: TableSpec, head: str) -> str:
    """The format of a column, by its heading: text wraps, so that print cuts nothing."""
    if table.rows is TableRows.YEARS and head == table.key:
        return "general"  # 2008, and not 2,008
    if head in MONTHS:
        return "month"
    if head in {"Amount", "Baseline"}:
        return "amount"
    if head in COUNTS or (table.rows.holds_facts and head != table.area):
        return "number"
    return "wrap"


def calculated(book: Book, table: str) -> list[Column]:
    """Calculated columns: the trends; and the monthly rates that a feasibility is judged by, up to the as-of month."""
    if table == TREND:
        return trend_columns(book)
    made: list[Column] = []
    for measure in book.catalogue.measures.values():
        for fact in measure.facts:
            if fact.kind is FigureKind.FEASIBLE and fact.denominator and table_of(book, fact.numerator)[0] == table:
                above = this_row(table, book.catalogue.series[fact.numerator].title)
                below = this_row(table, book.catalogue.series[fact.denominator].title)
                later = f"{this_row(table, table_of(book, fact.numerator)[1])}>as_of"
                made.append((rate_heading(book, fact), f'IF(OR({later},N({below})=0),"",{above}/{below})', RATE_FORMAT))
    return made
