"""Boroughs: one series picked from a list, and where each borough stands on it."""

from xlsxwriter.worksheet import Worksheet

from cpa_xl.catalogue import Kind, TableRows
from workbooks.style import Book, formula

HEADS = {"Borough": 26, "Rolling year": 14, "Year before": 14, "Change": 12, "Letter": 9, "Rank": 9}
PICK, TARGET = "$B$3", "$B$4"
FIRST = 6  # zero-based row of the first borough


def choices(book: Book) -> dict[str, str]:
    """The series that can be picked, by title, each with the id of the measure whose target it has ("" for none)."""
    table = _table(book)
    numerators = {
        figure.numerator
        for measure in book.catalogue.measures.values()
        for figure in (measure.figure, *measure.facts)
        if figure is not None and figure.denominator is not None
    }
    judged = {
        measure.figure.numerator: measure.id
        for measure in book.catalogue.measures.values()
        if measure.figure is not None and measure.figure.kind is Kind.CHANGE
    }
    return {
        book.catalogue.series[name].title: judged.get(name, "")
        for name in book.spec.tables[table].series
        if name not in numerators
    }


def _table(book: Book) -> str:
    return next(name for name, table in book.spec.tables.items() if table.rows is TableRows.AREAS)


def write_boroughs(book: Book, sheet: Worksheet) -> None:
    """The list to pick from, and a row for each borough."""
    style, table = book.formats, _table(book)
    spec = book.spec.tables[table]
    source = book.catalogue.source_of(spec.series[0])
    members = list(book.catalogue.areas[source.areas or ""].members)
    picked = choices(book)
    sheet.write(0, 0, "Boroughs", style["title"])
    sheet.write(1, 0, "Pick a series in the cream cell. The letter judges each borough's change by the force's target.",
                style["note"])  # fmt: skip
    sheet.write(2, 0, "Series", style["plain"])
    default = next((title for title, measure in picked.items() if measure), next(iter(picked)))
    sheet.write(2, 1, default, style["input"])
    sheet.data_validation(2, 1, 2, 1, {"validate": "list", "source": list(picked)})
    sheet.write(3, 0, "Force target", style["plain"])
    titles = ";".join(f'"{title}"' for title, measure in picked.items() if measure)
    ids = ";".join(f'"{measure}"' for measure in picked.values() if measure)
    target = f"INDEX(Targets[Target],MATCH(INDEX({{{ids}}},MATCH({PICK},{{{titles}}},0)),Targets[Id],0))"
    formula(sheet, 3, 1, f'IFERROR({target},"–")', style["0.0%"])
    for position, (head, width) in enumerate(HEADS.items()):
        sheet.set_column(position, position, width)
        sheet.write(FIRST - 1, position, head, style["head"])
    for row, borough in enumerate(members, start=FIRST):
        sheet.write(row, 0, borough, style["plain"])
        _write_row(book, sheet, row, table, (FIRST + 1, FIRST + len(members)))
    letters = f"$E${FIRST + 1}:$E${FIRST + len(members)}"
    for letter in ("G", "A", "R"):
        sheet.conditional_format(
            letters, {"type": "cell", "criteria": "==", "value": f'"{letter}"', "format": style[letter]}
        )
    sheet.freeze_panes(FIRST, 1)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)


def _write_row(book: Book, sheet: Worksheet, row: int, table: str, body: tuple[int, int]) -> None:
    """Rolling year, the year before, change, letter and rank of the borough in a row."""
    style, at = book.formats, row + 1
    spec = book.spec.tables[table]
    column = f"INDEX({table},0,MATCH({PICK},{table}[#Headers],0))"
    months, areas = f"{table}[{spec.key}]", f"{table}[{spec.area}]"

    def year(back: int) -> str:
        to = f"EDATE(as_of,-{back})" if back else "as_of"
        return f'SUMIFS({column},{areas},$A{at},{months},">"&EDATE(as_of,-{back + 12}),{months},"<="&{to})'

    formula(sheet, row, 1, year(0), style["number"])
    formula(sheet, row, 2, year(12), style["number"])
    formula(sheet, row, 3, f'IF(C{at}=0,"–",B{at}/C{at}-1)', style["0.0%"])
    letter = f'IF(ISNUMBER({TARGET}),CPA_RAG(D{at},{TARGET},"lower",0.02,"points"),"–")'
    formula(sheet, row, 4, f'IF(ISNUMBER(D{at}),{letter},"–")', style["centre"])
    first, last = body
    formula(sheet, row, 5, f'IF(ISNUMBER(D{at}),RANK(D{at},$D${first}:$D${last},1),"–")', style["number"])
