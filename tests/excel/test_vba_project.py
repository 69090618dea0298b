"""VBA projects and the compound files around them, read back by oletools and olefile."""

import re
import struct
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.excel.vba_project import Module, ModuleKind, compound_file, compressed, scrambled, vba_project
from tests.support.vbareader import decompressed, modules_of, opened

WORKBOOK = Module("ThisWorkbook", "", ModuleKind.WORKBOOK)
SHEET = Module("Sheet1", "", ModuleKind.WORKSHEET)
CODE = Module("CpaTest", 'Option Explicit\n\nPublic Function Dash() As String\n    Dash = "–"\nEnd Function')


@given(st.lists(st.sampled_from([b"Function ", b"End Sub\r\n", b"a", b"\xff", b"    "]), max_size=3000).map(b"".join))
def test_what_is_compressed_is_modules_of(data: bytes) -> None:
    if data:
        assert decompressed(compressed(data)) == data


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 20_000])
def test_chunks_of_any_size_are_modules_of(size: int) -> None:
    data = (b"Public Function CPA_%d()\r\n" * 1500)[:size]
    packed = compressed(data)
    assert decompressed(packed) == data
    assert len(packed) < max(64, size // 4)


def test_the_example_of_the_specification_takes_as_many_bytes() -> None:
    """[MS-OVBA] 3.2.2: where two earlier runs are as long, it names the farther, and either is right."""
    text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    printed = bytes.fromhex(
        "01 2f b0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6a 01 38 08 61 6b 6c 00 30 6d 6e 6f 70 06 71 02 70"
        " 04 10 72 73 74 75 76 10 77 78 79 7a 00 3c"
    )
    assert decompressed(printed) == decompressed(compressed(text)) == text
    assert len(compressed(text)) == len(printed)


@given(
    st.dictionaries(
        st.from_regex(r"(A|B/|[cC]/)[a-zA-Z0-9_]{1,12}", fullmatch=True),
        st.binary(max_size=9000),
        min_size=1,
        max_size=40,
    )
)
@pytest.mark.slow
def test_streams_are_found_by_any_reader(streams: dict[str, bytes]) -> None:
    by_name = {name.upper(): content for name, content in streams.items()}  # names differ in more than capitals
    with opened(compound_file(by_name)) as file:
        assert not file.parsing_issues
        assert {"/".join(path) for path in file.listdir()} == set(by_name)
        for name, content in by_name.items():
            assert file.openstream(name).read() == content


def test_directories_are_search_trees() -> None:
    """Windows finds a stream by going left or right: shorter names first, then by capitals ([MS-CFB] 2.6.4)."""
    names = ["dir", "_VBA_PROJECT", "CpaServer", "xlwings", "CpaHelp", "Sheet1", "ThisWorkbook", "CpaRibbon", "A"]
    data = compound_file({f"VBA/{name}": b"x" for name in names})
    with opened(data) as file:
        storage = next(entry for entry in file.direntries if entry and entry.name == "VBA")
        seen: list[str] = []

        def walk(place: int) -> None:
            if place == 0xFFFFFFFF:
                return
            entry = file.direntries[place]
            walk(entry.sid_left)
            seen.append(entry.name)
            walk(entry.sid_right)

        walk(storage.sid_child)
    assert seen == sorted(names, key=lambda name: (len(name), name.upper()))


def test_modules_are_read_back_as_written() -> None:
    assert modules_of(vba_project("CpaXl", (1, 2), [WORKBOOK, SHEET, CODE])) == {
        module.name: module.source for module in (WORKBOOK, SHEET, CODE)
    }


def test_documents_carry_what_they_stand_for() -> None:
    lines = WORKBOOK.source.splitlines()
    assert lines[:2] == [
        'Attribute VB_Name = "ThisWorkbook"',
        'Attribute VB_Base = "0{00020819-0000-0000-C000-000000000046}"',
    ]
    assert "Attribute VB_PredeclaredId = True" in lines


def test_a_project_is_the_same_each_time_it_is_written() -> None:
    assert vba_project("CpaXl", (1, 0), [WORKBOOK, CODE]) == vba_project("CpaXl", (1, 0), [WORKBOOK, CODE])


def test_streams_are_those_of_a_project_that_xlwings_ships() -> None:
    """Its add-in was written without Office too, and opens in Excel: the same kinds of records in the same order."""
    spec = find_spec("xlwings")
    assert spec is not None
    assert spec.origin is not None
    with zipfile.ZipFile(Path(spec.origin).parent / "quickstart_addin_ribbon.xlam") as file:
        shipped = opened(file.read("xl/vbaProject.bin"))
    ours = opened(vba_project("CpaXl", (1, 0), [WORKBOOK, SHEET, CODE]))
    for stream in ("PROJECT", "PROJECTwm", "VBA/dir", "VBA/_VBA_PROJECT"):
        assert shipped.exists(stream)
        assert ours.exists(stream)
    assert ours.openstream("VBA/_VBA_PROJECT").read() == shipped.openstream("VBA/_VBA_PROJECT").read()
    kinds = [records(decompressed(file.openstream("VBA/dir").read())) for file in (shipped, ours)]
    references = {0x16, 0x3E, 0x0D, 0x2F, 0x30, 0x33}
    theirs, own = ([kind for kind in found if kind not in references] for found in kinds)
    assert own[: own.index(0x19)] == theirs[: theirs.index(0x19)]  # what stands before the modules
    assert own[own.index(0x19) :] == [0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C, 0x22, 0x2B] * 2 + [
        0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C, 0x21, 0x2B, 0x10,
    ]  # fmt: skip
    assert {tuple(theirs[at : at + 11]) for at in range(len(theirs)) if theirs[at] == 0x19} == {
        (0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C, kind, 0x2B) for kind in (0x21, 0x22)
    }


def records(data: bytes) -> list[int]:
    """The numbers of the records of a dir stream, in order ([MS-OVBA] 2.3.4.2)."""
    found, place = [], 0
    while place < len(data):
        number, size = struct.unpack_from("<HI", data, place)
        found.append(number)
        place += 6 + (6 if number == 0x09 else size)  # PROJECTVERSION says 4 and holds 6
    return found


def plain(hidden: str) -> bytes:
    """What a value of the PROJECT stream hides ([MS-OVBA] 2.4.3.3)."""
    seed, version_hidden, key_hidden, *rest = bytes.fromhex(hidden)
    version, key = seed ^ version_hidden, seed ^ key_hidden
    assert version == 2
    unhidden, last, before_last, out = key, key_hidden, version_hidden, bytearray()
    for byte in rest:
        value = byte ^ ((before_last + unhidden) & 0xFF)
        before_last, last, unhidden = last, byte, value
        out.append(value)
    out = out[(seed & 6) // 2 :]
    (length,) = struct.unpack_from("<I", out)
    assert len(out) == 4 + length
    return bytes(out[4:])


def test_the_project_is_open_to_all() -> None:
    shipped = ("5D5F8AADDAA8DEA8DEA8DEA8DE", "5D5F8AADDAADDBADDBAD", "5D5F8AADDAADDBADDB52")  # of an add-in in use
    assert [plain(hidden) for hidden in shipped] == [bytes(4), b"\0", b"\xff"]
    with opened(vba_project("CpaXl", (1, 0), [WORKBOOK])) as file:
        text = file.openstream("PROJECT").read().decode("cp1252")
    held = dict(re.findall(r'(?m)^(CMG|DPB|GC|ID)="([^"]+)"', text))
    assert [plain(held[key]) for key in ("CMG", "DPB", "GC")] == [bytes(4), b"\0", b"\xff"]
    key = sum(held["ID"].encode()) & 0xFF
    assert int(held["CMG"][:2], 16) ^ int(held["CMG"][4:6], 16) == key  # the key is the project's identifier
    assert scrambled(b"\0", held["ID"]) == held["DPB"]


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([WORKBOOK, CODE, Module("cpatest", "")], "two modules have one name"),
        ([CODE], "no module is the workbook's"),
        ([WORKBOOK, Module("A" * 32, "")], f"'{'A' * 32}' cannot be the name of a stream"),
    ],
)
def test_what_is_no_project_is_not_written(modules: list[Module], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        vba_project("CpaXl", (1, 0), modules)


def test_text_beyond_the_code_page_is_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        vba_project("CpaXl", (1, 0), [WORKBOOK, Module("A", "' ≥")])


def test_files_beyond_the_header_are_not_written() -> None:
    with pytest.raises(ValueError, match="more than 7 MB"):
        compound_file({"A": bytes(7_200_000)})
