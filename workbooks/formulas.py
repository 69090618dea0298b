"""Figures and comments as the formulas of cells: CPA_ functions over the columns of tables."""

import re
from collections.abc import Mapping

from cpa_xl.catalogue import CommentFact, Figure, Kind, Measure, TableRows
from workbooks.style import Book

QUARTERS = {"q1": "Apr - Jun", "q2": "Jul - Sep", "q3": "Oct - Dec", "q4": "Jan - Mar"}
COMMA = '", "&'


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


def last_month(book: Book, figure: Figure, up_to: str = "as_of") -> str:
    """The last month, up to the as-of month, for which the figure's series holds a value."""
    values, when = column(book, figure.numerator), months(book, figure.numerator)
    return f'SUMPRODUCT(MAX(({when}<={up_to})*({values}<>"")*{when}))'


def this_row(table: str, head: str) -> str:
    """A cell of the same row, in the form that files hold (Excel shows it as [@head])."""
    return f"{table}[[#This Row],[{head}]]"


def rate_heading(book: Book, fact: CommentFact) -> str:
    """The heading of the calculated column with the monthly rates that a feasibility is judged by."""
    return f"{book.catalogue.series[fact.numerator].title} rate"


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
