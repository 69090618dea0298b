"""Trends: for each measure its figure, its month and its target as columns of the table Trend, and a chart of them.

The table holds thirteen months: a year's way, and the same month a year ago.
"""

from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from cpa_xl.catalogue import Cadence, Figure, Kind, Measure
from workbooks.formulas import figure_formula, last_month, this_row, total
from workbooks.style import ACCENT, AMBER, BARS, FONT, NAVY, PALE, TABLE_ROW, Book

TREND, TREND_SHEET = "Trend", "Trend data"
FONTS = {"name": FONT, "size": 9}
WIDTH, HEIGHT = 620, 270  # of a chart, in pixels
ROWS_OF_CHART = 14  # sheet rows of 20 pixels that a chart covers
# The table's body in the template, zero-based. References to it follow as the table grows; they take two rows, because
# a range of one cell is a cell and follows nothing.
FIRST, LAST = TABLE_ROW + 1, TABLE_ROW + 2

Column = tuple[str, str, str]  # heading, formula, number format


def trend_columns(book: Book) -> list[Column]:
    """The calculated columns of the table Trend."""
    made: list[Column] = []
    for measure in book.catalogue.measures.values():
        if measure.figure is not None:
            made += _columns(book, measure, measure.figure)
    return made


def heading(measure: Measure, name: str) -> str:
    """The heading of a measure's column, plain enough for structured references."""
    return f"{measure.id.replace('-', ' ')} {name}"


def _columns(book: Book, measure: Measure, figure: Figure) -> list[Column]:
    month = this_row(TREND, "Month")
    target = f'INDEX(Targets[Target],MATCH("{measure.id}",Targets[Id],0))'
    form = "#,##0.0" if measure.unit == "count" else "0.0%"
    quarterly = book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    reached = last_month(book, figure, month) if quarterly else month  # a survey's figure stands until the next
    actual = figure_formula(book, figure, reached, f'"{measure.basis}"')
    columns = [
        (heading(measure, "figure"), f"IFERROR({actual},NA())", form),
        (heading(measure, "month"), f"IFERROR({_single(book, figure, month)},NA())", _form_of_month(figure)),
        (heading(measure, "target"), f"IF(ISNUMBER({target}),{target},NA())", form),
    ]
    if book.catalogue.source_of(figure.numerator).provisional_from is not None:
        since = f'INDEX(Measures[Provisional from],MATCH("{measure.id}",Measures[Id],0))'
        count = this_row(TREND, heading(measure, "month"))
        columns.append((heading(measure, "provisional"), f"IF({month}>={since},{count},NA())", _form_of_month(figure)))
    return columns


def _form_of_month(figure: Figure) -> str:
    return "0.0%" if figure.kind in (Kind.RATE, Kind.GAP) else "#,##0"


def _single(book: Book, figure: Figure, month: str) -> str:
    """What one month (or quarter, where the source is quarterly) brought: its rate, or its number."""
    quarterly = book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    basis = '"QUARTER"' if quarterly else '"MONTH"'
    if figure.kind in (Kind.RATE, Kind.GAP):
        return figure_formula(book, figure, month, basis)
    return total(book, figure.numerator, month, basis)


def positions(book: Book) -> dict[str, int]:
    """The sheet column of each heading of the table Trend, zero-based; the months stand in the first."""
    return {head: at for at, (head, _, _) in enumerate(trend_columns(book), start=1)}


def write_charts(book: Book, sheet: Worksheet) -> None:
    """A chart for each measure, two beside each other."""
    sheet.write(0, 0, "Trends", book.formats["title"])
    sheet.write(1, 0, "Thirteen months. Columns: each month (or quarter). Line: the figure that the scorecard prints. Dashes: the target.",
                book.formats["note"])  # fmt: skip
    measures = [measure for measure in book.catalogue.measures.values() if measure.figure is not None]
    for number, measure in enumerate(measures):
        row, column = 3 + number // 2 * ROWS_OF_CHART, number % 2 * 10
        words = f"{measure.id} {measure.title}: months as columns, the scorecard's figure as a line, target dashed"
        sheet.insert_chart(row, column, chart(book, measure), {"description": words, "object_position": 1})
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)


def chart(book: Book, measure: Measure) -> Chart:
    """The chart of a measure: what single months brought, the scorecard's figure, the target."""
    made = {"change": _change_chart, "count": _count_chart}.get(measure.unit, _rate_chart)(book, measure)
    made.set_title({"name": f"{measure.id}  {measure.title}", "name_font": {**FONTS, "size": 10, "color": NAVY}})
    made.set_x_axis({"num_font": {**FONTS, "rotation": -90}, "num_format": "mmm-yy", "label_position": "low"})
    gridlines = {"visible": True, "line": {"color": "#E7E6E6"}}
    made.set_y_axis({"num_font": FONTS, "num_format": "#,##0" if measure.unit == "count" else "0%",
                     "major_gridlines": gridlines, **({"min": 0} if measure.unit == "count" else {})})  # fmt: skip
    made.set_legend({"position": "bottom", "font": FONTS})
    made.show_blanks_as("span")
    made.set_size({"width": WIDTH, "height": HEIGHT})
    return made


def _rate_chart(book: Book, measure: Measure) -> Chart:
    """Rates and gaps: single months as points, because a column would have to begin at zero."""
    lines = book.file.add_chart({"type": "line"})
    dots = {"type": "circle", "size": 7, "fill": {"color": BARS}, "border": {"color": BARS}}
    lines.add_series({**_series(book, measure, "month", _step(book, measure)), "line": {"none": True}, "marker": dots})
    return _with_lines(book, measure, lines)


def _count_chart(book: Book, measure: Measure) -> Chart:
    """Numbers: months as columns, their average as a line on the same axis."""
    bars = _bars(book, measure, second_axis=False)
    bars.combine(_with_lines(book, measure, book.file.add_chart({"type": "line"})))
    return bars


def _change_chart(book: Book, measure: Measure) -> Chart:
    """Changes: months as columns on an axis of their own, from zero."""
    lines, bars = (
        _with_lines(book, measure, book.file.add_chart({"type": "line"})),
        _bars(book, measure, second_axis=True),
    )
    lines.combine(bars)
    bars.set_y2_axis({"num_font": FONTS, "num_format": "#,##0", "min": 0})
    return lines


def _bars(book: Book, measure: Measure, *, second_axis: bool) -> Chart:
    bars = book.file.add_chart({"type": "column"})
    look = {"gap": 60, "overlap": 100, "y2_axis": second_axis}
    bars.add_series({**_series(book, measure, "month", _step(book, measure)), "fill": {"color": BARS}, **look})
    if heading(measure, "provisional") in positions(book):
        dashed = {"fill": {"color": PALE}, "border": {"color": BARS, "dash_type": "dash"}}
        bars.add_series({**_series(book, measure, "provisional", "Month, provisional"), **dashed, **look})
    return bars


def _with_lines(book: Book, measure: Measure, lines: Chart) -> Chart:
    lines.add_series({**_series(book, measure, "figure", "Figure"), "line": {"color": NAVY, "width": 2.25}})
    dashes = {"color": ACCENT, "width": 1.5, "dash_type": "dash"}
    lines.add_series({**_series(book, measure, "target", "Target"), "line": dashes})
    return lines


def _series(book: Book, measure: Measure, name: str, words: str) -> dict[str, object]:
    column = positions(book)[heading(measure, name)]
    months, values = ([TREND_SHEET, FIRST, at, LAST, at] for at in (0, column))
    return {"name": words, "categories": months, "values": values}


def _step(book: Book, measure: Measure) -> str:
    """What a single point or column stands for."""
    figure = measure.figure
    quarterly = figure is not None and book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    return "Quarter" if quarterly else "Month"


def sparkline(book: Book, measure: Measure) -> dict[str, object]:
    """The options of a measure's sparkline: its figure month by month."""
    column = positions(book)[heading(measure, "figure")]
    return {
        "range": f"'{TREND_SHEET}'!{xl_range_abs(FIRST, column, LAST, column)}",
        "series_color": NAVY,
        "last_point": True,
        "last_color": AMBER,
        "weight": 1.5,
    }
