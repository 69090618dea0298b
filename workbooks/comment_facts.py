"""The sheet Comment facts: the figures for comments, one in each row, as numbers and as printed."""

from collections.abc import Mapping

from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import CommentFact, FigureKind, FigureSpec, Measure
from cpa_xl.measures.periods import Basis
from cpa_xl.scorecard.rows import NOTHING
from workbooks.formulas import figure_formula, rate_heading, table_of, total
from workbooks.house import STYLE_OF_KIND, width_of
from workbooks.scorecard import scorecard_cell
from workbooks.style import TABLE_ROW, Book, add_table, dress, formula, headed, set_widths
from workbooks.trends import number_format

FACTS = "Comment facts"
FACT_HEADS = ("Id", "Fact", "As of", "Basis", "Period", "Value", "Unit", "As printed")


def write_facts(book: Book, sheet: Worksheet) -> dict[tuple[str, str], str]:
    """The figures that comments need, one a row; returns the cell of each as printed, by measure and fact."""
    dress(
        book,
        sheet,
        "Figures that the comments need",
        "Every figure follows from the data sheets, in the unit of its row; empty cells are quarters yet to end,"
        f" {NOTHING} is what a year that has ended no longer needs.",
    )
    rows = [(measure, fact) for measure in book.catalogue.measures.values() for fact in measure.facts]
    add_table(sheet, "CommentFacts", len(rows), headed(book, FACT_HEADS))
    set_widths(sheet, {head: width_of(head) for head in FACT_HEADS})
    cells = {(measure.id, fact.id): TABLE_ROW + 1 + offset for offset, (measure, fact) in enumerate(rows)}
    for measure, fact in rows:
        write_fact(book, sheet, measure, fact, cells)
    return {key: f"'{FACTS}'!$H{row + 1}" for key, row in cells.items()}


def write_fact(
    book: Book, sheet: Worksheet, measure: Measure, fact: CommentFact, rows: Mapping[tuple[str, str], int]
) -> None:
    """One row of the comment facts."""
    style, row = book.formats, rows[measure.id, fact.id]
    unit, printed_as, number = STYLE_OF_KIND[fact.kind]
    if fact.kind is FigureKind.MONTHLY_AVERAGE and fact.basis is Basis.MONTH:
        printed_as, number = "number", "#,##0"
    elif measure.print and measure.figure and fact.kind is measure.figure.kind is FigureKind.MONTHLY_AVERAGE:
        printed_as = measure.print.actual
    elif measure.print and measure.figure and fact.kind is measure.figure.kind and measure.number:
        printed_as, number = measure.print.actual, number_format(measure)
    sheet.write(row, 0, measure.id, style["plain"])
    sheet.write(row, 1, fact.title, style["plain"])
    headline = scorecard_cell(book, measure, "As of")
    when = headline
    if fact.quarter:
        when = f"EDATE(DATE(YEAR(EDATE({headline},-3)),4,1),{3 * fact.quarter - 1})"
    elif fact.back and fact.kind is not FigureKind.RATE_MOVEMENT:
        when = f"EDATE({headline},-{fact.back})"
    formula(sheet, row, 2, when, style["month"])
    basis = "QUARTER" if fact.quarter else fact.basis or measure.basis
    sheet.write(row, 3, str(basis), style["plain"])
    formula(sheet, row, 4, f"CPA_PERIOD($C{row + 1},$D{row + 1})", style["plain"])
    of = f"$F${rows[measure.id, fact.of] + 1}" if fact.of else ""
    value = fact_formula(book, measure, fact, row + 1, of)
    if fact.quarter:
        value = f'IF($C{row + 1}>{headline},"",{value})'
    formula(sheet, row, 5, value, style[number])
    sheet.write(row, 6, unit, style["plain"])
    cell = f"$F{row + 1}"
    if fact.kind is FigureKind.FEASIBLE:
        best = f"{'MAX' if measure.better == 'higher' else 'MIN'}({history(book, fact)})"
        text = (
            f'IF(LEFT({cell},10)="never done","a rate that has not been achieved in any previous month",IF(LEFT({cell},4)="done",'
            f'"a rate achieved"&MID({cell},5,FIND(":",{cell})-5)&", at best "&CPA_TEXT({best},"percent"),{cell}))'
        )
    else:
        size = f"ABS({cell})" if fact.kind is FigureKind.CHANGE_VOLUME else cell
        text = f'CPA_TEXT({size},"{printed_as}")'
        if fact.quarter:  # one that has not ended yet
            text = f'IF({cell}="","",{text})'
        elif fact.kind is FigureKind.REQUIRED_RATE:  # with nothing left of the year
            text = f'IF({cell}="{NOTHING}","{NOTHING}",{text})'
    formula(sheet, row, 7, text, style["plain"])


def history(book: Book, fact: CommentFact) -> str:
    """The column of monthly rates that a feasibility is judged by."""
    return f"{table_of(book, fact.numerator)[0]}[{rate_heading(book, fact)}]"


def fact_formula(book: Book, measure: Measure, fact: CommentFact, row: int, of: str) -> str:
    """The formula of a comment fact; `of` is the cell of the fact it builds on."""
    as_of, basis = f"$C{row}", f"$D{row}"
    last_year = f"EDATE({as_of},-12)"
    if fact.kind is FigureKind.EXPECTED_LEFT:
        year, ytd, now = (
            total(book, fact.numerator, last_year, '"FY"'),
            total(book, fact.numerator, last_year, '"YTD"'),
            total(book, fact.numerator, as_of, '"YTD"'),
        )
        return f"({year}-{ytd})*{now}/{ytd}"
    if fact.kind is FigureKind.REQUIRED_RATE:
        sums = (total(book, series, as_of, '"YTD"') for series in fact.series)
        needed = f"CPA_REQUIRED_RATE({','.join(sums)},{of},{scorecard_cell(book, measure, 'Target')})"
        return f'IF({of}=0,"{NOTHING}",{needed})'
    if fact.kind is FigureKind.FEASIBLE:
        done = f"CPA_FEASIBLE({of},{history(book, fact)},{scorecard_cell(book, measure, 'Better')})"
        return f'IF({of}="{NOTHING}","{NOTHING}",{done})'
    if fact.kind is FigureKind.RATE_MOVEMENT:
        rate = FigureSpec(kind=FigureKind.RATE, numerator=fact.numerator, denominator=fact.denominator)
        before = figure_formula(book, rate, f"EDATE({as_of},-{fact.back})", basis)
        return f"{figure_formula(book, rate, as_of, basis)}-{before}"
    return figure_formula(book, fact, as_of, basis)
