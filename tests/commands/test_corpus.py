"""Workbooks with everything that teams put into them: attached, refreshed twice, detached, none damaged."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cpa_xl.commands.attach import detach
from cpa_xl.config.model import Catalogue
from cpa_xl.ooxml.package import Package
from tests.support import features, judging
from tests.support.programs import python

pytestmark = pytest.mark.slow  # sixty workbooks, each refreshed twice

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NEVER_CALCULATED = {
    "formulas_never_calculated",
    "table",
    "tables_on_two_sheets",
}  # XlsxWriter leaves 0 in their formulas


def judged(path: Path, force: tuple[Catalogue, Path], desk: Path) -> judging.Verdict:
    desk.mkdir()
    return judging.judge(path, *force, desk)


@pytest.mark.parametrize("name", features.FEATURES)
def test_nothing_of_a_workbook_is_lost(name: str, force: tuple[Catalogue, Path], tmp_path: Path) -> None:
    book = features.write(name, tmp_path / name)
    assert judged(book, force, tmp_path / "desk") == judging.Verdict(
        book, judging.Fate.EDITED, calculated=name in NEVER_CALCULATED
    )


def replaced(part: str, old: bytes, new: bytes) -> Callable[[Package], Package]:
    """The part with the first place that holds `old` changed."""

    def change(package: Package) -> Package:
        text = package.part(part)
        assert old in text
        return package.with_part(part, text.replace(old, new, 1))

    return change


def prefixed(package: Package) -> Package:
    """Every element of the workbook part under a prefix, as some libraries write it."""
    text = package.part("xl/workbook.xml").replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
    return package.with_part("xl/workbook.xml", text.replace(b' xmlns="', b' xmlns:x="', 1))


def in_utf16(package: Package) -> Package:
    text = package.part("xl/workbook.xml").decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return package.with_part("xl/workbook.xml", text.encode("utf-16"))


def types_one_by_one(package: Package) -> Package:
    """The content type of each part of links stated by itself, as LibreOffice wrote it for years."""
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    text = package.part("[Content_Types].xml").decode()
    text = text.replace(f'<Default Extension="rels" ContentType="{rels}"/>', "")
    for name in package.names:
        if name.endswith(".rels"):
            text = text.replace("</Types>", f'<Override PartName="/{name}" ContentType="{rels}"/></Types>')
    return package.with_part("[Content_Types].xml", text.encode())


def strict(package: Package) -> Package:
    """The namespaces of strict Open XML in the workbook and its first sheet."""
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"):
        text = package.part(part).replace(MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        old = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        text = text.replace(old, b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        package = package.with_part(part, text)
    return package


SHEETS_END = b"</sheets>"
VARIANTS: dict[str, Callable[[Package], Package]] = {
    "an empty list of names": replaced("xl/workbook.xml", SHEETS_END, SHEETS_END + b"<definedNames />"),
    "an empty list of names with room": replaced(
        "xl/workbook.xml", SHEETS_END, SHEETS_END + b"<definedNames>\r\n  </definedNames>"
    ),
    "names in a list": replaced(
        "xl/workbook.xml",
        SHEETS_END,
        SHEETS_END + b"<definedNames><definedName name='a'>1</definedName></definedNames>",
    ),
    "no count of formats": replaced("xl/styles.xml", b'<cellXfs count="1">', b"<cellXfs>"),
    "a wrong count of formats": replaced("xl/styles.xml", b'<cellXfs count="1">', b"<cellXfs count='9' >"),
    "an active tab that is not there": replaced("xl/workbook.xml", b'windowHeight="9660"', b'activeTab="1"'),
    "no relationship prefix at the top": replaced(
        "xl/workbook.xml",
        b'<sheet name="Figures"',
        b'<sheet xmlns:q="urn:none" name="Figures"',
    ),
    "an empty list that calculation follows": replaced("xl/workbook.xml", SHEETS_END, b"</sheets ><definedNames/>"),
    "line ends": replaced("[Content_Types].xml", b"</Types>", b"\r\n</Types>\r\n"),
    "an element prefix": prefixed,
    "another encoding": in_utf16,
    "content types one by one": types_one_by_one,
    "strict Open XML": strict,
    "one more format like ours": replaced(
        "xl/styles.xml", b"</cellXfs>", b'<xf numFmtId="17" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_ways_to_write_a_workbook(name: str, force: tuple[Catalogue, Path], tmp_path: Path) -> None:
    plain, book = features.write("plain", tmp_path / "plain"), tmp_path / "variant.xlsx"
    VARIANTS[name](Package.read(plain)).save(book)
    assert judged(book, force, tmp_path / "desk") == judging.Verdict(book, judging.Fate.EDITED)


def corpus(root: Path, *arguments: str, folder: str = "") -> "subprocess.CompletedProcess[str]":
    """The run over a folder, as one starts it."""
    return python("-m", "benchmarks.corpus", *arguments, folder=root, variables={"CPA_XL_CORPUS": folder})


def test_a_folder_is_judged_as_a_whole(root: Path, tmp_path: Path) -> None:
    features.write("plain", tmp_path / "plain")
    (tmp_path / "deeper").mkdir()
    features.write("macros", tmp_path / "deeper/macros")
    (tmp_path / "~$gone.xlsx").write_bytes(b"left by Excel")
    for name in ("broken", "torn"):
        (tmp_path / f"{name}.xlsx").write_bytes(b"PK")
    result = corpus(root, folder=str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "refused: broken.xlsx: " in result.stdout
    assert "| 4 workbooks | |" in result.stdout
    for row in ("| edited | 2 |", "| refused | 2 |", "| damaged | 0 |"):
        assert row in result.stdout
    assert "| refused: is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not" in result.stdout
    assert result.stdout.endswith(" | 2 |\n")  # the reason is counted, whatever the file is called
    again = corpus(root, str(tmp_path / "deeper"), "--jobs", "2")
    assert "| 1 workbooks | |\n|---|---|\n| edited | 1 |" in again.stdout


def test_a_run_without_workbooks_says_what_is_missing(root: Path, tmp_path: Path) -> None:
    said = {
        (): "name a folder of workbooks, or set CPA_XL_CORPUS to one",
        (str(tmp_path),): f"{tmp_path} holds no workbooks: no .xlsx or .xlsm file is in it",
        (str(tmp_path / "none"),): f"{tmp_path / 'none'} holds no workbooks: it is no folder",
    }
    for arguments, message in said.items():
        result = corpus(root, *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.endswith(f"error: {message}\n")


def test_a_workbook_that_takes_too_much_is_given_up(root: Path, tmp_path: Path) -> None:
    """All others are judged too; a new child process replaces one that was ended."""
    for name in ("one", "two"):
        features.write("plain", tmp_path / name)
    slow = corpus(root, str(tmp_path), "--seconds", "0.001")
    assert slow.returncode == 1
    for name in ("one", "two"):
        assert f"{judging.Fate.STOPPED.value}: {name}.xlsx: it took more than 0.001 seconds" in slow.stdout
    assert "| not judged: too much time or memory | 2 |" in slow.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to a bound on memory")
def test_a_workbook_that_unpacks_to_too_much_is_given_up(root: Path, tmp_path: Path) -> None:
    book = features.write("plain", tmp_path / "plain")
    blown = tmp_path / "blown.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(blown, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name == "xl/styles.xml":
                with new.open(name, "w", force_zip64=True) as part:
                    for _ in range(800):
                        part.write(b" " * 10**6)
            else:
                new.writestr(name, old.read(name))
    result = corpus(root, str(tmp_path), "--memory", "1000")
    assert result.returncode == 1
    assert f"{judging.Fate.STOPPED.value}: blown.xlsx: it took more memory than is allowed" in result.stdout
    assert "| edited | 1 |" in result.stdout


Parts = dict[str, bytes]


def test_damage_is_seen(force: tuple[Catalogue, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A detach that leaves a byte of its own behind, and one that loses a part."""
    book = features.write("properties", tmp_path / "book")

    def careless(name: str, change: Callable[[Parts], Parts]) -> judging.Verdict:
        def detach_badly(path: Path, *, out: Path) -> None:
            detach(path, out=out)
            parts = change(judging.parts_of(out))
            with zipfile.ZipFile(out, "w") as file:
                for part, data in parts.items():
                    file.writestr(part, data)

        with monkeypatch.context() as patch:
            patch.setattr("tests.support.judging.detach", detach_badly)
            return judged(book, force, tmp_path / name)

    added = careless("added", lambda parts: {**parts, "xl/styles.xml": parts["xl/styles.xml"] + b" "})
    lost = careless("lost", lambda parts: {name: data for name, data in parts.items() if "core" not in name})
    for verdict in (added, lost):
        assert (verdict.fate, verdict.reason) == (judging.Fate.DAMAGED, "detach gives other parts back")
