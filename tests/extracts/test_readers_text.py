"""Extracts as text: encodings and lines."""

from pathlib import Path

import pytest

from cpa_xl.measures.periods import Month
from tests.support.extract_files import (
    CRIME,
    EVENTS,
    EVENTS_HEAD,
    EVERY,
    SURVEY,
    crime_rows,
    event_rows,
    faults,
    read,
    write,
)

EVERY_FIGURE = {"every": {"title": "Every", "source": "it", "sum": "count"}}


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(tmp_path, CRIME).extracts[0].rows == 12


def in_encoding(folder: Path, encoding: str, text: str) -> Path:
    """The rows of crime with a text in place of one kind, in an encoding."""
    path = write(folder / "crime.csv", crime_rows())
    path.write_bytes(path.read_text(encoding="utf-8").replace("Arson", text).encode(encoding))
    return path


@pytest.mark.parametrize(
    "text", ["Caf\u00e9", "Shop\u2019s till", "Loss over \u00a35", "Theft \u2013 other", "Zo\u00eb"]
)
def test_windows_1252_is_read_where_the_bytes_leave_no_doubt(tmp_path: Path, text: str) -> None:
    in_encoding(tmp_path, "cp1252", text)
    series = {"it": {"title": "It", "source": "it", "sum": "count", "where": f"kind = '{text}'"}}
    facts = read(tmp_path, CRIME, series=series)
    assert facts.extracts[0].note == "read as Windows-1252"
    assert facts.monthly("it") == read(in_encoding(tmp_path, "utf-8", text).parent, CRIME, series=series).monthly("it")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Caf\u00e9", "cp850"),
        ("Over \u00a35", "cp850"),
        ("Shop\u2019s till", "mac-roman"),
        ("\u041a\u0440\u0430\u0436\u0430", "cp1251"),
        ("\u017br\u00f3d\u0142o", "iso-8859-2"),
    ],
)
def test_bytes_that_may_be_another_encoding_are_refused(tmp_path: Path, text: str, encoding: str) -> None:
    path = in_encoding(tmp_path, encoding, text)
    [fault] = faults(tmp_path, CRIME)
    place = next(at for at, byte in enumerate(path.read_bytes(), start=1) if byte > 127)
    assert fault.startswith(f"crime.csv, row 4: byte {place} (0x{path.read_bytes()[place - 1]:02X}) is not UTF-8")


def test_a_source_may_ask_for_utf_8_alone(tmp_path: Path) -> None:
    path = in_encoding(tmp_path, "cp1252", "Caf\u00e9")
    place = path.read_bytes().index(b"\xe9") + 1
    assert faults(tmp_path, {**CRIME, "encoding": "utf-8"}) == [
        f"crime.csv, row 4: byte {place} (0xE9) is not UTF-8; in Windows-1252, which the file seems to be, it is"
        " '\u00e9' (F4). Save it again as CSV UTF-8, or give the source `encoding: windows-1252` in sources.yaml."
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    in_encoding(tmp_path, encoding, "Caf\u00e9")
    facts = read(tmp_path, CRIME, series=EVERY_FIGURE)
    assert facts.extracts[0].note == ("" if encoding == "utf-8-sig" else "read as UTF-16")
    in_encoding(tmp_path, "utf-8", "Caf\u00e9")
    assert facts.monthly("every") == read(tmp_path, CRIME, series=EVERY_FIGURE).monthly("every")


def test_a_file_that_ends_as_in_dos_and_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()])
    (tmp_path / "events.csv").write_bytes((tmp_path / "events.csv").read_bytes() + b"\x81\n\x1a")
    [fault] = faults(tmp_path, EVENTS)
    assert fault == "events.csv, row 18: byte 615 (0x81) is not UTF-8 (F4). Save it again as CSV UTF-8."


def test_a_source_that_says_windows_1252_is_read_so(tmp_path: Path) -> None:
    """In doubt, the definition says which it is."""
    in_encoding(tmp_path, "cp1252", "\u0160\u017e")
    facts = read(tmp_path, {**CRIME, "encoding": "windows-1252"}, series=EVERY_FIGURE)
    assert facts.extracts[0].rows == 12


def test_a_source_that_says_the_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(path.read_bytes() + b"\x81")
    [fault] = faults(tmp_path, {**CRIME, "encoding": "windows-1252"})
    assert fault.startswith("crime.csv: the file is not Windows-1252, which `encoding` in sources.yaml says: ")
    assert fault.endswith("(F4). Correct `encoding`, or save it again as CSV UTF-8.")


def test_utf_16_is_refused_where_the_source_asks_for_utf_8(tmp_path: Path) -> None:
    in_encoding(tmp_path, "utf-16", "Arson")
    assert faults(tmp_path, {**CRIME, "encoding": "utf-8"}) == [
        'crime.csv: the file is UTF-16 ("Unicode text" in Excel), not UTF-8 (F4). Save it again as CSV UTF-8.'
    ]


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "crime.csv", crime_rows())
    path.write_bytes(path.read_bytes() + b"\0\0")
    [fault] = faults(tmp_path, CRIME)
    assert fault == (
        f"crime.csv: byte {path.stat().st_size - 1} is NUL: the file is damaged, or no text (F4)."
        " Save it again as CSV UTF-8."
    )


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04", "this is an Excel workbook (.xlsx), not a CSV file (F4). Save it as CSV UTF-8."),
        (b"\xd0\xcf\x11\xe0", "this is an old or encrypted Excel workbook, not a CSV file (F4). Save it as CSV UTF-8."),
    ],
)
def test_a_workbook_under_a_csv_name_is_refused(tmp_path: Path, start: bytes, what: str) -> None:
    (tmp_path / "crime.csv").write_bytes(start + b"anything")
    assert faults(tmp_path, CRIME) == [f"crime.csv: {what}"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_bytes(b"")
    assert faults(tmp_path, CRIME) == ["crime.csv: the file is empty (F2). Ask for the extract again."]
    (tmp_path / "survey.xlsx").write_bytes(b"")
    assert faults(tmp_path, {**SURVEY, "sheet": "Results"}) == [
        "survey.xlsx: the file is empty (F2). Ask for the extract again."
    ]


def test_a_file_of_blank_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_bytes(b"  \n \n")
    [fault] = faults(tmp_path, CRIME)
    assert fault.startswith("crime.csv: no heading row in the first 21 rows (F5). It must hold ")


def test_headings_without_rows_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", crime_rows()[:1])
    assert faults(tmp_path, CRIME) == [
        "crime.csv, row 1: there is no row below the headings (F2). Ask for the extract again."
    ]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_semicolons_tabs_and_bars_are_read_where_the_headings_fit_wholly(tmp_path: Path, delimiter: str) -> None:
    write(tmp_path / "crime.csv", [delimiter.join(row) for row in crime_rows()])
    assert read(tmp_path, CRIME).extracts[0].rows == 12


def test_other_delimiters_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "crime.csv", ["^".join(row) for row in crime_rows()])
    [fault] = faults(tmp_path, CRIME)
    assert fault.startswith("crime.csv: no heading row in the first 21 rows; the first row holds 'Area^Kind^200811^")


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    """Below a title of several lines, blank lines, and a cell that goes on over three lines."""
    events = event_rows()
    events[3] = events[3].replace("E0004", '"E\n00\n04"')
    lines = [
        "# title",
        "",
        EVENTS_HEAD,
        *events[:2],
        "",
        "",
        *events[2:8],
        "E9999,31/12/2008,South,Theft,2O,N",
        *events[8:],
    ]
    write(tmp_path / "events.csv", lines)
    text = (tmp_path / "events.csv").read_text().splitlines()
    row = text.index("E9999,31/12/2008,South,Theft,2O,N") + 1
    assert row == 16
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 16, column Age: '2O' is not a number: it holds the letter O (V1)."
        " Write digits only: 20, if that is what is meant."
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_in_either_way(tmp_path: Path, end: str) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows(), "", ",,,,,"], end)
    assert read(tmp_path, EVENTS, series=EVERY).monthly("every") == {Month(2008, 12): 8, Month(2009, 1): 8}


def test_lines_that_end_in_both_ways_are_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()], "\r\n")
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n", 5))
    assert read(tmp_path, EVENTS, series=EVERY).monthly("every") == {Month(2008, 12): 8, Month(2009, 1): 8}


def test_old_macintosh_line_ends_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "events.csv", [EVENTS_HEAD, *event_rows()], "\r")
    assert faults(tmp_path, EVENTS) == [
        "events.csv: lines end with a carriage return alone, as on old Macintosh computers (F4)."
        " Save it again as CSV UTF-8."
    ]


@pytest.mark.parametrize("cell", ['"E0002', '"E0002" x'])
def test_quotation_marks_that_do_not_close_are_refused(tmp_path: Path, cell: str) -> None:
    events = event_rows()
    write(tmp_path / "events.csv", [EVENTS_HEAD, events[0], events[1].replace("E0002", cell), *events[2:]])
    assert faults(tmp_path, EVENTS) == [
        "events.csv, row 3: a quotation mark opens that does not close, or closes in the middle of a cell (F4)."
        " Correct it, or save the file again as CSV UTF-8."
    ]


def test_quoted_cells_keep_their_commas(tmp_path: Path) -> None:
    write(
        tmp_path / "events.csv",
        [EVENTS_HEAD, *(",".join(f'"{cell}"' for cell in line.split(",")) for line in event_rows())],
    )
    assert read(tmp_path, EVENTS).extracts[0].rows == 16
