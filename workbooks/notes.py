"""The sheet Notes: what the workbook is, how its figures are made, and what each sheet holds."""

from collections.abc import Mapping

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cpa_xl.measures.figures import OURS, meanings
from workbooks.style import POINTS_OF_LINE, Book, entitle, lines_of, paper

RULES: Mapping[str, str] = {
    "Figures": "Every figure of the sheet Scorecard follows from the data sheets: the monthly counts, the surveys and the targets. Its workings stand beside it, from column L on.",
    "Fractions": "Rates, changes and gaps are fractions: 0.108 is 10.8 %, 0.048 is 4.8 percentage points. A rate is a rate of sums, never a mean of rates.",
    "Periods": "A rolling year (RY) is the twelve months to the as-of month; its change is on the twelve months before. YTD runs from April. A period with a month missing is #N/A, never a smaller number.",
    "Letters": "The letter compares unrounded figures. Rates, gaps and averages are amber while they fall short by at most 5 % of the target; changes while they fall short by at most 2 percentage points. The sheet Targets holds both bands.",
    "No letter": "No letter (–) is given where there is no target (baseline year, milestones), where the target is no fraction (78.9 for 78.9%), where the data are older than the measure allows, or where they end in another financial year than the target's; the status says which.",
    "Targets": "A target is judged in its own financial year only; one without a year in any. The sheet Target register keeps what was proposed and agreed.",
    "Headings": "The headings of a sheet stay in sight when it is scrolled (View, Freeze Panes).",
    "Colours": "Every colour has a letter or words beside it, and the colours were chosen to differ for readers who see no red or no green.",
}
WORKING: Mapping[str, str] = {
    "Formulas": "Every figure of the sheet Scorecard is a formula; press F2 on a cell of the workings (from column L on) to read it.",
    "Typed cells": "Cells of the style Typed (cream, dashed edge) are yours: the as-of month, comments, agreed targets and the measure on the sheet Boroughs. A refresh never writes over what you typed, but for the as-of month when it is told another.",
    "CPA_ functions": "Where the CPA_ functions are not installed, their cells show the values that the last refresh computed; a cell that is calculated anew shows #NAME? until the next refresh.",
    "Instructions": "Cells of the style Instruction, such as these, are for you: a published copy has them not.",
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
OTHER = "a table of figures, from the extracts"  # of a configuration of one's own
TOPIC, TEXT = 20, 110  # widths of the two columns


def write_notes(book: Book) -> None:
    """The text for readers; below it the text for editors, and the sheets with a link to each."""
    sheet, style = book.file.add_worksheet("Notes"), book.formats
    entitle(book, sheet, "Notes", "How the figures are made, and what letters and shorthand mean.")
    sheet.set_column(0, 0, TOPIC)
    sheet.set_column(1, 1, TEXT)
    row = _topics(sheet, 2, RULES, style["wrap"])
    sheet.write(row + 1, 0, "Shorthand", style["heading"])
    row = _topics(sheet, row + 2, meanings(OURS), style["wrap"])
    sheet.write(row + 1, 0, "For those who work on this book", style["instruction heading"])
    row = _topics(sheet, row + 2, WORKING, style["instruction wrap"])
    sheet.write(row + 1, 0, "Sheets", style["instruction heading"])
    row += 2
    for there in book.file.worksheets()[:-1]:
        name = there.get_name()
        sheet.write_url(row, 0, f"internal:'{name}'!A1", style["instruction link"], name)
        sheet.write(row, 1, SHEETS.get(name, OTHER), style["instruction wrap"])
        row += 1
    sheet.hide_gridlines(2)
    paper(sheet)


def _topics(sheet: Worksheet, row: int, texts: Mapping[str, str], look: Format) -> int:
    """A line for each topic, as high as its text needs; the row after them."""
    for at, (topic, text) in enumerate(texts.items(), start=row):
        sheet.write(at, 0, topic, look)
        sheet.write(at, 1, text, look)
        sheet.set_row(at, POINTS_OF_LINE * lines_of(text, TEXT) + 3)
    return row + len(texts)
