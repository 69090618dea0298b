"""Workbooks in Excel's binary format (.xlsb), written by hand: one sheet of texts and numbers (MS-XLSB, 2.4)."""

import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATION}/{{kind}}" Target="{{target}}"/></Relationships>'
)
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)
# The numbers of records: MS-XLSB, 2.3.2.
_ROW, _NUMBER, _TEXT, _SHEET, _BEGIN_SHEETS, _END_SHEETS = 0, 5, 6, 156, 143, 144
_BEGIN_DATA, _END_DATA, _SIZE, _END_BOOK = 145, 146, 148, 132


def write_xlsb(path: Path, rows: Iterable[Iterable[str | float | None]], name: str = "Data") -> Path:
    """An .xlsb file with one sheet."""
    book = _record(_BEGIN_SHEETS) + _record(_SHEET, struct.pack("<II", 0, 1) + _text("rId1") + _text(name))
    held = [list(row) for row in rows]
    size = struct.pack("<4I", 0, len(held) - 1, 0, max(map(len, held)) - 1)
    sheet = _record(_SIZE, size) + _record(_BEGIN_DATA)
    for number, row in enumerate(held):
        sheet += _record(_ROW, struct.pack("<II", number, 0) + bytes(9))
        for column, value in enumerate(row):
            at = struct.pack("<II", column, 0)
            if isinstance(value, str):
                sheet += _record(_TEXT, at + _text(value))
            elif value is not None:
                sheet += _record(_NUMBER, at + struct.pack("<d", value))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="xl/workbook.bin"))
        archive.writestr("xl/workbook.bin", book + _record(_END_SHEETS) + _record(_END_BOOK))
        archive.writestr(
            "xl/_rels/workbook.bin.rels", _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.bin")
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet + _record(_END_DATA))
    return path


def _record(number: int, data: bytes = b"") -> bytes:
    """A record: its number and the length of its data, seven bits a byte, and the data."""
    return _seven_bits(number) + _seven_bits(len(data)) + data


def _seven_bits(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
