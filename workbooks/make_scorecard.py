"""Makes the template workbooks/cpa_scorecard.xlsx from the configuration: `python run.py workbooks.make_scorecard`.

The template holds formulas without values and tables without rows; `refresh` fills both. Targets are typed cells;
comments begin as formulas that an analyst overtypes.
"""

import datetime as dt
import sys
from pathlib import Path

import xlsxwriter

from cpa_xl.config.load import load
from cpa_xl.config.model import Catalogue, WorkbookSpec
from workbooks.boroughs import write_boroughs, write_picks
from workbooks.comment_facts import FACTS, write_facts
from workbooks.data_sheets import write_table, write_targets
from workbooks.finish import finish
from workbooks.house import HEIGHT_OF_ROW
from workbooks.notes import write_notes
from workbooks.scorecard import AS_OF_CELL, SCORECARD, scorecard_cell, write_scorecard
from workbooks.sign_off import write_sign_off
from workbooks.style import DEFAULT, Book, formats
from workbooks.trends import write_charts

HERE = Path(__file__).resolve().parent
CONFIG = HERE.parent / "config"
MADE = dt.datetime(2009, 2, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # fixed, so that the same script makes the same file
OPTIONS = {
    "default_format_properties": dict(DEFAULT),
    "default_row_height": HEIGHT_OF_ROW,
}
TITLE = "Critical Performance Areas scorecard"


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
    with xlsxwriter.Workbook(str(path), OPTIONS) as file:
        subject = "Performance against targets: rates, letters, comments, trends, boroughs"
        file.set_properties({"title": TITLE, "subject": subject, "author": "cpa_xl", "created": MADE})
        book = Book(file, catalogue, spec, formats(file))
        write_sheets(book)
    typed = [book.formats["typed"], *(look for name, look in book.formats.items() if name.startswith("typed_"))]
    told = [look for name, look in book.formats.items() if name.startswith("instruction")]
    headings = {"Heading 1": [book.formats["title"]], "Heading 2": [book.formats["heading"]]}
    finish(path, {**headings, "Typed": typed, spec.publish.instructions: told})


def write_sheets(book: Book) -> None:
    """Every sheet: the circulated ones in front, then their data."""
    scorecard, trends, boroughs, facts = (
        book.file.add_worksheet(name) for name in (SCORECARD, "Trends", "Boroughs", FACTS)
    )
    write_targets(book)
    for name, table in book.spec.tables.items():
        write_table(book, name, table)
    write_scorecard(book, scorecard, write_facts(book, facts))
    judged = [measure for measure in book.catalogue.measures.values() if measure.figure is not None]
    write_charts(book, trends, {measure.id: scorecard_cell(book, measure, "Chart title") for measure in judged})
    write_boroughs(book, boroughs)
    write_picks(book)
    write_sign_off(book)
    write_notes(book)
    book.file.define_name(book.spec.as_of, f"={SCORECARD}!{AS_OF_CELL}")
    scorecard.activate()


if __name__ == "__main__":
    sys.exit(main())
