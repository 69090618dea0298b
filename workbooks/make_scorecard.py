"""Makes the template workbooks/cpa_scorecard.xlsx from the configuration: `python run.py workbooks.make_scorecard`.

The template holds formulas without values and tables without rows; `refresh` fills both. Targets are typed cells;
comments begin as formulas that an analyst overtypes.
"""

import datetime as dt
import math
import sys
from collections.abc import Mapping
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpa_xl.catalogue import Catalogue, CommentFact, Figure, Kind, Measure, WorkbookSpec
from cpa_xl.configuration import load
from cpa_xl.periods import Basis
from workbooks.boroughs import write_boroughs
from workbooks.data_sheets import write_notes, write_table, write_targets
from workbooks.formulas import comment_formula, figure_formula, last_month, rate_heading, table_of, total
from workbooks.style import STYLE_OF_KIND, Book, add_table, dress, formats, formula, headed
from workbooks.trends import TREND, heading, sparkline, write_charts

HERE = Path(__file__).resolve().parent
CONFIG = HERE.parent / "config"
AS_OF = dt.date(2009, 1, 1)
MADE = dt.datetime(2009, 2, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # fixed, so that the same script makes the same file
SCORECARD, FACTS = "Scorecard", "Comment facts"
FIRST_ROW = 5  # of the scorecard's rows, zero-based: title, as-of line, note, blank, headings stand above
PRINTED = {"No.": 7, "Measure": 46, "Printed target": 18, "RAG": 6, "Status": 19, "Latest data": 11,
           "Direction": 12, "Trend": 18, "Period": 19, "Comments": 66}  # fmt: skip
WORKINGS = {"Id": 11, "Measure row": 9, "Target row": 9, "Unit": 10, "Better": 9, "Basis": 8, "As of": 9,
            "Year": 9, "Age in months": 9, "Rule": 19, "Target": 10, "Target year": 9, "Actual": 10,
            "Better than target by": 12, "Judged": 24, "Reason": 60}  # fmt: skip
HEADS = [*PRINTED, "", *WORKINGS]
FACT_HEADS = {
    "Id": 12,
    "Fact": 48,
    "As of": 10,
    "Basis": 10,
    "Period": 18,
    "Value": 34,
    "Unit": 10,
    "As printed": 50,
}


def main() -> int:
    """Make the template and say where."""
    catalogue = load(CONFIG)
    spec = catalogue.workbooks["cpa_scorecard"]
    path = HERE / spec.file
    make(path, catalogue, spec)
    sys.stdout.write(f"made {path}\n")
    return 0


def make(path: Path, catalogue: Catalogue, spec: WorkbookSpec) -> None:
    """Write the template for `spec` to `path`."""
    with xlsxwriter.Workbook(str(path)) as file:
        file.set_properties({"title": "Critical Performance Areas scorecard", "author": "cpa_xl", "created": MADE})
        book = Book(file, catalogue, spec, formats(file))
        scorecard, trends, boroughs, facts = (
            file.add_worksheet(name) for name in (SCORECARD, "Trends", "Boroughs", FACTS)
        )
        write_targets(book)
        for name, table in spec.tables.items():
            write_table(book, name, table)
        cells = write_facts(book, facts)
        write_scorecard(book, scorecard, cells)
        write_charts(book, trends)
        write_boroughs(book, boroughs)
        write_notes(book)
        file.define_name(spec.as_of, f"={SCORECARD}!$B$2")
        scorecard.activate()


def write_scorecard(book: Book, sheet: Worksheet, facts: Mapping[tuple[str, str], str]) -> None:
    """The scorecard as it is circulated (columns A to J), and its workings beside it (from L on, not printed)."""
    style = book.formats
    sheet.write(0, 0, "Critical Performance Areas scorecard", style["title"])
    sheet.write(1, 0, "As of", style["plain"])
    sheet.write_datetime(1, 1, dt.datetime.combine(AS_OF, dt.time()), style["typed_month"])
    formula(sheet, 2, 0, '"Performance for rolling 12 months ("&CPA_PERIOD(as_of,"RY")&") unless otherwise stated."',
            style["plain"])  # fmt: skip
    formula(sheet, 3, 0, 'IF(COUNTIF(Extracts[Note],"*SYNTHETIC*")>0,'
            '"Computed from SYNTHETIC sample data: not real police figures.","")', style["warning"])  # fmt: skip
    for position, (head, width) in enumerate([*PRINTED.items(), ("", 2), *WORKINGS.items()]):
        sheet.set_column(position, position, width)
        if head:
            named = {"Printed target": book.spec.scorecard.columns["target_text"]} if book.spec.scorecard else {}
            sheet.write(FIRST_ROW - 1, position, named.get(head, head), style["head"])
    row, cpa = FIRST_ROW, ""
    for measure in book.catalogue.measures.values():
        if measure.cpa != cpa:
            cpa = measure.cpa
            for position in range(len(PRINTED)):
                sheet.write(row, position, cpa if position == 1 else "", style["group"])
            row += 1
        write_measure(book, sheet, row, measure, facts)
        row += 1
    colour_letters(book, sheet, row - 1)
    sheet.write(row + 1, 1, "G (green) = on target or better; A (amber) = marginally off target; R (red) = well off target;"
                " – = no letter, and the status says why.", style["plain"])  # fmt: skip
    sheet.write(row + 2, 1, "Cells on a cream ground are yours: a refresh never writes over what is typed there. A comment that is still a formula follows its figures. Workings stand from column L on.",
                style["note"])  # fmt: skip
    print_setup(sheet, row + 1)


def print_setup(sheet: Worksheet, last: int) -> None:
    """One landscape page, the workings left out."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.print_area(0, 0, last, len(PRINTED) - 1)
    sheet.fit_to_pages(1, 1)
    sheet.freeze_panes(FIRST_ROW, 2)
    sheet.set_footer("&L&F&RPage &P of &N")


def colour_letters(book: Book, sheet: Worksheet, last: int) -> None:
    """Colour beside letter and word: the letter decides."""
    for letter in ("G", "A", "R", "–"):
        sheet.conditional_format(
            FIRST_ROW, 3, last, 3,
            {"type": "cell", "criteria": "==", "value": f'"{letter}"', "format": book.formats[letter if letter != "–" else "none"]},
        )  # fmt: skip


def write_measure(
    book: Book, sheet: Worksheet, row: int, measure: Measure, facts: Mapping[tuple[str, str], str]
) -> None:
    """One row: the printed cells, which read the workings of the same row, and the workings."""
    style = book.formats
    at = {head: f"${xl_rowcol_to_cell(row, HEADS.index(head))}" for head in HEADS if head}
    sheet.write(row, 0, printed_number(measure), style["cell"])
    sheet.write(row, 1, printed_title(measure), style["cell"])
    sheet.write(row, HEADS.index("Id"), measure.id, style["general"])
    for head, text, form in workings(book, measure, at):
        formula(sheet, row, HEADS.index(head), text, style[form])
    for head, text, form in printed(measure, at):
        formula(sheet, row, HEADS.index(head), text, style[form])
    if measure.figure is not None:
        formula(sheet, row, HEADS.index("Direction"), direction(measure, at), style["cell"])
        sheet.add_sparkline(row, HEADS.index("Trend"), sparkline(book, measure))
    else:
        sheet.write(row, HEADS.index("Direction"), "", style["cell"])
    sheet.write(row, HEADS.index("Trend"), "", style["cell"])
    column = HEADS.index("Comments")
    if measure.placeholders:
        formula(sheet, row, column, comment_formula(book, measure, at, facts), style["typed"])
    else:
        sheet.write_string(row, column, measure.comment, style["typed"])
    sheet.set_row(row, 13 * lines(measure) + 3)


def direction(measure: Measure, at: Mapping[str, str]) -> str:
    """Arrow and word: how the figure moved since the month (or quarter) before, and whether that is for the better."""
    column = f"{TREND}[{heading(measure, 'figure')}]"
    back = 3 if any(fact.quarter or fact.back == 3 for fact in measure.facts) else 1
    before = f"INDEX({column},MATCH(EDATE({at['As of']},-{back}),{TREND}[Month],0))"
    up, down = ("▲ better", "▼ worse") if measure.better == "higher" else ("▲ worse", "▼ better")
    moved = f'IF({at["Actual"]}-{before}>0.00001,"{up}",IF({before}-{at["Actual"]}>0.00001,"{down}","▬ no change"))'
    return f'IFERROR({moved},"–")'


# How many characters longer than their names the longer snippets of comments come out.
LONG = {"quarters": 55, "each_quarter": 45, "achieved": 60, "required": 10}


def lines(measure: Measure) -> int:
    """How many lines the row needs: its title's or its comment's, whose facts are longer than their names."""
    comment = len(measure.comment) + sum(LONG.get(name, 3) for name in measure.placeholders)
    return max(1, math.ceil(len(printed_title(measure)) / 50), math.ceil(comment / 78))


def printed_number(measure: Measure) -> str:
    """The number as the scorecard prints it: none where a row is part of the one above, or a milestone."""
    return "" if measure.parent or measure.figure is None else measure.id


def printed_title(measure: Measure) -> str:
    """Title, statutory indicators and note in one cell."""
    spi = "".join(f" [SPI {number}]" for number in measure.spi)
    note = f" ({measure.note})" if measure.note else ""
    return f"{measure.title}{spi}{note}"


def workings(book: Book, measure: Measure, at: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Heading, formula and format of the workings."""
    made = [
        ("Measure row", f"MATCH({at['Id']},Measures[Id],0)", "general"),
        ("Target row", f"MATCH({at['Id']},Targets[Id],0)", "general"),
        ("Unit", f"INDEX(Measures[Unit],{at['Measure row']})", "general"),
        ("Rule", f"INDEX(Targets[Rule],{at['Target row']})", "general"),
    ]
    if measure.figure is None:
        return made
    fraction = "number" if measure.unit == "count" else "fraction"
    number = "#,##0.0" if measure.unit == "count" else "0.0%"
    actual = figure_formula(book, measure.figure, at["As of"], at["Basis"])
    return [
        *made,
        ("Better", f"INDEX(Measures[Better],{at['Measure row']})", "general"),
        ("Basis", f"INDEX(Measures[Basis],{at['Measure row']})", "general"),
        ("As of", last_month(book, measure.figure), "month"),
        ("Year", f'CPA_PERIOD({at["As of"]},"FY")', "general"),
        ("Age in months", f"(YEAR(as_of)-YEAR({at['As of']}))*12+MONTH(as_of)-MONTH({at['As of']})", "number"),
        ("Target", f"INDEX(Targets[Target],{at['Target row']})", number),
        ("Target year", f'INDEX(Targets[Year],{at["Target row"]})&""', "general"),
        ("Actual", actual, number),
        ("Better than target by", f'IF(ISNUMBER({at["Target"]}),CPA_TARGET_GAP({at["Actual"]},{at["Target"]},{at["Better"]}),"–")',
         number if fraction == "fraction" else "#,##0.0"),
        ("Judged", verdict(at), "general"),
        ("Reason", f'IF({at["Judged"]}="data too old","the data end in "&TEXT({at["As of"]},"mmm-yy")&"; at most "&INDEX(Measures[Lag],{at["Measure row"]})'
         f'&" months before the as-of month are allowed",IF(LEFT({at["Judged"]},9)="target is","the target is for "&{at["Target year"]}'
         f'&", and the data end in "&TEXT({at["As of"]},"mmm-yy"),CPA_RAG_WHY({judged(at)})))', "general"),
    ]  # fmt: skip


def verdict(at: Mapping[str, str]) -> str:
    """Whether a row gets a letter: "yes", or in words why not. A target holds for its own financial year only."""
    return (
        f'IF({at["Rule"]}="baseline_year","baseline year",IF({at["Target"]}="–","no target",'
        f'IF({too_old(at)},"data too old",IF(OR({at["Target year"]}="",{at["Target year"]}={at["Year"]}),"yes",'
        f'"target is for "&{at["Target year"]}))))'
    )


def too_old(at: Mapping[str, str]) -> str:
    """Whether a row's data end longer before the as-of month than the measure allows."""
    return f"{at['Age in months']}>INDEX(Measures[Lag],{at['Measure row']})"


def judged(at: Mapping[str, str]) -> str:
    """The arguments of CPA_RAG for a row."""
    row = at["Target row"]
    return f"{at['Actual']},{at['Target']},{at['Better']},INDEX(Targets[Amber],{row}),INDEX(Targets[Amber basis],{row})"


def printed(measure: Measure, at: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Heading, formula and format of the printed cells."""
    if measure.figure is None:
        return [
            ("Printed target", '""', "cell"),
            ("RAG", '"–"', "letter"),
            ("Status", '"Reported separately"', "cell"),
            ("Latest data", '""', "figure"),
            ("Period", '""', "cell"),
        ]
    row, letter = at["Measure row"], at["RAG"]
    target = (
        f'IF({at["Rule"]}="baseline_year","Baseline year",SUBSTITUTE(INDEX(Measures[Target text],{row}),"{{target}}",'
        f"CPA_TEXT({at['Target']},INDEX(Measures[Target style],{row}))))"
    )
    status = (
        f'IF({letter}="G","Green ▲ on target or better",IF({letter}="A","Amber ▶ marginally off target",'
        f'IF({letter}="R","Red ▼ well off target","No letter: "&{at["Judged"]})))'
    )
    return [
        ("Printed target", target, "cell"),
        ("RAG", f'IF({at["Judged"]}="yes",CPA_RAG({judged(at)}),"–")', "letter"),
        ("Status", status, "cell"),
        ("Latest data", f"CPA_TEXT({at['Actual']},INDEX(Measures[Actual style],{row}))", "figure"),
        ("Period", f"CPA_PERIOD({at['As of']},{at['Basis']})", "cell"),
    ]


def write_facts(book: Book, sheet: Worksheet) -> dict[tuple[str, str], str]:
    """The figures that comments need, one a row; returns the cell of each as printed, by measure and fact."""
    dress(book, sheet, "Figures that the comments need", "Every figure is a formula over the data sheets.")
    rows = [(measure, fact) for measure in book.catalogue.measures.values() for fact in measure.facts]
    add_table(sheet, "CommentFacts", len(rows), headed(book, FACT_HEADS))
    for position, width in enumerate(FACT_HEADS.values()):
        sheet.set_column(position, position, width)
    cells = {(measure.id, fact.id): (4 + offset) for offset, (measure, fact) in enumerate(rows)}
    for measure, fact in rows:
        write_fact(book, sheet, measure, fact, cells)
    return {key: f"'{FACTS}'!$H{row + 1}" for key, row in cells.items()}


def write_fact(
    book: Book, sheet: Worksheet, measure: Measure, fact: CommentFact, rows: Mapping[tuple[str, str], int]
) -> None:
    """One row of the comment facts."""
    style, row = book.formats, rows[measure.id, fact.id]
    unit, printed_as, number = STYLE_OF_KIND[fact.kind]
    if fact.kind is Kind.MONTHLY_AVERAGE and fact.basis is Basis.MONTH:
        printed_as, number = "number", "#,##0"
    elif measure.print and measure.figure and fact.kind is measure.figure.kind is Kind.MONTHLY_AVERAGE:
        printed_as = measure.print.actual
    sheet.write(row, 0, measure.id, style["plain"])
    sheet.write(row, 1, fact.title, style["plain"])
    headline = scorecard_cell(book, measure, "As of")
    when = headline
    if fact.quarter:
        when = f"EDATE(DATE(YEAR(EDATE({headline},-3)),4,1),{3 * fact.quarter - 1})"
    elif fact.back and fact.kind is not Kind.RATE_MOVEMENT:
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
    if fact.kind is Kind.FEASIBLE:
        best = f"{'MAX' if measure.better == 'higher' else 'MIN'}({history(book, fact)})"
        text = (
            f'IF(LEFT({cell},10)="never done","a rate that has not been achieved in any previous month",IF(LEFT({cell},4)="done",'
            f'"a rate achieved"&MID({cell},5,FIND(":",{cell})-5)&", at best "&CPA_TEXT({best},"percent"),{cell}))'
        )
    else:
        size = f"ABS({cell})" if fact.kind is Kind.CHANGE_VOLUME else cell
        text = f'CPA_TEXT({size},"{printed_as}")'
    formula(sheet, row, 7, text, style["plain"])


def scorecard_cell(book: Book, measure: Measure, head: str) -> str:
    """The cell of a measure's workings, seen from another sheet."""
    row, cpa = FIRST_ROW, ""
    for other in book.catalogue.measures.values():
        row += other.cpa != cpa
        cpa = other.cpa
        if other.id == measure.id:
            return f"{SCORECARD}!{xl_rowcol_to_cell(row, HEADS.index(head), row_abs=True, col_abs=True)}"
        row += 1
    raise LookupError(measure.id)


def history(book: Book, fact: CommentFact) -> str:
    """The column of monthly rates that a feasibility is judged by."""
    return f"{table_of(book, fact.numerator)[0]}[{rate_heading(book, fact)}]"


def fact_formula(book: Book, measure: Measure, fact: CommentFact, row: int, of: str) -> str:
    """The formula of a comment fact; `of` is the cell of the fact it builds on."""
    as_of, basis = f"$C{row}", f"$D{row}"
    last_year = f"EDATE({as_of},-12)"
    if fact.kind is Kind.EXPECTED_LEFT:
        year, ytd, now = (
            total(book, fact.numerator, last_year, '"FY"'),
            total(book, fact.numerator, last_year, '"YTD"'),
            total(book, fact.numerator, as_of, '"YTD"'),
        )
        return f"({year}-{ytd})*{now}/{ytd}"
    if fact.kind is Kind.REQUIRED_RATE:
        sums = (total(book, series, as_of, '"YTD"') for series in fact.series)
        return f"CPA_REQUIRED_RATE({','.join(sums)},{of},{scorecard_cell(book, measure, 'Target')})"
    if fact.kind is Kind.FEASIBLE:
        return f"CPA_FEASIBLE({of},{history(book, fact)},{scorecard_cell(book, measure, 'Better')})"
    if fact.kind is Kind.RATE_MOVEMENT:
        rate = Figure(kind=Kind.RATE, numerator=fact.numerator, denominator=fact.denominator)
        before = figure_formula(book, rate, f"EDATE({as_of},-{fact.back})", basis)
        return f"{figure_formula(book, rate, as_of, basis)}-{before}"
    return figure_formula(book, fact, as_of, basis)


if __name__ == "__main__":
    sys.exit(main())
