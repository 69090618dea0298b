"""Open data through the same way as any extract: recorded crime of the 32 boroughs, 2008 to 2016.

Expected values: golden/vectors.md, worked out from the open file outside this project. The file is the Metropolitan
Police Service's, published on the London Datastore under the Open Government Licence.
"""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet

from cpa_xl.cli.main import main

SOURCES = """
sources:
  crime:
    title: MPS borough level crime, historic
    files: MPS_Borough_Level_Crime_Historic_2008-2016.csv
    shape: wide
    months: yyyymm
    columns:
      borough: {header: Borough, type: area}
      major: {header: Major Category, type: text}
      minor: {header: Minor Category, type: text}
    area: borough
    areas: london_boroughs
    keys: [borough, major, minor]
"""
MEASURES = """
series:
  burglary: {title: Burglary, source: crime, sum: count, where: "minor = 'Burglary in a Dwelling'"}
  robbery: {title: Robbery, source: crime, sum: count, where: "major = 'Robbery'"}
  vehicles: {title: Vehicles, source: crime, sum: count,
             where: "minor in ('Theft/Taking Of Motor Vehicle', 'Theft From Motor Vehicle')"}
  sac: {title: SAC, of: [burglary, robbery, vehicles]}
measures: []
"""
WORKBOOKS = """
workbooks:
  open:
    file: open.xlsx
    as_of: as_of
    tables:
      Monthly: {rows: months, key: Month, series: [burglary, robbery, vehicles, sac]}
      Areas: {rows: areas, key: Month, area: Borough, series: [robbery]}
"""
SERIES = ("Burglary", "Robbery", "Vehicles", "SAC")
PERIODS = (
    ("2008-12", "RY"),
    ("2009-01", "RY"),
    ("2009-03", "RY"),
    ("2009-12", "RY"),
    ("2010-01", "RY"),
    ("2009-01", "YTD"),
)

# golden/vectors.md: RY to Dec-08, Jan-09, Mar-09, Dec-09, Jan-10, and April to January 2008/09.
TOTALS = {
    "Burglary": (58_620, 58_956, 59_176, 62_160, 61_069, 48_848),
    "Robbery": (32_964, 32_644, 32_554, 32_715, 32_658, 27_043),
    "Vehicles": (112_159, 110_401, 107_599, 99_310, 98_113, 91_111),
    "SAC": (203_743, 202_001, 199_329, 194_185, 191_840, 167_002),
}
# Change of the year to Jan-10 on the year to Jan-09, printed in per cent, from the same page.
CHANGES = {"Burglary": "3.58", "Vehicles": "-11.13", "SAC": "-5.03"}
BOROUGHS = {"Hackney": 1_114, "Westminster": 1_800, "Richmond upon Thames": 223}


def make_workbook(path: Path) -> None:
    """A sheet of formulas over the tables Monthly and Areas, as an analyst would write them."""
    with xlsxwriter.Workbook(str(path)) as file:
        sheet, monthly, areas = (file.add_worksheet(name) for name in ("Figures", "Monthly", "Areas"))
        sheet.write_datetime("A1", dt.datetime(2010, 1, 1), file.add_format({"num_format": "mmm-yy"}))
        file.define_name("as_of", "=Figures!$A$1")
        for row, name in enumerate(SERIES, start=2):
            for column, (month, basis) in enumerate(PERIODS, start=1):
                text = f'=CPA_SUM(Monthly[{name}],Monthly[Month],"{month}","{basis}")'
                sheet.write_formula(row, column, text, None, "")
            sheet.write_formula(row, 8, f"=CPA_CHANGE(Monthly[{name}],Monthly[Month],as_of)", None, "")
            sheet.write_formula(row, 9, f"=CPA_CHANGE_VOLUME(Monthly[{name}],Monthly[Month],as_of)", None, "")
        for row, name in enumerate(BOROUGHS, start=7):
            # Twelve months of one borough with an ordinary function: the change is checked with ours above.
            year = 'Areas[Month],">="&DATE(2008,2,1),Areas[Month],"<="&DATE(2009,1,1)'
            text = f'=SUMIFS(Areas[Robbery],Areas[Borough],"{name}",{year})'
            sheet.write_formula(row, 1, text, None, "")
        headings = [{"header": name} for name in ("Month", *SERIES)]
        monthly.add_table("A1:E2", {"name": "Monthly", "columns": headings})
        areas.add_table("A1:C2", {"name": "Areas", "columns": [{"header": n} for n in ("Month", "Borough", "Robbery")]})


@pytest.fixture(scope="module")
def figures(golden: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    """The sheet of figures after a refresh from the open file where it lies."""
    folder = tmp_path_factory.mktemp("open")
    for name, text in {"sources": SOURCES, "measures": MEASURES, "workbooks": WORKBOOKS}.items():
        (folder / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    (folder / "areas.yaml").write_text((root / "config/areas.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    make_workbook(folder / "open.xlsx")
    arguments = ["refresh", folder / "open.xlsx", "--extracts", golden / "data", "--config", folder]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return openpyxl.load_workbook(folder / "open.xlsx", data_only=True)["Figures"]


def test_totals_of_rolling_years_and_the_year_to_date(figures: Worksheet) -> None:
    read = {
        name: tuple(figures.cell(row, column).value for column in range(2, 8))
        for row, name in enumerate(SERIES, start=3)
    }
    assert read == TOTALS


def test_changes_on_the_year_before(figures: Worksheet) -> None:
    rows = {name: row for row, name in enumerate(SERIES, start=3)}
    for name, printed in CHANGES.items():
        change = figures.cell(rows[name], 9).value
        assert isinstance(change, float)
        assert f"{change * 100:.2f}" == printed
    assert figures.cell(rows["Burglary"], 10).value == 2_113


def test_robberies_of_single_boroughs(figures: Worksheet) -> None:
    assert {name: figures.cell(row, 2).value for row, name in enumerate(BOROUGHS, start=8)} == BOROUGHS
