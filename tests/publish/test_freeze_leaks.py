"""Freezing gives nothing away: one hidden thing to a workbook, each listed, and gone from every part."""

import datetime as dt
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from cpa_xl.config.model import Publish
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.package import validate
from cpa_xl.publish.freeze.freeze import Frozen, freeze
from cpa_xl.publish.freeze.strip_drawings import bare_picture
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.handmade import PACKAGE, write
from tests.support.leak import SECRET
from tests.support.leaky import LEAKS
from tests.support.leaky_drawings import labelled, on_records, outer_picture, web_add_in
from tests.support.partsmaker import BOARD, OFFICE, Maker
from tests.support.recalculated import changes, recalculated_all
from tests.support.tinypictures import PNG_PLAIN, gif, jpeg, png

CALCULATOR = EmbeddedCalculator(FUNCTIONS)


def frozen(path: Path, setting: Publish | None = None) -> Frozen:
    """The workbook at a path, frozen on 31 January 2009."""
    return freeze(ClosedWorkbook.open(path), setting or Publish(), CALCULATOR, dt.date(2009, 1, 31))


def made(name: str, folder: Path) -> Path:
    """The workbook that hides what is called `name`."""
    maker = Maker()
    LEAKS[name].make(maker)
    path = write(folder / f"{name}.xlsx", maker.content)
    assert _telling(path, LEAKS[name].secret)
    return path


def _telling(path: Path, secret: bytes) -> list[str]:
    """The parts that say it, in their bytes or in their name."""
    spellings = (secret, secret.decode().encode("utf-16-le"))
    return [
        part
        for part, data in _parts(path).items()
        if any(said in data for said in spellings) or secret.decode() in part
    ]


def _parts(path: Path) -> dict[str, bytes]:
    package = ClosedWorkbook.open(path).package
    return {part: package.part(part) for part in package.names}


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_hidden_goes_and_is_listed(name: str, tmp_path: Path) -> None:
    path = made(name, tmp_path)
    before = ClosedWorkbook.open(path)
    done = frozen(path)
    out = tmp_path / "out.xlsx"
    done.workbook.save(out)
    assert _telling(out, LEAKS[name].secret) == []
    assert {str(one) for one in done.removed} == LEAKS[name].listed
    assert validate(done.workbook.package) == ()
    for part, said in LEAKS[name].kept:
        assert said in done.workbook.package.text(part).decode()
    for sheet in done.workbook.sheet_names:
        for place, cell in done.workbook.cells(sheet).items():
            assert cell.value == before.cells(sheet)[place].value
    openpyxl.load_workbook(out).close()


@pytest.mark.office
def test_nothing_changes_in_a_libreoffice_without_the_addin(tmp_path: Path) -> None:
    """Without sparklines that have dates: LibreOffice 25.2 ends when it opens a workbook with one, whoever made it."""
    out = tmp_path / "frozen"
    out.mkdir()
    paths = {name: out / f"{name}.xlsx" for name in LEAKS if name != "sparkline dates"}
    for name, path in paths.items():
        frozen(made(name, tmp_path)).workbook.save(path)
    after = recalculated_all(list(paths.values()), tmp_path)
    found = {name: changes(ClosedWorkbook.open(path), after[path]) for name, path in paths.items()}
    assert {name: cells for name, cells in found.items() if cells} == {}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (labelled, r"chart1\.xml takes its labels from S3CRET!\$A\$1:\$A\$2, which is left out; put them on a sheet"),
        (outer_picture, r"sheet Board shows a picture that is kept elsewhere \(file:///S:/S3CRET\.png\); delete it in"),
        (web_add_in, r"sheet Board holds a web add-in, which carries data or programs of its own; delete it in Excel"),
        (on_records, r"chart1\.xml shows Data!\$B\$2:\$B\$4, which is on Data, a sheet of records; let the chart"),
    ],
)
def test_what_cannot_be_taken_out_is_refused(make: Callable[[Maker], None], said: str, tmp_path: Path) -> None:
    maker = Maker()
    make(maker)
    path = write(tmp_path / "refused.xlsx", maker.content)
    with pytest.raises(Refusal, match=said):
        frozen(path, Publish(records=("Facts",)) if make is on_records else None)


_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_KNOWN = (  # from which part a link leads, its type, and what is listed
    ("xl/workbook.xml", f"{OFFICE}/2006/relationships/attachedToolbars", "toolbar"),
    ("xl/workbook.xml", f"{OFFICE}/2006/relationships/vbaProject", "macros"),
    ("xl/workbook.xml", "connections", "connections to data"),
    ("xl/workbook.xml", f"{_STRICT}/connections", "connections to data"),
    ("xl/workbook.xml", f"{OFFICE}/2011/relationships/powerPivotData", "data model"),
    ("xl/workbook.xml", "volatileDependencies", "values that other programs sent"),
    ("xl/workbook.xml", "revisionHeaders", "history of a shared workbook"),
    ("xl/workbook.xml", "usernames", "users of a shared workbook"),
    ("xl/workbook.xml", f"{OFFICE}/2017/10/relationships/person", "persons who commented"),
    ("xl/workbook.xml", "customXml", "custom data"),
    ("", f"{OFFICE}/2006/relationships/ui/extensibility", "buttons of the ribbon"),
    ("", f"{OFFICE}/2007/relationships/ui/extensibility", "buttons of the ribbon"),
    ("", f"{OFFICE}/2006/relationships/ui/userCustomization", "buttons of the quick access toolbar"),
    ("", f"{OFFICE}/2011/relationships/webextensiontaskpanes", "panes of web add-ins"),
    ("", "custom-properties", "custom properties"),
    ("", f"{PACKAGE}/relationships/metadata/thumbnail", "picture of an earlier state"),
    ("", f"{OFFICE}/2020/02/relationships/classificationlabels", "sensitivity label"),
    (BOARD, "queryTable", "query"),
    (BOARD, f"{OFFICE}/2017/10/relationships/threadedComment", "threads of comments"),
    (BOARD, "customProperty", "properties of a sheet"),
)


@pytest.mark.parametrize(("source", "kind", "said"), _KNOWN)
def test_parts_of_other_programs_go(source: str, kind: str, said: str, tmp_path: Path) -> None:
    """With what they lead to in turn."""
    maker = Maker()
    folder = source.rpartition("/")[0]
    maker.add(f"{folder}/other/S3CRET.xml".lstrip("/"), "<a>S3CRET</a>", "application/xml")
    maker.add(f"{folder}/other/S3CRET.bin".lstrip("/"), b"S3CRET", "application/octet-stream")
    maker.link(source, "rIdS3CRET", kind, "other/S3CRET.xml")
    maker.link(f"{folder}/other/S3CRET.xml".lstrip("/"), "rId1", "http://vendor.example/inner", "S3CRET.bin")
    path = write(tmp_path / "other.xlsx", maker.content)
    done = frozen(path)
    done.workbook.save(path)
    name = "Board" if source == BOARD else f"{folder}/other/S3CRET.xml".lstrip("/")
    assert list(map(str, done.removed)) == [f"{said}: {name}"]
    assert _telling(path, SECRET) == []


def test_what_the_zip_file_remarks_goes(tmp_path: Path) -> None:
    """Extra fields hold who owned a file on the disk (Info-ZIP, 0x7875), and remarks anything."""
    path = tmp_path / "zipped.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.comment = SECRET
        for name, text in Maker().content.items():
            entry = zipfile.ZipInfo(name, (2009, 1, 31, 12, 0, 0))
            entry.comment, entry.extra = SECRET, struct.pack("<HH", 0x7875, len(SECRET)) + SECRET
            file.writestr(entry, text)
    assert SECRET in path.read_bytes()
    frozen(path).workbook.save(path)
    assert SECRET not in path.read_bytes()


def test_pictures_look_the_same() -> None:
    """Each was made with and without remarks."""
    assert bare_picture(jpeg(remarks=True)) == jpeg(remarks=False)
    assert bare_picture(gif(remarks=True)) == gif(remarks=False)
    assert bare_picture(png()) == PNG_PLAIN
    for picture in (jpeg(remarks=False), gif(remarks=False), PNG_PLAIN, b"BM", b""):
        assert bare_picture(picture) == picture
    for damaged in (jpeg(remarks=True)[:30], gif(remarks=True)[:40], png()[:60], jpeg(remarks=True)[:-30]):
        assert bare_picture(damaged) == damaged
