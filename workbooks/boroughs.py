"""The sheet Boroughs: a measure picked from a list, and how each borough does on it.

The table BoroughMeasures lists what can be picked: the measures whose series the table of areas holds, and the changes
and rates that their comments name. Period, target and amber band are those of the scorecard's row.
"""

from dataclasses import dataclass

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import CommentFact, FigureKind, FigureSpec, Measure, TableRows
from workbooks.house import (
    BOROUGH_CHART,
    BOROUGH_WIDTHS,
    BOROUGH_WORKINGS,
    CHART,
    HEIGHT_OF_ROW,
    INKS,
    RATE_FORMAT,
    WORDS,
    width_of,
)
from workbooks.scorecard import scorecard_column
from workbooks.style import (
    TABLE_ROW,
    Book,
    add_table,
    colour_letters,
    data_sheet,
    entitle,
    formula,
    headed,
    paper,
    set_widths,
)
from workbooks.trends import FONTS
from workbooks.typed_cells import picked

PICKS, PICKS_SHEET, NAME, NAME_OF_LIST = "BoroughMeasures", "Borough measures", "borough_measure", "borough_measures"
PICK_HEADS = ("Pick", "Id", "Kind", "Better", "Numerator", "Denominator", "Judged")
TOP, FIRST = 3, 7  # zero-based rows: of what is picked, and of the first borough; each has headings above
WIDTHS = {**BOROUGH_WIDTHS, "gap": 2, "Chart": BOROUGH_CHART, "second gap": 2, **BOROUGH_WORKINGS}
HEADS = list(WIDTHS)
ORDERED = ("Place", "In order", "Figure in order")  # the workings that have a row for each borough
HEIGHT = 640  # of the chart, in pixels


@dataclass(frozen=True)
class Pick:
    """What can be picked: a measure's own figure (`judged`), or one that its comment names."""

    words: str
    measure: Measure
    figure: FigureSpec
    judged: bool


def picks(book: Book) -> list[Pick]:
    """What the table of areas has the series for, of the measure's own period."""
    there = set(book.spec.tables[_table(book)].series)
    made = []
    for measure in book.catalogue.measures.values():
        for figure in (measure.figure, *measure.facts):
            if (
                figure is None
                or figure.kind not in (FigureKind.CHANGE, FigureKind.RATE)
                or not there.issuperset(figure.series)
            ):
                continue
            if not isinstance(figure, CommentFact):
                made.append(Pick(f"{measure.id} {measure.title}", measure, figure, judged=True))
            elif figure.basis is None and not figure.back and figure.quarter is None:
                made.append(Pick(f"{measure.id} {figure.title}", measure, figure, judged=False))
    return made


def _table(book: Book) -> str:
    return next(name for name, table in book.spec.tables.items() if table.rows is TableRows.AREAS)


def write_picks(book: Book) -> None:
    """The table of what can be picked, and the name of its list."""
    sheet = data_sheet(
        book,
        PICKS_SHEET,
        "Measures that the sheet Boroughs offers",
        "Made from the configuration; in empty cells a change has no denominator.",
    )
    rows, series = picks(book), book.catalogue.series
    add_table(sheet, PICKS, len(rows), headed(book, PICK_HEADS))
    set_widths(sheet, {head: width_of(head) for head in PICK_HEADS})
    for row, pick in enumerate(rows, start=TABLE_ROW + 1):
        figure, better = pick.figure, pick.measure.better
        below = series[figure.denominator].title if figure.denominator else ""
        cells = (pick.words, pick.measure.id, figure.kind.value, better.value if better else "",
                 series[figure.numerator].title, below, "yes" if pick.judged else "no")  # fmt: skip
        for position, text in enumerate(cells):
            sheet.write_string(row, position, text, book.formats["wrap"])
    body = xl_range_abs(TABLE_ROW + 1, 0, TABLE_ROW + len(rows), 0)
    book.file.define_name(NAME_OF_LIST, f"='{PICKS_SHEET}'!{body}")


def write_boroughs(book: Book, sheet: Worksheet) -> None:
    """The list to pick from, the force's own figure, and a row for each borough."""
    style, table = book.formats, _table(book)
    source = book.catalogue.source_of(book.spec.tables[table].series[0])
    members = list(book.catalogue.areas[source.areas or ""].members)
    entitle(book, sheet, "Boroughs",
            "Each borough is judged by the force's target; rank 1 is best.")  # fmt: skip
    for position, (head, width) in enumerate(WIDTHS.items()):
        sheet.set_column(position, position, width)
        if head in BOROUGH_WORKINGS:
            sheet.write((FIRST if head in ORDERED else TOP) - 1, position, head, style["head"])
    write_force(book, sheet)
    write_workings(book, sheet)
    for position, head in enumerate(BOROUGH_WIDTHS):
        sheet.write(FIRST - 1, position, head, style["head"])
    period, before = (f"CPA_PERIOD({when},{at('Basis')})" for when in (at("As of"), f"EDATE({at('As of')},-12)"))
    formula(sheet, FIRST - 1, 1, period, style["head"])
    formula(sheet, FIRST - 1, 2, before, style["head"])
    formula(sheet, FIRST - 1, 3, f'IF({at("Kind")}="rate","Change in points","Change")', style["head"])
    for row, borough in enumerate(members, start=FIRST):
        sheet.write(row, 0, borough, style["cell"])
        write_row(book, sheet, row, table, (FIRST + 1, FIRST + len(members)))
    last = FIRST + len(members) - 1
    write_order(book, sheet, last)
    rates = {"type": "formula", "criteria": f'={at("Kind")}="rate"', "format": book.formats["as rate"]}
    sheet.conditional_format(FIRST, 1, last, 2, rates)
    colour_letters(book, sheet, list(BOROUGH_WIDTHS).index("Letter"), FIRST, last)
    colour_letters(book, sheet, list(BOROUGH_WIDTHS).index("Letter"), TOP, TOP)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(FIRST, 1)
    paper(sheet)
    sheet.print_area(0, 0, FIRST + HEIGHT // HEIGHT_OF_ROW, HEADS.index("Chart"))
    sheet.fit_to_pages(1, 1)


def at(head: str) -> str:
    """The cell of a working, fixed."""
    cell: str = xl_rowcol_to_cell(TOP, HEADS.index(head), row_abs=True, col_abs=True)
    return cell


def write_force(book: Book, sheet: Worksheet) -> None:
    """What is picked, and the force's own figure, target and letter as the scorecard prints them."""
    style = book.formats
    heads = ("Measure", "Force, latest", "Force target", "Period", "Letter", "Status")
    for position, head in enumerate(heads):
        sheet.write(TOP - 1, position, head, style["head"])
    default = next(pick.words for pick in picks(book) if pick.judged)
    for pick in picks(book):
        if pick.judged and pick.figure.kind is FigureKind.CHANGE:
            default = pick.words
            break
    sheet.write(TOP, 0, default, style["typed"])
    sheet.set_row(TOP, 30)
    sheet.write(TOP + 1, 0, "Pick another measure in the cream cell above.", book.formats["instruction"])
    sheet.data_validation(TOP, 0, TOP, 0, dict(picked(NAME_OF_LIST)))
    book.file.define_name(NAME, f"=Boroughs!{xl_rowcol_to_cell(TOP, 0, row_abs=True, col_abs=True)}")
    printed = {1: ("Latest data", "figure"), 2: ("Printed target", "cell"), 4: ("RAG", "letter"), 5: ("Status", "cell")}
    for position, (head, form) in printed.items():
        cell = f"INDEX({scorecard_column(book, head)},{at('Scorecard row')})"
        formula(sheet, TOP, position, f'IF({at("Headline")}="yes",{cell},"–")', style[form])
    formula(sheet, TOP, 3, f"CPA_PERIOD({at('As of')},{at('Basis')})", style["cell"])


def write_workings(book: Book, sheet: Worksheet) -> None:
    """What the boroughs' formulas need of the pick, one cell each, beside the printed part."""

    def of_pick(head: str) -> str:
        return f"INDEX({PICKS}[{head}],{at('Pick row')})"

    def of_scorecard(head: str) -> str:
        return f"INDEX({scorecard_column(book, head)},{at('Scorecard row')})"

    def place(head: str) -> str:
        return f"MATCH({of_pick(head)},{_table(book)}[#Headers],0)"

    row = f"MATCH({of_pick('Id')},Targets[Id],0)"
    cells = {
        "Pick row": (f"MATCH({NAME},{PICKS}[Pick],0)", "general"),
        "Scorecard row": (f"MATCH({of_pick('Id')},{scorecard_column(book, 'Id')},0)", "general"),
        "Headline": (of_pick("Judged"), "general"),
        "Kind": (of_pick("Kind"), "general"),
        "Better": (of_pick("Better"), "general"),
        "Basis": (of_scorecard("Basis"), "general"),
        "As of": (of_scorecard("As of"), "month"),
        "Months": (f'IF({at("Basis")}="YTD",MOD(MONTH({at("As of")})-4,12)+1,12)', "general"),
        "Numerator": (place("Numerator"), "general"),
        "Denominator": (f'IF({of_pick("Denominator")}="",0,{place("Denominator")})', "general"),
        "Judged": (f'IF({at("Headline")}="yes",{of_scorecard("Judged")},"no target of its own")', "general"),
        "Target": (of_scorecard("Target"), RATE_FORMAT),
        "Amber": (f"INDEX(Targets[Amber],{row})", RATE_FORMAT),
        "Amber basis": (f"INDEX(Targets[Amber basis],{row})", "general"),
        "Title": (
            f'{NAME}&": "&IF({at("Kind")}="rate","rate, ","change, ")&CPA_PERIOD({at("As of")},{at("Basis")})',
            "general",
        ),
    }
    for head, (text, form) in cells.items():
        formula(sheet, TOP, HEADS.index(head), text, book.formats[form])


def write_row(book: Book, sheet: Worksheet, row: int, table: str, body: tuple[int, int]) -> None:
    """Figure, the year before, change, letter, status and rank of the borough in a row."""
    style, here = book.formats, row + 1
    spec = book.spec.tables[table]
    areas, months = f"{table}[{spec.area}],$A{here}", f"{table}[{spec.key}]"

    def year(back: int) -> str:
        span = (f'{months},">"&EDATE({at("As of")},-{back}-{at("Months")}),'
                f'{months},"<="&EDATE({at("As of")},-{back})')  # fmt: skip
        above, below = (f"INDEX({table}[#Data],0,MAX(1,{at(head)}))" for head in ("Numerator", "Denominator"))
        total, base = (f"SUMIFS({values},{areas},{span})" for values in (above, below))
        count, filled = (f'COUNTIFS({areas},{span},{values},"<>")' for values in (above, below))
        rate = f'IF(OR({filled}<{at("Months")},{base}=0),"–",{total}/{base})'
        return f'IF({count}<{at("Months")},"–",IF({at("Denominator")}=0,{total},{rate}))'

    formula(sheet, row, 1, year(0), style["count cell"])
    formula(sheet, row, 2, year(12), style["count cell"])
    change = f'IF({at("Kind")}="rate",B{here}-C{here},IF(C{here}=0,"–",B{here}/C{here}-1))'
    formula(sheet, row, 3, f'IF(AND(ISNUMBER(B{here}),ISNUMBER(C{here})),{change},"–")', style["change cell"])
    actual = f'IF({at("Kind")}="rate",B{here},D{here})'
    letter = f"CPA_RAG({actual},{at('Target')},{at('Better')},{at('Amber')},{at('Amber basis')})"
    formula(sheet, row, 4, f'IF(AND({at("Judged")}="yes",ISNUMBER({actual})),{letter},"–")', style["letter cell"])
    status = f'"No letter: "&IF(ISNUMBER({actual}),{at("Judged")},"no figure")'
    for mark in ("R", "A", "G"):
        status = f'IF(E{here}="{mark}","{WORDS[mark]}",{status})'
    formula(sheet, row, 5, status, style["cell"])
    order = f'IF({at("Better")}="lower",1,0)'
    ranks = [f"RANK({column}{here},${column}${body[0]}:${column}${body[1]},{order})" for column in "BD"]
    formula(sheet, row, 6, f'IF(ISNUMBER({actual}),IF({at("Kind")}="rate",{ranks[0]},{ranks[1]}),"–")',
            style["count cell"])  # fmt: skip


def write_order(book: Book, sheet: Worksheet, last: int) -> None:
    """The boroughs in the order of their ranks, those of one rank in the order of the rows; and a chart of them."""
    style, first = book.formats, FIRST
    place, names, figures = (HEADS.index(head) for head in ORDERED)
    places = xl_range_abs(first, place, last, place)
    column = f'IF({at("Kind")}="rate",$B${first + 1}:$B${last + 1},$D${first + 1}:$D${last + 1})'
    for row in range(first, last + 1):
        rank = f"G{row + 1}"
        formula(
            sheet,
            row,
            place,
            f'IF(ISNUMBER({rank}),{rank}+COUNTIF(G${first + 1}:{rank},{rank})-1,"")',
            style["general"],
        )
        found = f"MATCH({row - first + 1},{places},0)"
        formula(sheet, row, names, f'IFERROR(INDEX($A${first + 1}:$A${last + 1},{found}),"")', style["general"])
        formula(sheet, row, figures, f"IFERROR(INDEX({column},{found}),NA())", style[RATE_FORMAT])
    bars = book.file.add_chart({"type": "bar"})
    there, values = (["Boroughs", first, at_, last, at_] for at_ in (names, figures))
    bars.add_series({"categories": there, "values": values, "fill": {"color": CHART.months}, "gap": 40})
    bold = {**FONTS, "bold": True, "color": INKS["title"].text}
    bars.set_title({"name": f"=Boroughs!{at('Title')}", "name_font": bold})
    bars.set_y_axis({"reverse": True, "num_font": FONTS, "label_position": "low", "interval_unit": 1})
    grid = {"visible": True, "line": {"color": CHART.grid}}
    bars.set_x_axis({"num_font": FONTS, "num_format": RATE_FORMAT, "major_gridlines": grid})
    bars.set_legend({"none": True})
    bars.set_size({"width": 7 * BOROUGH_CHART, "height": HEIGHT})
    words = (
        "The picked measure's figure of each borough as a bar, the best on top. The table beside it holds the numbers."
    )
    sheet.insert_chart(FIRST - 1, HEADS.index("Chart"), bars, {"description": words, "object_position": 1})
