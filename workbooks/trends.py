"""The sheet Trends: for each measure its months, rolling year and target in the table Trend, and a chart.

The table holds thirteen months: a year, and the same month a year ago. Each chart has one axis. It shows rates beside
rates. For a change it shows the numbers, their average over the rolling year, and the average that the target asks for
(the year before, less the reduction).
"""

from collections.abc import Mapping, Sequence

from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from cpa_xl.config.model import Cadence, FigureKind, FigureSpec, KnownBreak, Measure
from cpa_xl.measures.figures import FigureStyle, Style
from cpa_xl.measures.periods import Basis
from cpa_xl.scorecard.rows import heading as trend_heading
from cpa_xl.scorecard.rows import known_breaks
from workbooks.formulas import column, figure_formula, last_month, months, this_row, total
from workbooks.house import (
    AVERAGE_FORMAT,
    CHART,
    COUNT_FORMAT,
    FONT,
    INKS,
    MONEY_FORMAT,
    MONTH_FORMAT,
    PENCE_FORMAT,
    RATE_FORMAT,
    SIZE,
)
from workbooks.style import TABLE_ROW, Book, entitle, paper

TREND, TREND_SHEET = "Trend", "Trend data"
FONTS = {"name": FONT, "size": SIZE}
WIDTH, HEIGHT = 620, 270  # of a chart, in pixels
ROWS_OF_CHART, COLUMNS_OF_CHART = 17, 10  # of 17 and of 64 pixels, that a chart covers
CHARTS_ACROSS, CHARTS_DOWN = 2, 3  # on a printed page
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
    """The heading of a measure's column."""
    return trend_heading(measure.id, name)


def number_format(measure: Measure) -> str:
    """The number format of a measure's figure: fractions in percent, money with its sign, other numbers as they are."""
    if not measure.number:
        return RATE_FORMAT
    style = Style.read(measure.print.actual) if measure.print else Style(FigureStyle.AVERAGE, 1)
    if style.kind is FigureStyle.MONEY:
        return PENCE_FORMAT if style.decimals else MONEY_FORMAT
    return COUNT_FORMAT if measure.unit == "total" else AVERAGE_FORMAT


def _summed(figure: FigureSpec) -> bool:
    """Whether its months add up, so that each is shown by its number; others are worked out for each month anew."""
    return figure.kind in (FigureKind.CHANGE, FigureKind.MONTHLY_AVERAGE, FigureKind.TOTAL)


def _columns(book: Book, measure: Measure, figure: FigureSpec) -> list[Column]:
    month = this_row(TREND, "Month")
    quarterly = book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    reached = last_month(book, figure, month) if quarterly else month  # a survey's figure holds until the next
    actual = figure_formula(book, figure, reached, f'"{measure.basis}"')
    form = single = number_format(measure)
    if figure.kind in (FigureKind.CHANGE, FigureKind.MONTHLY_AVERAGE):
        single = COUNT_FORMAT
    columns = [
        (heading(measure, "figure"), f"IFERROR({actual},NA())", form),
        (heading(measure, "month"), f"IFERROR({_single(book, figure, month)},NA())", single),
    ]
    asked = f'INDEX(Targets[Target],MATCH("{measure.id}",Targets[Id],0))'
    year = f'INDEX(Targets[Year],MATCH("{measure.id}",Targets[Id],0))&""'
    holds = f'OR({year}="",{year}=CPA_PERIOD({month},"FY"))'  # a target is one of its own financial year
    if figure.kind is FigureKind.CHANGE:
        average, before = (_average(book, measure, when) for when in (month, f"EDATE({month},-12)"))
        columns.append((heading(measure, "average"), f"IFERROR({average},NA())", AVERAGE_FORMAT))
        asked, form = f"{before}*(1+{asked})", AVERAGE_FORMAT
    columns.append((heading(measure, "target"), f"IFERROR(IF({holds},{asked}+0,NA()),NA())", form))
    if book.catalogue.source_of(figure.numerator).provisional_from is not None:
        since = f'INDEX(Measures[Provisional from],MATCH("{measure.id}",Measures[Id],0))'
        count = this_row(TREND, heading(measure, "month"))
        columns.append((heading(measure, "provisional"), f"IF({month}>={since},{count},NA())", single))
    for number, known in enumerate(_breaks(book, measure), 1):
        highest = f"_xlfn.AGGREGATE(4,6,{TREND}[{heading(measure, 'month')}])"
        there = f"AND({month}=DATE({known.month.year},{known.month.month},1),{month}>MIN({TREND}[Month]))"
        columns.append((heading(measure, f"break {number}"), f"IF({there},{highest},NA())", single))
    return columns


def _breaks(book: Book, measure: Measure) -> Sequence[KnownBreak]:
    return known_breaks(book.catalogue)[heading(measure, "").strip()]


def _average(book: Book, measure: Measure, when: str) -> str:
    """The monthly average of a measure's numbers, over its own period to a month."""
    figure = measure.figure
    if figure is None:
        raise LookupError(measure.id)
    values, dates = column(book, figure.numerator), months(book, figure.numerator)
    return f'CPA_MONTHLY_AVERAGE({values},{dates},{when},"{measure.basis}")'


def _single(book: Book, figure: FigureSpec, month: str) -> str:
    """What one month (or quarter, where the source is quarterly) brought: its rate, or its number."""
    quarterly = book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    basis = '"QUARTER"' if quarterly else '"MONTH"'
    if not _summed(figure):
        return figure_formula(book, figure, month, basis)
    return total(book, figure.numerator, month, basis)


def positions(book: Book) -> dict[str, int]:
    """The sheet column of each heading of the table Trend, zero-based; the first holds the months."""
    return {head: at for at, (head, _, _) in enumerate(trend_columns(book), start=1)}


def write_charts(book: Book, sheet: Worksheet, titles: Mapping[str, str]) -> None:
    """A chart for each measure, two beside each other, six a page; `titles` are the cells that hold their titles."""
    entitle(
        book, sheet, "Trends",
        "Thirteen months. Points or columns: each month (or quarter), hatched where provisional. Line: the rolling year, or the year to date. Dashes: the target, in its own financial year.",
        "Changes are shown by their numbers: below the dashes is on target where fewer is better. The sheet Trend data holds every number drawn.",
    )  # fmt: skip
    measures = [measure for measure in book.catalogue.measures.values() if measure.figure is not None]
    for number, measure in enumerate(measures):
        down, across = divmod(number, CHARTS_ACROSS)
        made = chart(book, measure, titles[measure.id])
        place = {"description": description(book, measure), "object_position": 1}
        sheet.insert_chart(4 + down * ROWS_OF_CHART, across * COLUMNS_OF_CHART, made, place)
    sheet.set_column(0, CHARTS_ACROSS * COLUMNS_OF_CHART - 1, 8.43)  # 64 pixels in every program
    sheet.hide_gridlines(2)
    paper(sheet)
    sheet.set_print_scale(72)  # in place of a page's width: only then do the breaks between charts count
    rows = range(CHARTS_DOWN, -(-len(measures) // CHARTS_ACROSS), CHARTS_DOWN)
    sheet.set_h_pagebreaks([3 + down * ROWS_OF_CHART for down in rows])  # above the spare row between two charts


def description(book: Book, measure: Measure) -> str:
    """What a chart shows, for readers who do not see it."""
    drawn = "columns" if _in_columns(measure) else "points"
    provisional = ", hatched where provisional" if heading(measure, "provisional") in positions(book) else ""
    return (
        f"{measure.id} {measure.title}: each {_step(book, measure).lower()} as {drawn}{provisional}, "
        f"{_line(measure).lower()} as a line, the target dashed. The numbers stand in the sheet {TREND_SHEET}."
    )


def _in_columns(measure: Measure) -> bool:
    """Whether its months are columns, beside the average over its period."""
    return measure.unit in ("change", "count")


def chart(book: Book, measure: Measure, title: str) -> Chart:
    """The chart of a measure; `title` is the cell that says its figure in words."""
    counted = _in_columns(measure)
    made = _bars(book, measure) if counted else _points(book, measure)
    bold = {**FONTS, "bold": True, "color": INKS["title"].text}
    made.set_title({"name": f"={title}", "name_font": bold})
    made.set_x_axis({"num_font": FONTS, "num_format": MONTH_FORMAT, "label_position": "low"})
    gridlines = {"visible": True, "line": {"color": CHART.grid}}
    made.set_y_axis({"num_font": FONTS, "num_format": COUNT_FORMAT if counted else number_format(measure),
                     "major_gridlines": gridlines, **({"min": 0} if counted else {})})  # fmt: skip
    made.set_legend({"position": "bottom", "font": FONTS})
    made.show_blanks_as("span")
    made.set_size({"width": WIDTH, "height": HEIGHT})
    return made


def _points(book: Book, measure: Measure) -> Chart:
    """Rates and gaps: single months as points, because a column would have to begin at zero."""
    lines = book.file.add_chart({"type": "line"})
    dots = {"type": "circle", "size": 7, "fill": {"color": CHART.months}, "border": {"color": CHART.months}}
    single = _series(book, measure, "month", _step(book, measure))
    lines.add_series({**single, "line": {"none": True}, "marker": dots})
    return _with_lines(book, measure, lines)


def _bars(book: Book, measure: Measure) -> Chart:
    """Numbers: months as columns, their average as a line on the same axis."""
    bars, look = book.file.add_chart({"type": "column"}), {"gap": 60, "overlap": 100}
    single = _series(book, measure, "month", _step(book, measure))
    bars.add_series({**single, "fill": {"color": CHART.months}, **look})
    if heading(measure, "provisional") in positions(book):
        stripes = {"pattern": "wide_upward_diagonal", "fg_color": CHART.months, "bg_color": CHART.ground}
        hatched = {"pattern": stripes, "border": {"color": CHART.months}}
        bars.add_series({**_series(book, measure, "provisional", "Month, provisional"), **hatched, **look})
    bars.combine(_with_lines(book, measure, book.file.add_chart({"type": "line"})))
    return bars


def _with_lines(book: Book, measure: Measure, lines: Chart) -> Chart:
    drawn = "average" if measure.unit == "change" else "figure"
    lines.add_series({**_series(book, measure, drawn, _line(measure)), "line": {"color": CHART.figure, "width": 2.25}})
    dashes = {"color": CHART.target, "width": 1.75, "dash_type": "dash"}
    lines.add_series({**_series(book, measure, "target", "Target"), "line": dashes})
    for number, known in enumerate(_breaks(book, measure), 1):  # from the highest month down to the axis
        words = f"{known.month.label}: {known.reason}"
        upright = {"type": "percentage", "value": 100, "direction": "minus", "end_style": 0,
                   "line": {"color": CHART.target, "width": 1.5, "dash_type": "square_dot"}}  # fmt: skip
        mark = {"type": "short_dash", "size": 9, "border": {"color": CHART.target}, "fill": {"color": CHART.target}}
        lines.add_series({**_series(book, measure, f"break {number}", words), "line": {"none": True},
                          "marker": mark, "y_error_bars": upright})  # fmt: skip
    return lines


def _series(book: Book, measure: Measure, name: str, words: str) -> dict[str, object]:
    place = positions(book)[heading(measure, name)]
    when, values = ([TREND_SHEET, FIRST, at, LAST, at] for at in (0, place))
    return {"name": words, "categories": when, "values": values}


def _step(book: Book, measure: Measure) -> str:
    """What a single point or column shows."""
    figure = measure.figure
    quarterly = figure is not None and book.catalogue.source_of(figure.numerator).cadence is Cadence.QUARTERLY
    return "Quarter" if quarterly else "Month"


def _line(measure: Measure) -> str:
    """What the line of a measure's chart is."""
    period = "Year to date" if measure.basis is Basis.YTD else "Rolling year"
    return f"{period}, average" if _in_columns(measure) else period


def sparkline(book: Book, measure: Measure) -> dict[str, object]:
    """The options of a measure's sparkline: its figure month by month."""
    place = positions(book)[heading(measure, "figure")]
    return {
        "range": f"'{TREND_SHEET}'!{xl_range_abs(FIRST, place, LAST, place)}",
        "series_color": CHART.figure,
        "last_point": True,
        "last_color": CHART.target,
        "weight": 1.5,
    }
