"""Makes the template workbooks/cpa_scorecard.xlsx from the configuration: `python run.py workbooks.make_scorecard`.

The template holds formulas without values and tables without rows; `refresh` fills both. Comments and targets are
typed cells: they are the analyst's own from the first day on.
"""

import datetime as dt
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpa_xl.catalogue import (
    Catalogue,
    CommentFact,
    Figure,
    Kind,
    Measure,
    TableRows,
    TableSpec,
    WorkbookSpec,
)
from cpa_xl.configuration import load
from cpa_xl.tables import headings

HERE = Path(__file__).resolve().parent
CONFIG = HERE.parent / "config"
AS_OF = dt.date(2009, 1, 1)
MADE = dt.datetime(2009, 2, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # fixed, so that the same script makes the same file

FONT = "Arial"
GREEN, AMBER, RED, GREY = "#1E7B34", "#FFBF00", "#B3261E", "#E7E6E6"
NAVY, INPUT = "#1F3864", "#FFF8DC"

SCORECARD, FACTS = "Scorecard", "Comment facts"
FIRST_ROW = 5  # of the scorecard's rows, zero-based: title, as-of line, note, blank, headings stand above
PRINTED = {"No.": 7, "Measure": 46, "2008/09 target": 18, "RAG": 6, "Status": 19, "Latest data": 11,
           "Period": 19, "Comments": 66}  # fmt: skip
WORKINGS = {"Id": 11, "Measure row": 9, "Target row": 9, "Unit": 10, "Better": 9, "Basis": 8, "As of": 9,
            "Age in months": 9, "Rule": 19, "Target": 10, "Actual": 10, "Better than target by": 12,
            "Reason": 60}  # fmt: skip
HEADS = [*PRINTED, "", *WORKINGS]
FACT_HEADS = {
    "Id": 12,
    "Fact": 48,
    "As of": 10,
    "Basis": 10,
    "Period": 18,
    "Value": 14,
    "Unit": 10,
    "As printed": 16,
}
STYLE_OF_KIND: Mapping[Kind, tuple[str, str, str]] = {  # unit, style of CPA_TEXT, number format
    Kind.RATE: ("percent", "percent", "0.0%"),
    Kind.REQUIRED_RATE: ("percent", "percent0", "0.0%"),
    Kind.GAP: ("points", "points", "0.0%"),
    Kind.RATE_MOVEMENT: ("points", "movement_points", "0.0%"),
    Kind.CHANGE: ("change", "movement", "0.0%"),
    Kind.CHANGE_VOLUME: ("count", "number", "#,##0"),
    Kind.MONTHLY_AVERAGE: ("count", "average", "#,##0.0"),
    Kind.EXPECTED_LEFT: ("count", "number", "#,##0"),
    Kind.FEASIBLE: ("text", "", "@"),
}


@dataclass(frozen=True)
class Book:
    """What the sheets are made from: the catalogue, the workbook's entry in it, and the formats."""

    file: xlsxwriter.Workbook
    catalogue: Catalogue
    spec: WorkbookSpec
    formats: Mapping[str, Format]


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
        scorecard, facts = file.add_worksheet(SCORECARD), file.add_worksheet(FACTS)
        write_targets(book)
        for name, table in spec.tables.items():
            write_table(book, name, table)
        cells = write_facts(book, facts)
        write_scorecard(book, scorecard, cells)
        write_notes(book)
        file.define_name(spec.as_of, f"={SCORECARD}!$B$2")
        scorecard.activate()


def formats(file: xlsxwriter.Workbook) -> dict[str, Format]:
    """The house style: one place for fonts, colours and number formats."""
    base: dict[str, object] = {"font_name": FONT, "font_size": 10, "valign": "top"}
    line: dict[str, object] = {**base, "text_wrap": True, "border": 1, "border_color": "#BFBFBF"}
    styles: dict[str, dict[str, object]] = {
        "title": {**base, "font_size": 16, "bold": True, "font_color": NAVY},
        "plain": base,
        "note": {**base, "font_color": "#595959"},
        "warning": {**base, "bold": True, "font_color": RED},
        "head": {**line, "bold": True, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "vcenter"},
        "group": {**base, "bold": True, "bg_color": "#DCE6F1", "border": 1, "border_color": "#BFBFBF"},
        "cell": line,
        "figure": {**line, "bold": True, "align": "right", "indent": 1},
        "letter": {**line, "bold": True, "align": "center", "valign": "vcenter", "font_size": 12},
        "typed": {**line, "bg_color": INPUT},
        "typed_month": {
            **base,
            "num_format": "mmm-yy",
            "bg_color": INPUT,
            "border": 1,
            "align": "left",
            "bold": True,
        },
        "wrap": {**base, "text_wrap": True},
        "month": {**base, "num_format": "mmm-yy", "align": "left"},
        "number": {**base, "num_format": "#,##0"},
        "fraction": {**base, "num_format": "0.0%"},
        "amount": {**base, "num_format": "General", "bg_color": INPUT},
        "input": {**base, "bg_color": INPUT},
        "general": base,
        "G": {"bg_color": GREEN, "font_color": "#FFFFFF"},
        "A": {"bg_color": AMBER, "font_color": "#000000"},
        "R": {"bg_color": RED, "font_color": "#FFFFFF"},
        "none": {"bg_color": GREY, "font_color": "#000000"},
    }
    made = {name: file.add_format(style) for name, style in styles.items()}
    for number_format in {style[2] for style in STYLE_OF_KIND.values()}:
        made[number_format] = file.add_format({**base, "num_format": number_format, "align": "right"})
    return made


def formula(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """A formula without a value: only a calculator may give it one."""
    sheet.write_formula(row, column, f"={text}", style, "")


def data_sheet(book: Book, name: str, title: str, note: str) -> Worksheet:
    """A sheet with a title, a sentence that says what it holds, and room for one table from row 4 on."""
    sheet = book.file.add_worksheet(name)
    sheet.write(0, 0, title, book.formats["title"])
    sheet.write(1, 0, f"This worksheet contains one table. {note}", book.formats["note"])
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    return sheet


# --- figures as formulas ------------------------------------------------------------------------------------------


def table_of(book: Book, series: str) -> tuple[str, str]:
    """The table of force totals that holds a series, and the heading of its months."""
    for name, table in book.spec.tables.items():
        if series in table.series and table.rows in (TableRows.MONTHS, TableRows.QUARTERS) and table.key:
            return name, table.key
    raise LookupError(f"no table of force totals holds {series}; add it to workbooks.yaml")


def column(book: Book, series: str) -> str:
    """The structured reference of a series: Monthly[SAC offences]."""
    return f"{table_of(book, series)[0]}[{book.catalogue.series[series].title}]"


def months(book: Book, series: str) -> str:
    """The structured reference of the months of a series' table."""
    table, key = table_of(book, series)
    return f"{table}[{key}]"


def total(book: Book, series: str, as_of: str, basis: str) -> str:
    """CPA_SUM of a series."""
    return f"CPA_SUM({column(book, series)},{months(book, series)},{as_of},{basis})"


def figure_formula(book: Book, figure: Figure, as_of: str, basis: str) -> str:
    """The formula of a headline figure: one function over the columns of its series."""
    first, when = figure.numerator, months(book, figure.numerator)
    values = column(book, first)
    if figure.kind is Kind.RATE and figure.denominator:
        return f"CPA_RATE({values},{column(book, figure.denominator)},{when},{as_of},{basis})"
    if figure.kind is Kind.GAP:
        sums = (total(book, series, as_of, basis) for series in figure.series)
        return f"CPA_GROUP_GAP({','.join(sums)})"
    names = {
        Kind.CHANGE: "CPA_CHANGE",
        Kind.CHANGE_VOLUME: "CPA_CHANGE_VOLUME",
        Kind.MONTHLY_AVERAGE: "CPA_MONTHLY_AVERAGE",
    }
    return f"{names[figure.kind]}({values},{when},{as_of},{basis})"


def last_month(book: Book, figure: Figure) -> str:
    """The last month, up to the as-of month, for which the figure's series holds a value."""
    values, when = column(book, figure.numerator), months(book, figure.numerator)
    return f'SUMPRODUCT(MAX(({when}<=as_of)*({values}<>"")*{when}))'


# --- the scorecard ------------------------------------------------------------------------------------------------


def write_scorecard(book: Book, sheet: Worksheet, facts: Mapping[tuple[str, str], str]) -> None:
    """The scorecard as it is circulated (columns A to H), and its workings beside it (from J on, not printed)."""
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
            sheet.write(FIRST_ROW - 1, position, head, style["head"])
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
    sheet.write(row + 2, 1, "Cells on a cream ground are typed; a refresh never writes them. Workings stand from column J on.",
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
    column = HEADS.index("Comments")
    if measure.placeholders:
        formula(sheet, row, column, comment_formula(measure, at, facts), style["typed"])
    else:
        sheet.write_string(row, column, measure.comment, style["typed"])
    sheet.set_row(row, 13 * lines(measure) + 3)


def lines(measure: Measure) -> int:
    """How many lines the row needs: its title's or its comment's, whose facts are longer than their names."""
    comment = len(measure.comment) + 3 * len(measure.placeholders)
    return max(1, math.ceil(len(printed_title(measure)) / 50), math.ceil(comment / 85))


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
        ("Age in months", f"(YEAR(as_of)-YEAR({at['As of']}))*12+MONTH(as_of)-MONTH({at['As of']})", "number"),
        ("Target", f"INDEX(Targets[Target],{at['Target row']})", number),
        ("Actual", actual, number),
        ("Better than target by", f'IF(ISNUMBER({at["Target"]}),CPA_TARGET_GAP({at["Actual"]},{at["Target"]},{at["Better"]}),"–")',
         number if fraction == "fraction" else "#,##0.0"),
        ("Reason", f"IF({at['Age in months']}>INDEX(Measures[Lag],{at['Measure row']}),"
         f'"the data end "&{at["Age in months"]}&" months before the as-of month; "&INDEX(Measures[Lag],{at["Measure row"]})&" are allowed",'
         f"CPA_RAG_WHY({judged(at)}))", "general"),
    ]  # fmt: skip


def judged(at: Mapping[str, str]) -> str:
    """The arguments of CPA_RAG for a row."""
    row = at["Target row"]
    return f"{at['Actual']},{at['Target']},{at['Better']},INDEX(Targets[Amber],{row}),INDEX(Targets[Amber basis],{row})"


def printed(measure: Measure, at: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Heading, formula and format of the printed cells."""
    if measure.figure is None:
        return [
            ("2008/09 target", '""', "cell"),
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
    stale = f"{at['Age in months']}>INDEX(Measures[Lag],{row})"
    status = (
        f'IF({letter}="G","Green ▲ on target or better",IF({letter}="A","Amber ▶ marginally off target",'
        f'IF({letter}="R","Red ▼ well off target",IF({at["Rule"]}="baseline_year","Baseline year: no letter",'
        f'"No letter: see reason"))))'
    )
    return [
        ("2008/09 target", target, "cell"),
        ("RAG", f'IF({stale},"–",CPA_RAG({judged(at)}))', "letter"),
        ("Status", status, "cell"),
        ("Latest data", f"CPA_TEXT({at['Actual']},INDEX(Measures[Actual style],{row}))", "figure"),
        ("Period", f"CPA_PERIOD({at['As of']},{at['Basis']})", "cell"),
    ]


# --- comments -----------------------------------------------------------------------------------------------------


def comment_formula(measure: Measure, at: Mapping[str, str], facts: Mapping[tuple[str, str], str]) -> str:
    """The comment as a formula that joins its words and the printed facts, so that its figures follow."""
    pieces: list[str] = []
    for position, piece in enumerate(re.split(r"{([^{}]*)}", measure.comment)):
        if position % 2 == 0:
            pieces += [quoted(piece)] if piece else []
        else:
            pieces.append(facts.get((measure.id, piece)) or snippet(piece, measure, at, facts))
    return "&".join(pieces)


def quoted(text: str) -> str:
    """Text as a formula writes it: pieces of at most 255 characters, which is what Excel takes."""
    parts = [text[start : start + 255] for start in range(0, len(text), 255)]
    return "&".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts)


def snippet(name: str, measure: Measure, at: Mapping[str, str], facts: Mapping[tuple[str, str], str]) -> str:
    """The formula of a snippet of `catalogue.SNIPPETS`."""
    printed = {fact.id: facts[measure.id, fact.id] for fact in measure.facts}
    value = {fact: cell.replace("$H", "$F") for fact, cell in printed.items()}  # the figure beside its print
    target, year = at["Target"], 'CPA_PERIOD(as_of,"FY")'
    quarters = [quarter for quarter in ("q1", "q2", "q3", "q4") if quarter in printed]
    below = ",".join(f"{value[quarter]}<{target}" for quarter in quarters)
    listed = "&".join(
        f'IF({printed[quarter]}="","",{COMMA if position else ""}{printed[quarter]}&" [{QUARTERS[quarter]}]")'
        for position, quarter in enumerate(quarters)
    )
    worse = "<" if measure.better == "higher" else ">"
    row, ytd = f"{at['Actual']}{worse}{target}", f"{value.get('ytd', '')}{worse}{target}"
    return {
        "as_of": f'TEXT({at["As of"]},"mmm-yy")',
        "period": at["Period"],
        "year": year,
        "ytd_period": 'CPA_PERIOD(as_of,"YTD")',
        "quarter_before": f'TEXT(EDATE({at["As of"]},-3),"mmm-yy")',
        "quarters": listed,
        "each_quarter": f'IF(AND({below}),"Each quarter in "&{year}&" has been below target level, at ","Quarters of "&{year}&": ")',
        "achieved": f'IF({row},IF({ytd},"Target is being missed over both the rolling year and the YTD",'
        '"Target is being missed over the rolling year but achieved over the YTD"),'
        f'IF({ytd},"Target is being achieved over the rolling year but missed over the YTD",'
        '"Target is being achieved over both the rolling year and the YTD"))',
        "provisional_from": f'TEXT(INDEX(Measures[Provisional from],{at["Measure row"]}),"mmm-yy")',
        "strand": 'IFERROR(INDEX(Milestones[Strand],MATCH(as_of,Milestones[Month],0)),"not set")',
    }[name]


COMMA = '", "&'
QUARTERS = {"q1": "Apr - Jun", "q2": "Jul - Sep", "q3": "Oct - Dec", "q4": "Jan - Mar"}


def write_facts(book: Book, sheet: Worksheet) -> dict[tuple[str, str], str]:
    """The figures that comments need, one a row; returns the cell of each as printed, by measure and fact."""
    style = book.formats
    sheet.write(0, 0, "Figures that the comments need", style["title"])
    sheet.write(
        1,
        0,
        "This worksheet contains one table. Every figure is a formula over the data sheets.",
        style["note"],
    )
    rows = [(measure, fact) for measure in book.catalogue.measures.values() for fact in measure.facts]
    sheet.add_table(3, 0, 3 + len(rows), len(FACT_HEADS) - 1,
                    {"name": "CommentFacts", "style": "Table Style Light 1",
                     "columns": [{"header": head} for head in FACT_HEADS]})  # fmt: skip
    for position, width in enumerate(FACT_HEADS.values()):
        sheet.set_column(position, position, width)
    sheet.freeze_panes(4, 2)
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
        text = f'IF(LEFT({cell},10)="never done","a rate that has not been achieved in any previous month",{cell})'
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
        table = table_of(book, fact.numerator)[0]
        history = f"{table}[{rate_heading(book, fact)}]"
        return f"CPA_FEASIBLE({of},{history},{scorecard_cell(book, measure, 'Better')})"
    if fact.kind is Kind.RATE_MOVEMENT:
        rate = Figure(kind=Kind.RATE, numerator=fact.numerator, denominator=fact.denominator)
        before = figure_formula(book, rate, f"EDATE({as_of},-{fact.back})", basis)
        return f"{figure_formula(book, rate, as_of, basis)}-{before}"
    return figure_formula(book, fact, as_of, basis)


def rate_heading(book: Book, fact: CommentFact) -> str:
    """The heading of the calculated column with the monthly rates that a feasibility is judged by."""
    return f"{book.catalogue.series[fact.numerator].title} rate"


# --- data sheets --------------------------------------------------------------------------------------------------


def write_targets(book: Book) -> None:
    """The agreed targets: typed, and never written by a refresh."""
    sheet = data_sheet(book, "Targets", "Agreed targets",
                       "Typed cells: a refresh never writes them. Rates, changes and gaps are fractions (10.8 % is 0.108);"
                       " the amount of a monthly average is the number a year.")  # fmt: skip
    measures = list(book.catalogue.measures.values())
    heads = ["Id", "Rule", "Amount", "Baseline", "Amber", "Amber basis", "Target"]
    target = f"CPA_TARGET({','.join(this_row('Targets', head) for head in heads[1:4])})"
    sheet.add_table(3, 0, 3 + len(measures), len(heads) - 1,
                    {"name": "Targets", "style": "Table Style Light 1",
                     "columns": [{"header": head} if head != "Target" else
                                 {"header": head, "formula": f"={target}"}
                                 for head in heads]})  # fmt: skip
    sheet.set_column(0, len(heads) - 1, 18)
    for row, measure in enumerate(measures, start=4):
        agreed = measure.agreed
        values = [measure.id, str(agreed.rule) if agreed and agreed.rule else "", agreed.amount if agreed else None,
                  agreed.baseline if agreed else None]  # fmt: skip
        figures = [measure.amber, measure.amber_basis] if measure.figure else [None, None]
        for position, value in enumerate([*values, *figures]):
            sheet.write(row, position, value, book.formats["input"])
        formula(sheet, row, 6, target, book.formats["general"])


def write_table(book: Book, name: str, table: TableSpec) -> None:
    """A data sheet with an empty table, ready for its rows."""
    notes = {
        TableRows.MONTHS: "One row a month, force totals.",
        TableRows.QUARTERS: "One row a quarter, named by its last month.",
        TableRows.AREAS: "One row a month and borough.",
        TableRows.MEASURES: "What each measure is, from the configuration.",
        TableRows.REGISTER: "Every target, as proposed and as agreed, from the configuration.",
        TableRows.MILESTONES: "Which strand is reported in which month.",
        TableRows.EXTRACTS: "The files that the figures were read from.",
    }
    titles = {
        "Areas": "Monthly counts by borough",
        "Monthly": "Monthly counts",
        "TargetRegister": "Target register",
    }
    sheet_name = {"TargetRegister": "Target register"}.get(name, name)
    sheet = data_sheet(book, sheet_name, titles.get(name, name), f"{notes[table.rows]} Written by refresh.")
    heads = list(headings(book.catalogue, table))
    extra = calculated(book, name)
    columns: list[dict[str, object]] = [{"header": head} for head in heads]
    columns += [{"header": head, "formula": f"={text}"} for head, text in extra]
    sheet.add_table(3, 0, 4, len(columns) - 1, {"name": name, "style": "Table Style Light 1", "columns": columns})
    for position, head in enumerate(heads):
        sheet.write_blank(4, position, None, book.formats[form_of(table, head)])
        sheet.set_column(position, position, 44 if head in WIDE else max(11, min(len(head) + 2, 16)))
    for position, (_, text) in enumerate(extra, start=len(heads)):
        formula(sheet, 4, position, text, book.formats["fraction"])
    sheet.set_row(3, 42)


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
}


def form_of(table: TableSpec, head: str) -> str:
    """The format of a column, by its heading."""
    if head in {"Month", "Quarter ending", "First month", "Last month", "Provisional from"}:
        return "month"
    if table.rows.holds_facts or head == "Rows":
        return "number"
    return "general"


def this_row(table: str, head: str) -> str:
    """A cell of the same row, in the form that files hold (Excel shows it as [@head])."""
    return f"{table}[[#This Row],[{head}]]"


def calculated(book: Book, table: str) -> list[tuple[str, str]]:
    """Calculated columns: the monthly rates that a feasibility is judged by, up to the as-of month."""
    made: list[tuple[str, str]] = []
    for measure in book.catalogue.measures.values():
        for fact in measure.facts:
            if fact.kind is Kind.FEASIBLE and fact.denominator and table_of(book, fact.numerator)[0] == table:
                above = this_row(table, book.catalogue.series[fact.numerator].title)
                below = this_row(table, book.catalogue.series[fact.denominator].title)
                later = f"{this_row(table, table_of(book, fact.numerator)[1])}>as_of"
                made.append((rate_heading(book, fact), f'IF(OR({later},N({below})=0),"",{above}/{below})'))
    return made


def write_notes(book: Book) -> None:
    """What the workbook is, for whoever receives it."""
    sheet = book.file.add_worksheet("Notes")
    sheet.write(0, 0, "Notes", book.formats["title"])
    sheet.set_column(0, 0, 110)
    lines = [
        "Every figure on the sheet Scorecard is a formula over the data sheets; press F2 on a cell of the workings (from column J on) to read it.",
        "Rates, changes and gaps are fractions: 0.108 is 10.8 %, 0.048 is 4.8 percentage points. A rate is a rate of sums, never a mean of rates.",
        "A rolling year (RY) is the twelve months to the as-of month; its change is on the twelve months before. YTD runs from April.",
        "The letter compares unrounded figures. Rates, gaps and averages are amber while they fall short by at most 5 % of the target; changes while they fall short by at most 2 percentage points. The sheet Targets holds both bands.",
        "No letter (–) is given where there is no target (baseline year, milestones) or where the data are older than the measure allows; the status says which.",
        "Targets and comments are typed. Data sheets are written by refresh, from the extracts that the sheet Extracts names.",
    ]
    for row, text in enumerate(lines, start=2):
        sheet.write(row, 0, text, book.formats["wrap"])


if __name__ == "__main__":
    sys.exit(main())
