"""The sheet Scorecard: the rows as they are circulated, their workings beside them, and the key to letters and cells."""

import datetime as dt
import math
from collections.abc import Mapping

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import FigureKind, Measure
from cpa_xl.measures.targets import LEAST_MOVE, Better, direction_text
from workbooks.formulas import comment_formula, figure_formula, last_month, rate_per_arguments
from workbooks.house import LETTERS, SCORECARD_WIDTHS, WORDS, WORKINGS_WIDTHS
from workbooks.style import LETTERS_IN_A_DIGIT, POINTS_OF_LINE, Book, colour_letters, entitle, formula, lines_of, paper
from workbooks.trends import TREND, heading, number_format, sparkline
from workbooks.typed_cells import AS_OF, COMMENT

SCORECARD = "Scorecard"
AS_OF_CELL = "$B$2"
FIRST_ROW = 5  # of the scorecard's rows, zero-based: below title, as-of line, note, warning, headings
FIRST_MONTH = dt.datetime(2009, 1, 1)
HEADS = [*SCORECARD_WIDTHS, "", *WORKINGS_WIDTHS]
NO_FRACTION = "target above 100%"  # 78.9 instead of 78.9%


def write_scorecard(book: Book, sheet: Worksheet, facts: Mapping[tuple[str, str], str]) -> None:
    """The scorecard as it is circulated (columns A to J), and its workings beside it (from L on, not printed)."""
    write_top(book, sheet)
    cpa = ""
    for measure, row in zip(book.catalogue.measures.values(), rows_of(book).values(), strict=True):
        if measure.cpa != cpa:
            cpa = measure.cpa
            for position in range(len(SCORECARD_WIDTHS)):
                sheet.write(row - 1, position, cpa if position == 1 else "", book.formats["group"])
        write_measure(book, sheet, row, measure, facts)
    last = max(rows_of(book).values())
    colour_letters(book, sheet, HEADS.index("RAG"), FIRST_ROW, last)
    last = write_key(book, sheet, last + 2)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(FIRST_ROW, 2)
    paper(sheet, sum(SCORECARD_WIDTHS.values()))
    sheet.print_area(0, 0, last, len(SCORECARD_WIDTHS) - 1)
    sheet.fit_to_pages(1, 1)


def write_top(book: Book, sheet: Worksheet) -> None:
    """Title, as-of month, what the figures are, a warning where they are synthetic, and the headings."""
    style = book.formats
    entitle(book, sheet, "Critical Performance Areas scorecard")
    sheet.write(1, 0, "As of", style["plain"])
    sheet.write_datetime(1, 1, FIRST_MONTH, style["typed_month"])
    sheet.data_validation(1, 1, 1, 1, dict(AS_OF))
    formula(sheet, 2, 0, '"Performance for rolling 12 months ("&CPA_PERIOD(as_of,"RY")&") unless otherwise stated."',
            style["plain"])  # fmt: skip
    formula(sheet, 3, 0, 'IF(COUNTIF(Extracts[Note],"*SYNTHETIC*")>0,'
            '"Computed from SYNTHETIC sample data: not real police figures.","")', style["warning"])  # fmt: skip
    named = {"Printed target": book.spec.scorecard.columns["target_text"]} if book.spec.scorecard else {}
    for position, (head, width) in enumerate([*SCORECARD_WIDTHS.items(), ("", 2), *WORKINGS_WIDTHS.items()]):
        sheet.set_column(position, position, width)
        if head:
            sheet.write(FIRST_ROW - 1, position, named.get(head, head), style["head"])
    sheet.set_row(FIRST_ROW - 1, 2 * POINTS_OF_LINE + 4)


def write_key(book: Book, sheet: Worksheet, row: int) -> int:
    """What letters and cells of each look mean, each shown as it looks; returns the last row."""
    style = book.formats
    sheet.write(row, 0, "Key", style["heading"])
    for at, letter in enumerate(LETTERS, start=row + 1):
        sheet.write(at, 0, letter, style[f"key {letter}"])
        sheet.write(at, 1, WORDS[letter], style["plain"])
    last = row + len(LETTERS) + 1
    sheet.write(last, 1, "Direction: how the figure moved since the month (or quarter) before, and whether that is better."
                " Trend: thirteen months. Every figure's workings stand from column L on.", style["plain"])  # fmt: skip
    sheet.write(last + 1, 0, "Typed", style["instruction typed"])
    sheet.write(last + 1, 1, "Cells of this look (as-of month, comments; targets on the sheet Targets) are yours to type: a refresh"
                " never writes over what you typed. A comment that is still a formula follows its figures.",
                style["instruction"])  # fmt: skip
    return last + 1


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
    sheet.data_validation(row, column, row, column, dict(COMMENT))
    sheet.set_row(row, POINTS_OF_LINE * lines(measure) + 3)


def direction(measure: Measure, at: Mapping[str, str]) -> str:
    """Arrow and word: how the figure moved since the month (or quarter) before, and whether that is for the better."""
    column = f"{TREND}[{heading(measure, 'figure')}]"
    back = 3 if any(fact.quarter or fact.back == 3 for fact in measure.facts) else 1
    before = f"INDEX({column},MATCH(EDATE({at['As of']},-{back}),{TREND}[Month],0))"
    up, down, same = (direction_text(moved, measure.better or Better.LOWER) for moved in (1, -1, 0))
    least = f"{LEAST_MOVE:.5f}"
    moved = f'IF({at["Actual"]}-{before}>{least},"{up}",IF({before}-{at["Actual"]}>{least},"{down}","{same}"))'
    return f'IFERROR({moved},"–")'


# How many characters longer than their names the longer snippets of comments come out.
LONG = {"quarters": 55, "each_quarter": 45, "achieved": 60, "required": 10, "needed": 165, "provisional": 70}


def lines(measure: Measure) -> int:
    """How many lines the row needs: its title's or its comment's, whose facts are longer than their names."""
    comment = len(measure.comment) + sum(LONG.get(name, 3) for name in measure.placeholders)
    least = 1 if measure.figure is None else 2  # a sparkline takes two
    return max(
        least,
        lines_of(printed_title(measure), SCORECARD_WIDTHS["Measure"]),
        math.ceil(comment / (LETTERS_IN_A_DIGIT * SCORECARD_WIDTHS["Comments"])),
    )


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
    number = number_format(measure)
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
         number),
        ("Judged", verdict(measure, at), "general"),
        ("Reason", f'IF({at["Judged"]}="data too old","the data end in "&TEXT({at["As of"]},"mmm-yy")&"; at most "&INDEX(Measures[Lag],{at["Measure row"]})'
         f'&" months before the as-of month are allowed",IF(LEFT({at["Judged"]},9)="target is","the target is for "&{at["Target year"]}'
         f'&", and the data end in "&TEXT({at["As of"]},"mmm-yy"),IF({whole(at)},{at["Judged"]},CPA_RAG_WHY({judged(at)},{at["Unit"]}))))'
         f'{residents(book, measure, at)}', "general"),
        ("Chart title", chart_title(measure, at), "general"),
    ]  # fmt: skip


def residents(book: Book, measure: Measure, at: Mapping[str, str]) -> str:
    """What the reason of a rate per residents says at its end: of which year they are."""
    if measure.figure is None or measure.figure.kind is not FigureKind.RATE_PER:
        return ""
    return f'&"; "&CPA_RATE_PER_WHY({rate_per_arguments(book, measure.figure, at["As of"], at["Basis"])})'


def verdict(measure: Measure, at: Mapping[str, str]) -> str:
    """Whether a row gets a letter: "yes", or the reason why not. A target holds for its own financial year only."""
    target = at["Target"]
    held = (
        f'IF({too_old(at)},"data too old",IF(OR({at["Target year"]}="",{at["Target year"]}={at["Year"]}),"yes",'
        f'"target is for "&{at["Target year"]}))'
    )
    if not measure.number or measure.unit == "count":
        large = f'AND({at["Unit"]}<>"count",ABS(N({target}))>1)'
        held = f'IF({large},"{NO_FRACTION}: write "&CPA_TEXT({target},"average")&"%",{held})'
    return f'IF({at["Rule"]}="baseline_year","baseline year",IF({target}="–","no target",{held}))'


def whole(at: Mapping[str, str]) -> str:
    """Whether a row's target was found to be no fraction."""
    return f'LEFT({at["Judged"]},{len(NO_FRACTION)})="{NO_FRACTION}"'


def chart_title(measure: Measure, at: Mapping[str, str]) -> str:
    """What a chart's title says: measure, figure, period, target and the letter's word."""
    letter, words = at["RAG"], {letter: WORDS[letter].split()[0].lower() for letter in "GAR"}
    said = f'IF({letter}="G","; {words["G"]}",IF({letter}="A","; {words["A"]}",IF({letter}="R","; {words["R"]}","")))'
    target = f'IF({at["Rule"]}="baseline_year","; baseline year","; target: "&{at["Printed target"]})'
    name = f"{measure.id} {measure.title}: ".replace('"', '""')
    return f'"{name}"&{at["Latest data"]}&", "&{at["Period"]}&{target}&{said}'


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
        f'IF({at["Rule"]}="baseline_year","Baseline year",IF({whole(at)},CPA_TEXT({at["Target"]},"average")&"?",SUBSTITUTE(INDEX(Measures[Target text],{row}),"{{target}}",'
        f"CPA_TEXT({at['Target']},INDEX(Measures[Target style],{row})))))"
    )
    status = f'"No letter: "&{at["Judged"]}'
    for mark in ("R", "A", "G"):
        status = f'IF({letter}="{mark}","{WORDS[mark]}",{status})'
    return [
        ("Printed target", target, "cell"),
        ("RAG", f'IF({at["Judged"]}="yes",CPA_RAG({judged(at)}),"–")', "letter"),
        ("Status", status, "cell"),
        ("Latest data", f"CPA_TEXT({at['Actual']},INDEX(Measures[Actual style],{row}))", "figure"),
        ("Period", f"CPA_PERIOD({at['As of']},{at['Basis']})", "cell"),
    ]


def rows_of(book: Book) -> dict[str, int]:
    """The row of each measure, zero-based: each area of performance has a row above its measures."""
    rows: dict[str, int] = {}
    row, cpa = FIRST_ROW, ""
    for measure in book.catalogue.measures.values():
        row += measure.cpa != cpa
        cpa = measure.cpa
        rows[measure.id] = row
        row += 1
    return rows


def scorecard_cell(book: Book, measure: Measure, head: str) -> str:
    """The cell of a measure, seen from another sheet."""
    cell = xl_rowcol_to_cell(rows_of(book)[measure.id], HEADS.index(head), row_abs=True, col_abs=True)
    return f"{SCORECARD}!{cell}"


def scorecard_column(book: Book, head: str) -> str:
    """The cells of all measures under a heading, seen from another sheet."""
    column = HEADS.index(head)
    return f"{SCORECARD}!{xl_range_abs(FIRST_ROW, column, max(rows_of(book).values()), column)}"
