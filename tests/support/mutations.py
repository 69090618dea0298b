"""What can be wrong with a workbook's file: the same faults, in the same order, whenever they are made.

A fault is a name and the bytes of a file that has it; each family holds every kind of fault once.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping

Parts = Mapping[str, bytes]
Fault = tuple[str, bytes]

SHEET, BOOK, TABLE = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/tables/table1.xml"
WORKBOOK_LINKS = "xl/_rels/workbook.xml.rels"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODD = ("", "-1", "99999999999999999999", "abc", "1.5", "ZZZZ9", "#REF!", "nan", "1e400", "1:1", "٣")
_TRANSITIONAL = b"http://schemas.openxmlformats.org/"
_TAG = re.compile(rb"<([A-Za-z][\w:.]*)[^<>]*>")
_ATTRIBUTE = re.compile(rb'\s([\w:]+)="[^"]*"')
_CELLS = {
    "an array over the whole sheet": '<c r="A900"><f t="array" ref="A900:XFD1048576">1</f><v>1</v></c>',
    "an array without a range": '<c r="A900"><f t="array">1</f><v>1</v></c>',
    "a shared formula that no cell holds": '<c r="A900"><f t="shared" si="77"/><v>1</v></c>',
    "a shared formula without a number": '<c r="A900"><f t="shared"/><v>1</v></c>',
    "a style that is no number": '<c r="A900" s="x"><v>1</v></c>',
    "a style beyond the last": '<c r="A900" s="99999"><v>1</v></c>',
    "a shared text beyond the last": '<c r="A900" t="s"><v>99999</v></c>',
    "a number beyond any": '<c r="A900"><v>1e999</v></c>',
    "a type that there is not": '<c r="A900" t="q"><v>word</v></c>',
    "a day that there is not": '<c r="A900" t="d"><v>2009-13-45</v></c>',
    "a column beyond the last": '<c r="ZZZ900"><v>1</v></c>',
    "formulas that nobody can read": '<c r="A900"><f>SUM(</f></c><c r="B900"><f>((((1</f></c><c r="C900"><f/></c>',
    "formulas in a circle": '<c r="A900"><f>B900</f></c><c r="B900"><f>A900</f></c>',
}


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook's file."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(parts: Parts, method: int = zipfile.ZIP_STORED, *, streamed: bool = False) -> bytes:
    """The file of these parts; `streamed`: as a stream without going back, with sizes behind the data."""
    content = io.BytesIO()
    target: io.RawIOBase | io.BytesIO = _Stream(content) if streamed else content
    with zipfile.ZipFile(target, "w", method) as file:
        for name, data in parts.items():
            with file.open(_entry(name), "w", force_zip64=streamed) as member:
                member.write(data)
    return content.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("entry")
    info.filename = info.orig_filename = name  # as it is, backslashes and all
    return info


class _Stream(io.RawIOBase):
    """Takes bytes, and gives nothing back."""

    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: object) -> int:
        assert isinstance(data, bytes | bytearray | memoryview)
        return self._target.write(data)


def no_workbooks() -> Iterator[Fault]:
    """Files that are no workbook."""
    yield "nothing at all", b""
    yield "a text", b"Month,Offences\n2009-01,5\n"
    yield "a page", b"<html><table><tr><td>1</td></tr></table></html>"
    yield "an old workbook", OLE + bytes(504)
    yield "a password", OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    yield "an empty zip file", b"PK\x05\x06" + bytes(18)
    yield "a zip file of something else", packed({"readme.txt": b"hello"})
    yield "an OpenDocument", packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})


def zip_faults(content: bytes) -> Iterator[Fault]:
    """Oddities of the zip file, some of them sound."""
    parts = parts_of(content)
    yield "packed otherwise", packed(parts, zipfile.ZIP_BZIP2)
    yield "streamed, in the wide form", packed(parts, streamed=True)
    yield "folders in it", packed({"xl/": b"", **parts})
    yield "backslashes", packed({name.replace("/", "\\"): data for name, data in parts.items()})
    yield "a stroke before every name", packed({f"/{name}": data for name, data in parts.items()})
    yield "in a folder", packed({f"folder/{name}": data for name, data in parts.items()})
    yield "a part twice", packed({**parts, BOOK.upper(): parts[BOOK]})
    yield "cut off", content[: len(content) // 2]
    yield "something before it", b"junk" * 10 + content
    begins = content.index(b"PK\x01\x02")
    for name, at, value in (
        ("encrypted", 8, b"\x01"),
        ("a lying size", 24, b"\xff\xff\xff\x7f"),
        ("a lying sum", 16, b"abcd"),
    ):
        changed = bytearray(content)
        changed[begins + at : begins + at + len(value)] = value
        yield name, bytes(changed)


def missing_parts(parts: Parts) -> Iterator[Fault]:
    """Each part gone, and each link of workbook and sheet leading elsewhere."""
    for name in parts:
        yield f"{name} missing", packed({other: data for other, data in parts.items() if other != name})
    for name in ("_rels/.rels", WORKBOOK_LINKS, "xl/worksheets/_rels/sheet1.xml.rels"):
        for at, link in enumerate(re.finditer(rb'Target="[^"]*"', parts[name])):
            target = (b"nothing.xml", b"/xl/workbook.xml")[at % 2]
            text = parts[name][: link.start()] + b'Target="%s"' % target + parts[name][link.end() :]
            yield f"{name}, link {at} to {target.decode()}", packed({**parts, name: text})


def _encoded(codec: str, name: str = "") -> Callable[[bytes], bytes]:
    return lambda text: f'<?xml version="1.0" encoding="{name or codec}"?>{_bare(text).decode()}'.encode(codec)


def _bare(text: bytes) -> bytes:
    return re.sub(rb"^<\?xml.*?\?>\s*", b"", text, flags=re.DOTALL)


WAYS: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda text: text[: len(text) // 2],
    "another root": lambda _: b"<nothing/>",
    "UTF-16": _encoded("utf-16"),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "line ends of Windows": lambda text: text.replace(b"><", b">\r\n<"),
    "an encoding of something else": lambda text: b'<?xml version="1.0" encoding="rot13"?>' + _bare(text),
    "an unknown encoding": lambda text: b'<?xml version="1.0" encoding="nonsense"?>' + _bare(text),
    "another alphabet": _encoded("ascii", "KOI8-R"),
    "no text": lambda text: text.replace(b">", b">\xff\xfe", 2),
    "a document type": lambda text: b'<!DOCTYPE a [<!ENTITY x "y">]>' + _bare(text),
    "strict": lambda text: text.replace(_TRANSITIONAL, b"http://purl.oclc.org/ooxml/"),
    "prefixes": lambda text: re.sub(rb"<(/?)(?=\w+[\s/>])", rb"<\1q:", text).replace(b"xmlns=", b"xmlns:q=", 1),
    "single quotes": lambda text: re.sub(rb'="([^"\']*)"', rb"='\1'", text),
    "remarks": lambda text: b"<!-- > -->" + _bare(text) + b"<?x y?>",
}


def rewritten_parts(parts: Parts) -> Iterator[Fault]:
    """Parts written in other ways, sound or not: each way once, the parts by turns."""
    names = (BOOK, SHEET, TABLE, "xl/styles.xml", "[Content_Types].xml", "xl/sharedStrings.xml")
    for at, (way, change) in enumerate(WAYS.items()):
        name = names[at % len(names)]
        yield f"{name}: {way}", packed({**parts, name: change(parts[name])})


def odd_cells(parts: Parts) -> Iterator[Fault]:
    """Cells and rows that no program should write."""
    rows = {name: f'<row r="900">{cells}</row>' for name, cells in _CELLS.items()}
    rows |= {f"a row {number}": f'<row r="{number}"/>' for number in ("0", "-1", "1048577", "9" * 25, "x")}
    for name, row in rows.items():
        text = parts[SHEET].replace(b"</sheetData>", row.encode() + b"</sheetData>")
        yield name, packed({**parts, SHEET: text})


def odd_attributes(parts: Parts) -> Iterator[Fault]:
    """Each attribute that elements of each kind of part have: gone, or saying something odd."""
    values, seen = (None, *ODD), set[tuple[str, bytes, bytes]]()
    for name, text in parts.items():
        kind = re.sub(r"\d+", "", name)
        for tag in _TAG.finditer(text) if name.startswith("xl/") and "theme" not in name else ():
            for one in _ATTRIBUTE.finditer(text, tag.start(), tag.end()):
                if one[1].startswith(b"xmlns") or (kind, tag[1], one[1]) in seen:
                    continue
                seen.add((kind, tag[1], one[1]))
                value = values[len(seen) % len(values)]
                new = b"" if value is None else b' %s="%s"' % (one[1], value.encode())
                changed = text[: one.start()] + new + text[one.end() :]
                yield f"{name}: {tag[1].decode()}, {one[1].decode()} {value!r}", packed({**parts, name: changed})
