"""A small force to test with: three boroughs, one wide extract, a workbook of one table and a few formulas."""

import datetime as dt
from pathlib import Path

import xlsxwriter

from cpa_xl.measures.periods import Month

AREAS = """
areas:
  boroughs:
    title: Three boroughs
    members: {Barnet: [], Camden: [], Hackney: [London Borough of Hackney]}
    subtotals: [Total, Inner London]
"""
SOURCES = """
sources:
  crime:
    title: Recorded crime
    files: "crime*.csv"
    shape: wide
    months: yyyymm
    columns:
      borough: {header: Borough, type: area}
      category: {header: Category, type: text}
    area: borough
    areas: boroughs
    keys: [borough, category]
"""
MEASURES = """
series:
  robbery: {title: Robbery, source: crime, sum: count, where: "category = 'Robbery'"}
  burglary: {title: Burglary, source: crime, sum: count, where: "category = 'Burglary'"}
measures:
  - id: "1"
    title: Robbery
    objective: Less crime
    cpa: Tackle robbery
    unit: change
    better: lower
    basis: RY
    figure: {kind: change, numerator: robbery}
    print: {actual: change, target: change0}
    targets: [{status: agreed, year: 2008/09, rule: change, amount: -0.04}]
"""
WORKBOOKS = """
workbooks:
  small:
    file: small.xlsx
    as_of: as_of
    scorecard:
      sheet: Scorecard
      columns: {id: Id, target: Target, actual: Actual, rag: RAG}
    tables:
      Monthly: {rows: months, key: Month, series: [robbery, burglary]}
"""
FIRST, LAST = Month(2007, 2), Month(2009, 1)
BOROUGHS = ("Barnet", "Camden", "Hackney")


def configuration(folder: Path) -> Path:
    """The four files."""
    folder.mkdir(exist_ok=True)
    for name, text in {"areas": AREAS, "sources": SOURCES, "measures": MEASURES, "workbooks": WORKBOOKS}.items():
        (folder / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    return folder


def months() -> list[Month]:
    """The 24 months to January 2009."""
    return [FIRST + step for step in range(LAST - FIRST + 1)]


def count(borough: int, category: str, month: int) -> int:
    """Some number of offences, about the same every month."""
    return 100 + 10 * borough + (month * 7) % 12 + (40 if category == "Burglary" else 0)


def lines() -> list[str]:
    """The lines of the extract."""
    header = ",".join(["Borough", "Category", *(f"{month.year}{month.month:02d}" for month in months())])
    rows = [
        ",".join([name, category, *(str(count(borough, category, at)) for at in range(24))])
        for borough, name in enumerate(BOROUGHS)
        for category in ("Robbery", "Burglary")
    ]
    return [header, *rows]


def extract(folder: Path, text: list[str] | None = None, name: str = "crime_2009-01.csv") -> Path:
    """The extract in a folder of its own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(text or lines()) + "\n", encoding="utf-8")
    return path


def force(folder: Path) -> Path:
    """The workbook `small.xlsx` in a folder, with the configuration and the extract beside it."""
    configuration(folder / "config")
    extract(folder / "extracts")
    return workbook(folder / "small.xlsx")


def workbook(path: Path, beside: str = "", accepted: tuple[str, ...] = ()) -> Path:
    """A scorecard of one row over an empty table; beside it a note, or a formula that shows 7.

    `accepted`: the headings of a table of accepted findings, with two empty rows from Sign-off!A2 on.
    """
    with xlsxwriter.Workbook(str(path)) as file:
        card, data = file.add_worksheet("Scorecard"), file.add_worksheet("Data")
        date = file.add_format({"num_format": "mmm-yy"})
        card.write_datetime("B1", dt.datetime(2009, 1, 1), date)
        file.define_name("as_of", "=Scorecard!$B$1")
        card.write_row("A3", ["Id", "Target", "Actual", "RAG", "Comment"])
        card.write("A4", "1")
        card.write_number("B4", -0.04)
        card.write_formula("C4", "=CPA_CHANGE(Monthly[Robbery],Monthly[Month],as_of)", None, "")
        card.write_formula("D4", '=CPA_RAG(C4,B4,"lower",0.02,"points")', None, "")
        if beside:
            card.write_formula("E4", beside, None, 7)
        else:
            card.write("E4", "typed by hand")
        data.add_table(
            "A1:C2", {"name": "Monthly", "columns": [{"header": name} for name in ("Month", "Robbery", "Burglary")]}
        )
        data.write_blank("A2", None, date)
        if accepted:
            columns = [{"header": head} for head in accepted]
            file.add_worksheet("Sign-off").add_table(
                0, 0, 2, len(columns) - 1, {"name": "Accepted", "columns": columns}
            )
    return path
