"""The sheets behind the scorecard: targets, data tables, notes."""

from cpa_xl.catalogue import Kind, TableRows, TableSpec
from cpa_xl.tables import headings
from workbooks.formulas import rate_heading, table_of, this_row
from workbooks.style import Book, add_table, data_sheet, formula, headed
from workbooks.trends import FIRST, LAST, TREND, TREND_SHEET, Column, trend_columns

WIDE = {
    "Measure",
    "Title",
    "File",
    "SHA256",
    "Note",
    "Rationale",
    "Performance",
    "Caveats",
    "Objective",
    "CPA",
    "Performance then",
    "Extracts",
    "Components",
    "Provisional note",
}


# Where a table's sheet is named otherwise than the table.
SHEETS = {
    "TargetRegister": "Target register",
    "Trend": TREND_SHEET,
    "ProposedTargets": "Proposed targets",
    "RefreshLog": "Refresh log",
}


def write_targets(book: Book) -> None:
    """The agreed targets: typed, and never written by a refresh."""
    sheet = data_sheet(book, "Targets", "Agreed targets",
                       "Typed cells: a refresh never writes them. Rates, changes and gaps are fractions (10.8 % is 0.108);"
                       " the amount of a monthly average is the number a year. A target is judged in its own financial year"
                       " only; leave the year empty to judge it in any.")  # fmt: skip
    measures = list(book.catalogue.measures.values())
    heads = ["Id", "Rule", "Amount", "Baseline", "Amber", "Amber basis", "Year", "Target"]
    target = f"CPA_TARGET({','.join(this_row('Targets', head) for head in heads[1:4])})"
    columns = headed(book, heads)
    columns[-1]["formula"] = f"={target}"
    add_table(sheet, "Targets", len(measures), columns)
    sheet.set_column(0, len(heads) - 1, 18)
    for row, measure in enumerate(measures, start=4):
        agreed = measure.agreed
        values = [measure.id, str(agreed.rule) if agreed and agreed.rule else "", agreed.amount if agreed else None,
                  agreed.baseline if agreed else None]  # fmt: skip
        figures = [measure.amber, measure.amber_basis] if measure.figure else [None, None]
        for position, value in enumerate([*values, *figures, agreed.year if agreed else None]):
            sheet.write(row, position, value, book.formats["typed_text" if heads[position] == "Year" else "input"])
        formula(sheet, row, len(heads) - 1, target, book.formats["#,##0.0" if measure.unit == "count" else "0.0%"])


def write_table(book: Book, name: str, table: TableSpec) -> None:
    """A data sheet with an empty table, ready for its rows."""
    notes = {
        TableRows.MONTHS: "One row a month, force totals.",
        TableRows.QUARTERS: "One row a quarter, named by its last month.",
        TableRows.AREAS: "One row a month and borough.",
        TableRows.MEASURES: "What each measure is, from the configuration.",
        TableRows.REGISTER: "Every target, as proposed and as agreed, from the configuration.",
        TableRows.PROPOSALS: "From the configuration.",
        TableRows.MILESTONES: "Which strand is reported in which month.",
        TableRows.LOG: "One row a refresh that changed something; rows are only added.",
        TableRows.EXTRACTS: "The files that the figures were read from.",
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
    sheet = data_sheet(book, sheet_name, titles.get(name, name), f"{notes[table.rows]} Written by refresh.")
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
        sheet.set_column(position, position, 44 if head in WIDE else max(11, min(len(head) + 2, 16)))
    for position, (head, text, form) in enumerate(extra, start=len(heads)):
        for row in body:
            formula(sheet, row, position, text, book.formats[form])
        sheet.set_column(position, position, max(11, min(len(head) + 2, 16)))
    sheet.set_row(3, 42)


def form_of(table: TableSpec, head: str) -> str:
    """The format of a column, by its heading."""
    if head in WIDE or table.rows is TableRows.PROPOSALS:
        return "wrap"
    if head in {"Month", "As of", "Quarter ending", "First month", "Last month", "Provisional from"}:
        return "month"
    if table.rows.holds_facts or head == "Rows":
        return "number"
    return "general"


def calculated(book: Book, table: str) -> list[Column]:
    """Calculated columns: the trends; and the monthly rates that a feasibility is judged by, up to the as-of month."""
    if table == TREND:
        return trend_columns(book)
    made: list[Column] = []
    for measure in book.catalogue.measures.values():
        for fact in measure.facts:
            if fact.kind is Kind.FEASIBLE and fact.denominator and table_of(book, fact.numerator)[0] == table:
                above = this_row(table, book.catalogue.series[fact.numerator].title)
                below = this_row(table, book.catalogue.series[fact.denominator].title)
                later = f"{this_row(table, table_of(book, fact.numerator)[1])}>as_of"
                made.append((rate_heading(book, fact), f'IF(OR({later},N({below})=0),"",{above}/{below})', "0.0%"))
    return made


def write_notes(book: Book) -> None:
    """What the workbook is, for whoever receives it."""
    sheet = book.file.add_worksheet("Notes")
    sheet.write(0, 0, "Notes", book.formats["title"])
    sheet.set_column(0, 0, 110)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    lines = [
        "Every figure on the sheet Scorecard is a formula over the data sheets; press F2 on a cell of the workings (from column L on) to read it.",
        "Rates, changes and gaps are fractions: 0.108 is 10.8 %, 0.048 is 4.8 percentage points. A rate is a rate of sums, never a mean of rates.",
        "A rolling year (RY) is the twelve months to the as-of month; its change is on the twelve months before. YTD runs from April.",
        "The letter compares unrounded figures. Rates, gaps and averages are amber while they fall short by at most 5 % of the target; changes while they fall short by at most 2 percentage points. The sheet Targets holds both bands.",
        "No letter (–) is given where there is no target (baseline year, milestones), where the data are older than the measure allows, or where they end in another financial year than the target's; the status says which.",
        "Targets and comments are typed. Data sheets are written by refresh, from the extracts that the sheet Extracts names.",
    ]
    for row, text in enumerate(lines, start=2):
        sheet.write(row, 0, text, book.formats["wrap"])
