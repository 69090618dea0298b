"""The parts of a workbook file: read, patched with every other byte in its place, compared, checked."""

import io
import zipfile
from pathlib import Path

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import Package, PartChange, PartDifference, compare, validate
from tests.support import handmade


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return handmade.write(tmp_path / "book.xlsx", handmade.parts())


def raw_members(path: Path) -> dict[str, bytes]:
    """The compressed bytes of each member, found through the standard library's own reading."""
    content = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        infos = file.infolist()
    result = {}
    for info in infos:
        lengths = content[info.header_offset + 26 : info.header_offset + 30]
        begin = info.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        result[info.filename] = content[begin : begin + info.compress_size]
    return result


def test_only_the_changed_member_is_compressed_anew(book: Path, tmp_path: Path) -> None:
    package = Package.read(book)
    new = package.part("xl/workbook.xml").replace(b"Board", b"Card")
    target = tmp_path / "new.xlsx"
    package.with_part("xl/workbook.xml", new).save(target)
    before, after = raw_members(book), raw_members(target)
    assert list(after) == list(before)
    assert [name for name in before if before[name] != after[name]] == ["xl/workbook.xml"]
    with zipfile.ZipFile(target) as file:
        assert file.testzip() is None
        assert file.read("xl/workbook.xml") == new
        assert {info.date_time for info in file.infolist()} == {(2009, 1, 31, 12, 0, 0)}


def test_the_same_parts_make_the_same_file_each_time(book: Path, tmp_path: Path) -> None:
    package = Package.read(book)
    changed = package.with_part("xl/workbook.xml", package.part("xl/workbook.xml").replace(b"Board", b"Card"))
    changed.save(tmp_path / "one.xlsx")
    Package.read(tmp_path / "one.xlsx").save(tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_part_given_its_own_bytes_changes_nothing(book: Path) -> None:
    package = Package.read(book)
    assert package.with_part("xl/workbook.xml", package.part("xl/workbook.xml")) is package


def test_members_written_as_a_stream_are_kept(tmp_path: Path) -> None:
    stream = io.BytesIO()

    class Unseekable(io.RawIOBase):
        """A pipe: the zip file cannot go back to fill in sizes, so it writes them behind the data."""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return stream.write(bytes(memoryview(data)))  # type: ignore[arg-type]  # the base class says object

    with zipfile.ZipFile(Unseekable(), "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in handmade.parts().items():
            file.writestr(name, text)
    book = tmp_path / "stream.xlsx"
    book.write_bytes(stream.getvalue())
    Package.read(book).with_part("xl/styles.xml", handmade.STYLES.replace("17", "14").encode()).save(
        tmp_path / "b.xlsx"
    )
    before, after = raw_members(book), raw_members(tmp_path / "b.xlsx")
    assert [name for name in before if before[name] != after[name]] == ["xl/styles.xml"]
    with zipfile.ZipFile(tmp_path / "b.xlsx") as result:
        assert result.testzip() is None


def test_compare_names_what_changed_came_and_went(book: Path, tmp_path: Path) -> None:
    content = handmade.parts(book=handmade.workbook().replace("Board", "Cards"))
    del content["xl/styles.xml"]
    content["docProps/app.xml"] = "<Properties/>"
    other = handmade.write(tmp_path / "other.xlsx", content)
    assert compare(book, other) == (
        PartDifference("docProps/app.xml", PartChange.ADDED),
        PartDifference("xl/styles.xml", PartChange.REMOVED),
        PartDifference("xl/workbook.xml", PartChange.CHANGED),
    )
    assert compare(book, book) == ()


def test_parts_are_found_whatever_their_case(tmp_path: Path) -> None:
    content = handmade.parts()
    content["XL/Workbook.xml"] = content.pop("xl/workbook.xml")
    package = Package.read(handmade.write(tmp_path / "case.xlsx", content))
    assert package.part("/xl/workbook.XML") == handmade.workbook().encode()
    assert "xl/WORKBOOK.xml" in package
    assert "xl/nothing.xml" not in package


REFUSED = {
    "text.xlsx": (b"Month;Count\n", "is not a workbook: an .xlsx or .xlsm file is a zip file, and this is not"),
    "locked.xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "is encrypted; open it in Excel, remove the password and save it again",
    ),
    "old.xls": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
        "is a workbook of the old .xls kind; save it in Excel as .xlsx or .xlsm",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_of_other_kinds_are_refused(name: str, tmp_path: Path) -> None:
    content, message = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refusal:
        Package.read(tmp_path / name)
    assert str(refusal.value).startswith(f"{tmp_path / name} {message}")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"none\.xlsx cannot be read: No such file or directory$"):
        Package.read(tmp_path / "none.xlsx")


def test_a_zip_without_a_workbook_is_refused(tmp_path: Path) -> None:
    path = handmade.write(tmp_path / "zip.xlsx", {"a.txt": "a"})
    with pytest.raises(Refusal, match=r"is a zip file, but not a workbook: it lacks \[Content_Types\]\.xml$"):
        Package.read(path)
    content = handmade.parts()
    del content["xl/workbook.xml"]
    with pytest.raises(Refusal, match=r"is a zip file, but not a workbook: it lacks a workbook part$"):
        Package.read(handmade.write(tmp_path / "empty.xlsx", content))


def test_binary_workbooks_and_documents_are_refused(tmp_path: Path) -> None:
    def typed(kind: str) -> Path:
        content = handmade.parts()
        content["[Content_Types].xml"] = handmade.content_types(("/xl/workbook.xml", kind))
        return handmade.write(tmp_path / "typed.xlsx", content)

    with pytest.raises(Refusal, match=r"is a binary workbook \(\.xlsb\); save it in Excel as \.xlsx or \.xlsm$"):
        Package.read(typed("application/vnd.ms-excel.sheet.binary.macroEnabled.main"))
    with pytest.raises(Refusal, match=r"is not a workbook: its main part is of the type word$"):
        Package.read(typed("word"))
    assert (
        Package.read(typed("application/vnd.ms-excel.sheet.macroEnabled.main+xml")).workbook_part == "xl/workbook.xml"
    )


def test_a_damaged_part_is_refused_by_name(book: Path) -> None:
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as file:
        info = file.getinfo("xl/workbook.xml")
    content[info.header_offset + 30 + len(info.filename) + 40] ^= 0xFF
    book.write_bytes(bytes(content))
    with pytest.raises(Refusal, match=r"book\.xlsx: part xl/workbook\.xml is damaged"):
        Package.read(book).part("xl/workbook.xml")


def test_two_parts_of_one_name_are_refused(book: Path) -> None:
    with zipfile.ZipFile(book, "a") as file:
        file.writestr("XL/Workbook.xml", b"<workbook/>")
    with pytest.raises(Refusal, match=r"book\.xlsx is damaged: it holds two parts of the same name$"):
        Package.read(book)


def test_a_part_packed_in_another_way_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in handmade.parts().items():
            file.writestr(name, content, zipfile.ZIP_BZIP2 if name == "xl/styles.xml" else zipfile.ZIP_DEFLATED)
    message = r"book\.xlsx: part xl/styles\.xml is encrypted or compressed in a way Excel does not use$"
    with pytest.raises(Refusal, match=message):
        Package.read(path).part("xl/styles.xml")


def test_a_part_beyond_any_bound_is_not_unpacked(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package.read(book)
    size = len(package.part("xl/worksheets/sheet1.xml"))
    monkeypatch.setattr("cpa_xl.ooxml.zip.LARGEST_PART", 500)
    message = rf"book\.xlsx: part xl/worksheets/sheet1\.xml says it holds {size:,} bytes; the limit is 500$"
    with pytest.raises(Refusal, match=message):
        package.part("xl/worksheets/sheet1.xml")


def test_a_file_too_large_for_excel_is_not_written(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpa_xl.ooxml.zip._LARGEST_ARCHIVE", 1_000)
    target = book.with_name("new.xlsx")
    with pytest.raises(Refusal, match=r"the workbook would be larger than 4 GB; Excel could not open it$"):
        Package.read(book).save(target)
    assert not target.exists()


def test_text_that_is_not_in_its_encoding_is_refused_by_part(tmp_path: Path) -> None:
    torn = b"\xff\xfe" + handmade.workbook().encode("utf-16-le") + b"<"
    package = Package.read(handmade.write(tmp_path / "book.xlsx", handmade.parts(board=torn)))
    message = r"book\.xlsx, part xl/worksheets/sheet2\.xml: not the utf-16-le text it says it is: "
    with pytest.raises(Refusal, match=message):
        package.text("xl/worksheets/sheet2.xml")


def test_a_signed_package_is_read_but_never_changed(tmp_path: Path) -> None:
    content = handmade.parts()
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    link = f'<Relationship Id="rId2" Type="{kind}" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    content["_rels/.rels"] = str(content["_rels/.rels"]).replace("</Relationships>", link)
    package = Package.read(handmade.write(tmp_path / "signed.xlsx", content))
    assert package.with_part("xl/styles.xml", handmade.STYLES.encode()) is package
    with pytest.raises(Refusal, match="is digitally signed, and any change breaks the signature; remove the signature"):
        package.with_part("xl/styles.xml", b"<styleSheet/>")


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><workbook>&b;</workbook>'
    package = Package.read(handmade.write(tmp_path / "bomb.xlsx", handmade.parts(book=bomb)))
    with pytest.raises(Refusal, match=r"part xl/workbook\.xml: it has a document type"):
        package.root("xl/workbook.xml")


def test_a_part_says_no_more_than_its_header_promises(book: Path) -> None:
    content = book.read_bytes()
    with zipfile.ZipFile(book) as file:
        size = file.getinfo("xl/styles.xml").file_size
    book.write_bytes(content.replace(size.to_bytes(4, "little"), (size - 1).to_bytes(4, "little")))
    with pytest.raises(Refusal, match=r"part xl/styles\.xml is damaged: its checksum does not match"):
        Package.read(book).part("xl/styles.xml")


# Faults, each put into a sound workbook by hand.


def faults(tmp_path: Path, content: dict[str, str | bytes]) -> tuple[str, ...]:
    return validate(Package.read(handmade.write(tmp_path / "faulty.xlsx", content)))


def test_a_sound_workbook_has_no_fault(book: Path) -> None:
    assert validate(Package.read(book)) == ()


SHEET_FAULTS = {
    "rows descend": (
        handmade.ROWS + '<row r="2"/>',
        "part xl/worksheets/sheet1.xml: row 2 comes after row 4",
    ),
    "cells descend": (
        handmade.ROWS + '<row r="5"><c r="B5"/><c r="A5"/></row>',
        "part xl/worksheets/sheet1.xml: cell A5 in row 5 is out of order",
    ),
    "cell twice": (
        handmade.ROWS + '<row r="5"><c r="B5"/><c r="B5"/></row>',
        "part xl/worksheets/sheet1.xml: cell B5 in row 5 is out of order",
    ),
    "cell in another row": (
        handmade.ROWS + '<row r="5"><c r="B6"/></row>',
        "part xl/worksheets/sheet1.xml: cell B6 in row 5 is out of order",
    ),
    "shared formula without master": (
        handmade.ROWS + '<row r="5"><c r="B5"><f t="shared" si="3"/></c></row>',
        "part xl/worksheets/sheet1.xml: cell B5 shares formula 3, which nothing defines",
    ),
    "header": (
        handmade.ROWS.replace("Count</t>", "Counts</t>"),
        "table Facts: header B1 shows 'Counts' for column 'Count'",
    ),
}


@pytest.mark.parametrize("case", SHEET_FAULTS)
def test_faults_of_a_sheet_are_found(case: str, tmp_path: Path) -> None:
    rows, fault = SHEET_FAULTS[case]
    assert faults(tmp_path, handmade.parts(data=handmade.sheet(rows))) == (fault,)


def test_faults_of_a_table_are_found(tmp_path: Path) -> None:
    assert faults(tmp_path, handmade.parts(facts=handmade.table("A1:D4"))) == ("table Facts has 3 columns in A1:D4",)
    assert faults(tmp_path, handmade.parts(facts=handmade.table("A1:C1"))) == ("table Facts has no row in A1:C1",)
    named = handmade.workbook('<definedName name="FACTS">Data!$A$1</definedName>')
    assert faults(tmp_path, handmade.parts(book=named)) == ("table Facts has a name that is taken",)
    unlisted = handmade.sheet(tables=0)
    assert faults(tmp_path, handmade.parts(data=unlisted)) == (
        "part xl/worksheets/sheet1.xml lists 0 tables and has links to 1",
    )


def test_faults_of_links_are_found(tmp_path: Path) -> None:
    lost = handmade.parts() | {"xl/worksheets/_rels/sheet9.xml.rels": handmade.links()}
    assert faults(tmp_path, lost) == (
        "part xl/worksheets/_rels/sheet9.xml.rels holds links of a part that is not there",
    )
    twice = handmade.parts()
    table = ("rId1", "table", "../tables/table1.xml")
    twice["xl/worksheets/_rels/sheet1.xml.rels"] = handmade.links(table, table)
    assert "part xl/worksheets/_rels/sheet1.xml.rels holds two links rId1" in faults(tmp_path, twice)
    third = handmade.workbook().replace("</sheets>", '<sheet name="Third" sheetId="3" r:id="rId9"/></sheets>')
    assert faults(tmp_path, handmade.parts(book=third)) == ("sheet Third has no part",)


def test_two_tables_are_told_apart(tmp_path: Path) -> None:
    content = handmade.parts(data=handmade.sheet().replace("</tableParts>", '<tablePart r:id="rId2"/></tableParts>'))
    content["xl/worksheets/_rels/sheet1.xml.rels"] = handmade.links(
        ("rId1", "table", "../tables/table1.xml"), ("rId2", "table", "../tables/table2.xml")
    )
    content["xl/tables/table2.xml"] = handmade.table()
    assert faults(tmp_path, content) == (
        "tables Facts and Facts overlap",
        "table Facts has the number 1, which another table has",
        "table Facts has a name that is taken",
    )


def test_faults_of_links_and_types_are_found(tmp_path: Path) -> None:
    content = handmade.parts()
    del content["xl/styles.xml"]
    content["picture.gif"] = b"GIF"
    assert faults(tmp_path, content) == (
        "part picture.gif has no content type",
        "the content types name a part xl/styles.xml, which is not there",
        "part xl/_rels/workbook.xml.rels leads to xl/styles.xml, which is not there",
    )


def test_ill_formed_parts_are_found(tmp_path: Path) -> None:
    found = faults(tmp_path, handmade.parts(board="<worksheet><sheetData></worksheet>"))
    assert found == ("part xl/worksheets/sheet2.xml: not well-formed XML: mismatched tag: line 1, column 24",)


def test_a_calculation_chain_that_names_a_constant_is_found(tmp_path: Path) -> None:
    chain = f'<calcChain xmlns="{handmade.MAIN}"><c r="C2" i="1"/><c r="B2"/><c r="B1" i="2"/></calcChain>'
    content = handmade.with_part(
        handmade.parts(), "xl/calcChain.xml", chain, f"{handmade.SHEET}.calcChain+xml", "calcChain"
    )
    assert faults(tmp_path, content) == ("the calculation chain names B2 on sheet 1, which holds no formula",)


# Saving.


def test_a_new_fault_stops_the_save_and_leaves_what_was_there(book: Path) -> None:
    before = book.read_bytes()
    package = Package.read(book)
    broken = package.with_part("xl/worksheets/sheet1.xml", handmade.sheet(handmade.ROWS + '<row r="2"/>').encode())
    with pytest.raises(Refusal, match=r"would be damaged, so nothing is written: part .*: row 2 comes after row 4$"):
        broken.save(book)
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == ["book.xlsx"]


def test_a_fault_that_was_there_before_does_not_stop_the_save(tmp_path: Path) -> None:
    path = handmade.write(tmp_path / "b.xlsx", handmade.parts(data=handmade.sheet(handmade.ROWS + '<row r="2"/>')))
    package = Package.read(path)
    package.with_part("xl/styles.xml", handmade.STYLES.replace("17", "14").encode()).save(path)
    assert Package.read(path).part("xl/styles.xml") == handmade.STYLES.replace("17", "14").encode()


def test_a_folder_that_is_not_there_is_refused(book: Path, tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"new\.xlsx cannot be written: No such file or directory; what was there is unch"
    ):
        Package.read(book).save(tmp_path / "nowhere" / "new.xlsx")


def test_a_failed_move_leaves_no_file_behind(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = book.read_bytes()

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "it is in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(Refusal, match=r"book\.xlsx cannot be written: it is in use; what was there is unchanged"):
        Package.read(book).save(book)
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == ["book.xlsx"]
