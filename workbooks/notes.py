"""The sheet Notes: what the workbook is, how its figures are made, and what each sheet holds."""

from collections.abc import Mapping

from workbooks.style import POINTS_OF_LINE, Book, entitle, lines_of, paper

RULES: Mapping[str, str] = {
    "Figures": "Every figure on the sheet Scorecard is a formula over the data sheets; press F2 on a cell of the workings (from column L on) to read it.",
    "Fractions": "Rates, changes and gaps are fractions: 0.108 is 10.8 %, 0.048 is 4.8 percentage points. A rate is a rate of sums, never a mean of rates.",
    "Periods": "A rolling year (RY) is the twelve months to the as-of month; its change is on the twelve months before. YTD runs from April. A period with a month missing is #N/A, never a smaller number.",
    "Letters": "The letter compares unrounded figures. Rates, gaps and averages are amber while they fall short by at most 5 % of the target; changes while they fall short by at most 2 percentage points. The sheet Targets holds both bands.",
    "No letter": "No letter (–) is given where there is no target (baseline year, milestones), where the target is no fraction (78.9 for 78.9%), where the data are older than the measure allows, or where they end in another financial year than the target's; the status says which.",
    "Targets": "A target is judged in its own financial year only; leave the year empty to judge it in any. The amount of a monthly average is the number a year. The sheet Target register keeps what was proposed and agreed.",
    "Typed cells": "Cells of the style Typed (cream, dashed edge) are yours: the as-of month, comments, agreed targets and the measure on the sheet Boroughs. A refresh never writes over what you typed, but for the as-of month when it is told another.",
    "Headings": "The headings of a sheet stay in sight when it is scrolled (View, Freeze Panes).",
    "Colours": "Every colour has a letter or words beside it, and the colours were chosen to differ for readers who see no red or no green.",
    "CPA_ functions": "Where the CPA_ functions are not installed, their cells show the values that the last refresh computed; a cell that is calculated anew shows #NAME? until the next refresh.",
}
SHEETS: Mapping[str, str] = {
    "Scorecard": "each measure with target, letter, latest figure, direction, trend and comment",
    "Trends": "a chart for each measure: months, rolling year, target",
    "Boroughs": "a measure of your choice for each borough: figure, change, letter, rank",
    "Comment facts": "the figures that the comments need",
    "Targets": "the agreed targets, typed",
    "Monthly": "force totals by month, from the extracts",
    "Satisfaction": "the user satisfaction survey, by quarter",
    "Confidence": "the confidence survey, by quarter",
    "Areas": "monthly counts by borough",
    "Trend data": "every number that the charts draw",
    "Measures": "each measure's unit, basis, source, proxy, exclusions and caveats",
    "Proposed targets": "what was proposed in February 2008, and what became of it",
    "Target register": "every target, proposed and agreed",
    "Milestones": "which strand is reported in which month",
    "Extracts": "the files that the figures were read from, with their SHA-256",
    "Refresh log": "who refreshed when, and what was noticed",
    "Sign-off": "who made, checked and approved the figures, and what they accept",
    "Borough measures": "what can be picked on the sheet Boroughs",
}
TOPIC, TEXT = 20, 110  # widths of the two columns


def write_notes(book: Book) -> None:
    """Notes, and a list of the sheets with a link to each."""
    sheet, style = book.file.add_worksheet("Notes"), book.formats
    entitle(book, sheet, "Notes")
    sheet.set_column(0, 0, TOPIC)
    sheet.set_column(1, 1, TEXT)
    row = 2
    for topic, text in RULES.items():
        sheet.write(row, 0, topic, style["wrap"])
        sheet.write(row, 1, text, style["wrap"])
        sheet.set_row(row, POINTS_OF_LINE * lines_of(text, TEXT) + 3)
        row += 1
    sheet.write(row + 1, 0, "Sheets", style["heading"])
    row += 2
    for there in book.file.worksheets()[:-1]:
        sheet.write_url(row, 0, f"internal:'{there.get_name()}'!A1", style["link"], there.get_name())
        sheet.write(row, 1, SHEETS[there.get_name()], style["wrap"])
        row += 1
    sheet.hide_gridlines(2)
    paper(sheet)
