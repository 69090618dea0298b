"""The scorecard as PDF, printed by LibreOffice: tagged, with its title, and only the sheets that are circulated.

LibreOffice prints sparklines without a screen as dots, so that in the copy that it prints they are shapes.
"""

import json
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.drawnsparklines import with_drawn_sparklines
from cpa_xl.errors import Refusal
from cpa_xl.insertion import with_sheet_on_top
from cpa_xl.markup import Edit, Element, set_attribute, splice
from cpa_xl.mentions import Mentions
from cpa_xl.office import Office
from cpa_xl.package import Package, write_whole
from cpa_xl.spec import specification
from cpa_xl.strippeddrawings import strip_drawings
from cpa_xl.strippedparts import strip_headers, strip_hyperlinks
from cpa_xl.stripping import Stripping
from cpa_xl.textsheets import CHANGED, CONTENTS
from cpa_xl.workbook import ClosedWorkbook

_PRINT_AREA = "_xlnm.Print_Area"
HIDDEN = ("hidden", "veryHidden")
# PDF/UA is the standard of PDF that screen readers can read; it implies tags and the document's title in the window.
OPTIONS = {"UseTaggedPDF": "true", "PDFUACompliance": "true"}
FILTER = (
    f"pdf:calc_pdf_Export:{json.dumps({name: {'type': 'boolean', 'value': value} for name, value in OPTIONS.items()})}"
)
IN_BRITISH_ENGLISH = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Setup/L10N">
  <prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-GB</value></prop>
 </item>
</oor:items>
"""  # a profile's settings: the language that the PDF states


def write_pdf(workbook_path: Path, out: Path, catalogue: Catalogue, office: Office) -> None:
    """Print the sheets of a workbook that are circulated. Raises `Refusal` as `make_pdf` and reading it do."""
    workbook = ClosedWorkbook.open(workbook_path)
    spec = specification(catalogue, workbook, workbook_path, reading=True)
    make_pdf(workbook_path, out, office, circulated(workbook, spec))


def circulated(workbook: ClosedWorkbook, spec: WorkbookSpec) -> tuple[str, ...]:
    """The sheets that are printed: the scorecard, contents, what changed, and those in sight that hold no table."""
    data = {table.sheet for table in workbook.tables.values()}
    wanted = {CONTENTS, CHANGED} | ({spec.scorecard.sheet} if spec.scorecard else set())
    return tuple(name for name in _in_sight(workbook.package) if name in wanted or name not in data)


def make_pdf(workbook_path: Path, out: Path, office: Office, sheets: Sequence[str]) -> None:
    """Print these sheets of a workbook into the file `out`, each as its own page settings ask for.

    Raises `Refusal` where no sheet is left, where LibreOffice does not print, or where `out` cannot be written.
    """
    workbook = ClosedWorkbook.open(workbook_path)
    write_whole(out, [pdf(workbook, office, sheets)])


def pdf(workbook: ClosedWorkbook, office: Office, sheets: Sequence[str]) -> bytes:
    """The sheets of a workbook as PDF. Raises `Refusal` as `make_pdf` does."""
    package = with_drawn_sparklines(workbook, sheets)
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        source, target = Path(folder, workbook.path.name).with_suffix(".xlsx"), Path(folder, "out")
        _with_only(package, sheets, workbook.path).save(source)
        settings = Path(folder, "profile/user/registrymodifications.xcu")
        settings.parent.mkdir(parents=True)
        settings.write_text(IN_BRITISH_ENGLISH, encoding="utf-8")
        said = office.run(["--convert-to", FILTER, "--outdir", str(target), str(source)], Path(folder, "profile"))
        printed = target / f"{source.stem}.pdf"
        if not printed.exists():
            why = " ".join(said.split()) or "it gave no reason"
            raise Refusal(f"LibreOffice ({office.program}) did not print {workbook.path}: {why}")
        return printed.read_bytes()


def _sheets(package: Package) -> list[Element]:
    listing = package.root(package.workbook_part).find("sheets")
    return listing.all("sheet") if listing else []


def _in_sight(package: Package) -> list[str]:
    sheets = _sheets(package)
    return [sheet.attributes["name"] for sheet in sheets if sheet.attributes.get("state") not in HIDDEN]


def _with_only(package: Package, sheets: Sequence[str], path: Path) -> Package:
    """The workbook with all other sheets hidden and without print areas: LibreOffice prints hidden areas too."""
    if not set(sheets) & set(_in_sight(package)):
        raise Refusal(
            f"{path}: none of the sheets {', '.join(sheets) or '(none)'} is in sight, so that there is nothing to print"
        )
    part = package.workbook_part
    text = package.text(part)
    others = (sheet for sheet in _sheets(package) if sheet.attributes["name"] not in sheets)
    edits = [edit for sheet in others for edit in set_attribute(text, sheet.start, "state", "hidden")]
    hidden = {str(at) for at, sheet in enumerate(_sheets(package)) if sheet.attributes["name"] not in sheets}
    names = package.root(part).find("definedNames")
    edits += [
        Edit(name.start, name.end, b"")
        for name in (names.all("definedName") if names is not None else ())
        if name.attributes["name"] == _PRINT_AREA and name.attributes.get("localSheetId") in hidden
    ]
    first = next(name for name in _in_sight(package) if name in sheets)
    return _without_places(with_sheet_on_top(package.with_text(part, splice(text, edits)), first), sheets)


def _without_places(package: Package, sheets: Sequence[str]) -> Package:
    """The workbook without links to sheets that are not printed, or to files, and without folders above and below.

    LibreOffice makes each of them the folder in which it prints, which names whoever is at work. The contents list
    the sheets that are printed.
    """
    work = Stripping(package)
    others = {tab.name for tab in work.tabs()} - set(sheets)
    work.package = _with_contents(work.package, others)
    gone = Mentions(others or {"\0"}, {"\0"}).within
    for tab in work.worksheets():
        strip_hyperlinks(work, tab, gone)
        strip_headers(work, tab)
    strip_drawings(work, gone)
    return work.package


def _with_contents(package: Package, others: Collection[str]) -> Package:
    """The workbook whose contents, where it has any, hide the rows that name these sheets."""
    workbook = ClosedWorkbook(package)
    if CONTENTS not in workbook.sheet_names:
        return package
    part, cells = workbook.part_of(CONTENTS), workbook.cells(CONTENTS)
    named = {str(row) for (row, column), cell in cells.items() if column == 1 and cell.value in others}
    rows = [one for one in package.root(part).walk() if one.name == "row" and one.attributes.get("r") in named]
    text = package.text(part)
    edits = [edit for row in rows for edit in set_attribute(text, row.start, "hidden", "1")]
    return package.with_text(part, splice(text, edits))
