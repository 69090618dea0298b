"""Figures and comments as the formulas of cells: CPA_ functions over the columns of tables."""

import re
from collections.abc import Mapping

from cpa_xl.config.model import CommentFact, FigureKind, FigureSpec, Measure, TableRows
from workbooks.style import Book

COUNTED = (TableRows.MONTHS, TableRows.QUARTERS, TableRows.YEARS)
QUARTERS = {"q1": "Apr - Jun", "q2": "Jul - Sep", "q3": "Oct - Dec", "q4": "Jan - Mar"}


def table_of(book: Book, series: str) -> tuple[str, str]:
    """The table of force totals that holds a series, and the heading of its months."""
    for name, table in book.spec.tables.items():
        if series in table.series and table.rows in COUNTED and table.key:
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


def figure_formula(book: Book, figure: FigureSpec, as_of: str, basis: str) -> str:
    """The formula of a headline figure: one function over the columns of its series."""
    first, when = figure.numerator, months(book, figure.numerator)
    values = column(book, first)
    if figure.kind is FigureKind.RATE and figure.denominator:
        return f"CPA_RATE({values},{column(book, figure.denominator)},{when},{as_of},{basis})"
    if figure.kind in (FigureKind.RATIO, FigureKind.MEAN) and figure.denominator:
        return f"CPA_RATIO({values},{column(book, figure.denominator)},{when},{as_of},{basis})"
    if figure.kind is FigureKind.GAP:
        sums = (total(book, series, as_of, basis) for series in figure.series)
        return f"CPA_GROUP_GAP({','.join(sums)})"
    if figure.kind is FigureKind.RATE_PER:
        return f"CPA_RATE_PER({rate_per_arguments(book, figure, as_of, basis)})"
    if figure.kind is FigureKind.MEDIAN:
        return f"CPA_MONTH_VALUE({values},{when},{as_of})"
    names = {
        FigureKind.CHANGE: "CPA_CHANGE",
        FigureKind.CHANGE_VOLUME: "CPA_CHANGE_VOLUME",
        FigureKind.MONTHLY_AVERAGE: "CPA_MONTHLY_AVERAGE",
        FigureKind.TOTAL: "CPA_SUM",
    }
    return f"{names[figure.kind]}({values},{when},{as_of},{basis})"


def rate_per_arguments(book: Book, figure: FigureSpec, as_of: str, basis: str) -> str:
    """The arguments of CPA_RATE_PER, which CPA_RATE_PER_WHY takes too."""
    counted, residents = figure.series
    ranges = (read(book, series) for series in (counted, residents) for read in (column, months))
    return f"{','.join(ranges)},{as_of},{basis},{figure.per}"


def last_month(book: Book, figure: FigureSpec, up_to: str = "as_of") -> str:
    """The last month, up to the as-of month, for which the figure's series holds a value."""
    values, when = column(book, figure.numerator), months(book, figure.numerator)
    return f'SUMPRODUCT(MAX(({when}<={up_to})*({values}<>"")*{when}))'


def this_row(table: str, head: str) -> str:
    """A cell of the same row, in the form that files hold (Excel shows it as [@head])."""
    return f"{table}[[#This Row],[{head}]]"


def rate_heading(book: Book, fact: CommentFact) -> str:
    """The heading of the calculated column with the monthly rates that a feasibility is judged by."""
    return f"{book.catalogue.series[fact.numerator].title} rate"


def comment_formula(book: Book, measure: Measure, at: Mapping[str, str], facts: Mapping[tuple[str, str], str]) -> str:
    """The comment as a formula that joins its words and the printed facts, so that its figures follow."""
    pieces: list[str] = []
    for position, piece in enumerate(re.split(r"{([^{}]*)}", measure.comment)):
        if position % 2 == 0:
            pieces += [quoted(piece)] if piece else []
        else:
            pieces.append(facts.get((measure.id, piece)) or snippet(book, piece, measure, at, facts))
    return "&".join(pieces)


def quoted(text: str) -> str:
    """Text as a formula writes it: pieces of at most 255 characters, which is what Excel takes."""
    parts = [text[start : start + 255] for start in range(0, len(text), 255)]
    return "&".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts)


def snippet(
    book: Book, name: str, measure: Measure, at: Mapping[str, str], facts: Mapping[tuple[str, str], str]
) -> str:
    """The formula of a snippet of `config.model.SNIPPETS`."""
    printed = {fact.id: facts[measure.id, fact.id] for fact in measure.facts}
    as_of = at["As of"]
    plain = {
        "as_of": f'TEXT({as_of},"mmm-yy")',
        "period": at["Period"],
        "year": at["Year"],
        "year_before": f'CPA_PERIOD(EDATE({as_of},-12),"FY")',
        "ytd_period": f'CPA_PERIOD({as_of},"YTD")',
        "month_before": f'TEXT(EDATE({as_of},-1),"mmm-yy")',
        "quarter_before": f'TEXT(EDATE({as_of},-3),"mmm-yy")',
        "strand": 'IFERROR(INDEX(Milestones[Strand],MATCH(DATE(YEAR(as_of),MONTH(as_of),1),Milestones[Month],0)),"not set")',
    }
    if name in plain:
        return plain[name]
    if name == "provisional":
        return provisional(book, measure, at)
    made_of_facts = {"quarters": quarters, "each_quarter": each_quarter, "achieved": achieved, "needed": needed}
    return made_of_facts[name](measure, at, printed)


Printed = Mapping[str, str]  # for each fact of a measure the cell that holds it as printed


def figure(printed: str) -> str:
    """The cell of the figure itself, beside the cell that holds it as printed."""
    return printed.replace("$H", "$F")


def quarters(_measure: Measure, _at: Mapping[str, str], printed: Printed) -> str:
    """The quarters that there are: 77.4% [Apr - Jun], 75.9% [Jul - Sep] and 78.2% [Oct - Dec]."""
    there = [quarter for quarter in QUARTERS if quarter in printed]
    pieces = []
    for position, quarter in enumerate(there):
        cell = printed[quarter]
        after = f'{printed[there[position + 1]]}=""' if position + 1 < len(there) else "TRUE"
        joint = f'IF({after}," and ",", ")&' if position else ""
        pieces.append(f'IF({cell}="","",{joint}{cell}&" [{QUARTERS[quarter]}]")')
    return "&".join(pieces)


def each_quarter(measure: Measure, at: Mapping[str, str], printed: Printed) -> str:
    """How the list of quarters begins: whether each of them, two at least, missed a target that holds for them."""
    cells = [figure(printed[quarter]) for quarter in QUARTERS if quarter in printed]
    missed = ",".join(f'OR({cell}="",{cell}{worse(measure)}{at["Target"]})' for cell in cells)
    side = "below" if measure.better == "higher" else "above"
    return (
        f'IF(AND({at["Judged"]}="yes",{cells[1]}<>"",{missed}),'
        f'"Each quarter in "&{at["Year"]}&" has been {side} target level, at ","Quarters of "&{at["Year"]}&": ")'
    )


def achieved(measure: Measure, at: Mapping[str, str], printed: Printed) -> str:
    """Whether rolling year and year to date meet the target, where it is judged."""
    off, target = worse(measure), at["Target"]
    row, ytd = f"{at['Actual']}{off}{target}", f"{figure(printed['ytd'])}{off}{target}"
    return (
        f'IF({at["Judged"]}<>"yes","Not judged: "&{at["Judged"]},'
        f'IF({row},IF({ytd},"Target is being missed over both the rolling year and the YTD",'
        '"Target is being missed over the rolling year but achieved over the YTD"),'
        f'IF({ytd},"Target is being achieved over the rolling year but missed over the YTD",'
        '"Target is being achieved over both the rolling year and the YTD")))'
    )


def needed(_measure: Measure, at: Mapping[str, str], printed: Printed) -> str:
    """What the months left of the year must bring; in March how it ended."""
    as_of, year, verdict = at["As of"], at["Year"], figure(printed["feasible"])
    left = f"MOD(3-MONTH({as_of}),12)"
    first = f'IF({left}=1,"",IF({left}=2,"February and ",TEXT(EDATE({as_of},1),"mmmm")&" to "))'
    months = f'{first}&"March "&YEAR(EDATE({as_of},{left}))'
    return (
        f'IF({left}=0,"The financial year "&{year}&" ended at "&{printed["ytd"]}&". ",'
        f'IF({at["Judged"]}<>"yes","Not judged: "&{at["Judged"]}&". ",'
        f'IF(LEFT({verdict},7)="secured","This target is met for "&{year}&" whatever "&{months}&" may bring. ",'
        f'IF(LEFT({verdict},10)="impossible","This target can no longer be met in "&{year}&". ",'
        f'"Performance in "&{months}&" would now need to be around "&{printed["required"]}'
        f'&" for this target to be met ("&{printed["feasible"]}&"). "))))'
    )


def provisional(book: Book, measure: Measure, at: Mapping[str, str]) -> str:
    """From which month on the data are provisional, where they reach that far, and the source's note on it."""
    parts = book.catalogue.parts(measure.figure.numerator) if measure.figure else ()
    notes = (book.catalogue.source_of(part).provisional_note for part in parts)
    note = next((f" ({text})" for text in notes if text), "")
    since = f"INDEX(Measures[Provisional from],{at['Measure row']})"
    return (
        f'IF(OR({since}="",{since}>{at["As of"]}),"",'
        f'"Data from "&TEXT({since},"mmm-yy")&" onwards is provisional"&{quoted(note + ". ")})'
    )


def worse(measure: Measure) -> str:
    """The sign between a figure and a target that it misses."""
    return "<" if measure.better == "higher" else ">"
