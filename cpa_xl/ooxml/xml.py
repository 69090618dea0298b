"""XML parts as bytes: finds the bytes of each element, so that a change touches nothing else.

All functions work on UTF-8; `to_utf8` and `from_utf8` convert other encodings without loss. `parse` also checks the
attributes that this package reads, and no others: which an element must have, and what they may hold.
Source: ECMA-376 part 1, the schemas sml.xsd and dml-chart.xsd, and part 2, opc-relationships.xsd.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.a1 import MAX_COLUMN, bounds, cell_position

REPAIR = "open the workbook in Excel, let it be repaired, and save it"
_LARGEST = 2**32 - 1  # xsd:unsignedInt
_WHOLE = re.compile(r"\s*\d{1,10}\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?\s*", re.ASCII)
# Two cells, columns or rows: LibreOffice writes C:C for a table that reaches to the sheet's end.
_ALIKE = re.compile(r"(\$?[a-z]+\$?\d+)(:\$?[a-z]+\$?\d+)?|\$?[a-z]+:\$?[a-z]+|\$?\d+:\$?\d+", re.IGNORECASE | re.ASCII)
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_CHART = (
    "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "http://purl.oclc.org/ooxml/drawingml/chart",
)
_SPARKLINES = ("http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",)
_LINKS = ("http://schemas.openxmlformats.org/package/2006/relationships",)
_TYPES = ("http://schemas.openxmlformats.org/package/2006/content-types",)
TAG_REST = rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*"""  # what may lie between a tag's name and its ">"
_TAG = re.compile(rb"<" + TAG_REST + rb">")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_NO_MARK = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_IN_TEXT = re.compile(r"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?.*?\?>|&(#?\w+);|\r\n?", re.DOTALL)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(frozen=True)
class _Kind:
    """What an attribute may hold: `words` for messages, `fits` as a test."""

    words: str
    fits: Callable[[str], bool]


_TEXT = _Kind("a text", lambda _: True)
_COUNT = _Kind("a whole number from 0", lambda text: _WHOLE.fullmatch(text) is not None and int(text) <= _LARGEST)
_COLUMN = _Kind(
    f"the number of a column, 1 to {MAX_COLUMN:,}",
    lambda text: _WHOLE.fullmatch(text) is not None and 1 <= int(text) <= MAX_COLUMN,
)
_SIZE = _Kind("a number", lambda text: _NUMBER.fullmatch(text) is not None)


def _is_read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


_PLACE = _Kind("a cell or a range", _is_read_by(bounds))
_PLACES = _Kind("a list of cells and ranges", _is_read_by(lambda text: [bounds(place) for place in text.split()]))
_RANGE = _Kind("a range such as A1:C9", lambda text: _PLACE.fits(text) and _ALIKE.fullmatch(text) is not None)
_CELL = _Kind("a cell", _is_read_by(cell_position))
# For each element, by namespaces and name: the attributes that it must have, and those that it may have.
_Rules = Mapping[str, tuple[Mapping[str, _Kind], Mapping[str, _Kind]]]
_STATED: Mapping[tuple[str, ...], _Rules] = {
    _MAIN: {
        "sheet": ({"name": _TEXT}, {"sheetId": _COUNT}),
        "workbookView": ({}, {"activeTab": _COUNT, "firstSheet": _COUNT}),
        "definedName": ({"name": _TEXT}, {"localSheetId": _COUNT}),
        "table": ({"ref": _RANGE, "id": _COUNT}, {}),
        "tableColumn": ({"name": _TEXT, "id": _COUNT}, {}),
        "col": ({"min": _COLUMN, "max": _COLUMN}, {"width": _SIZE}),
        "sheetFormatPr": ({}, {"defaultRowHeight": _SIZE, "defaultColWidth": _SIZE}),
        "mergeCell": ({"ref": _PLACE}, {}),
        "hyperlink": ({"ref": _PLACE}, {}),
        **dict.fromkeys(("conditionalFormatting", "dataValidation", "protectedRange"), ({}, {"sqref": _PLACES})),
        "comment": ({"ref": _CELL}, {"authorId": _COUNT}),
        "location": ({"ref": _PLACE}, {}),
        "worksheetSource": ({}, {"ref": _PLACE}),
        "numFmt": ({"numFmtId": _COUNT, "formatCode": _TEXT}, {}),
        "cellStyle": ({}, {"xfId": _COUNT}),
        "xf": ({}, dict.fromkeys(("numFmtId", "fontId", "fillId", "borderId", "xfId"), _COUNT)),
        "sz": ({"val": _SIZE}, {}),
        **dict.fromkeys(("color", "fgColor", "bgColor"), ({}, {"tint": _SIZE})),
    },
    _CHART: {"pt": ({"idx": _COUNT}, {}), "ptCount": ({"val": _COUNT}, {})},
    _SPARKLINES: {"sparklineGroup": ({}, {"lineWeight": _SIZE})},
    _LINKS: {"Relationship": (dict.fromkeys(("Id", "Type", "Target"), _TEXT), {})},
    _TYPES: {
        "Default": (dict.fromkeys(("Extension", "ContentType"), _TEXT), {}),
        "Override": (dict.fromkeys(("PartName", "ContentType"), _TEXT), {}),
    },
}
_RULES = {
    f"{space} {name}": rule for spaces, rules in _STATED.items() for space in spaces for name, rule in rules.items()
}


class Malformed(Refusal):
    """A part is not well-formed XML, lacks a needed attribute, or has a document type, which no workbook has."""


class Edit(NamedTuple):
    """Bytes `start` up to `end` become `new`."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True)
class Encoding:
    """How a part is encoded: Python's name of it, and the byte order mark it begins with."""

    codec: str
    mark: bytes


@dataclass(slots=True)
class Element:
    """An element and its bytes: `start`..`inner` is its start tag, `outer`..`end` its end tag.

    An empty element `<a/>` has inner == outer == end. Names are local names; `space` is the namespace.
    """

    space: str
    name: str
    attributes: dict[str, str]
    start: int
    inner: int = 0
    outer: int = 0
    end: int = 0
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def find(self, name: str) -> "Element | None":
        """The first child with that name."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list["Element"]:
        """The children with that name."""
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator["Element"]:
        """The element and everything in it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()

    def attribute(self, name: str) -> str | None:
        """An attribute by its local name, whatever its namespace."""
        if name in self.attributes:
            return self.attributes[name]
        return next((value for key, value in self.attributes.items() if key.rpartition(" ")[2] == name), None)


class PieceCheck:
    """Checks elements as `check_well_formed` does, piece by piece; a piece may end anywhere."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8")  # the prefixes are declared outside these pieces
        self._parser.Parse(b"<all>")

    def add(self, text: bytes) -> None:
        """The next bytes. Raises Malformed."""
        _run(self._parser, text, last=False)


def element_fault(name: str, attributes: Mapping[str, str]) -> str | None:
    """Why an element cannot be read; None where it can.

    `name` is the element's namespace, a space and its local name.
    """
    rule = _RULES.get(name)
    if rule is None:
        return None
    local, (needed, others) = name.rpartition(" ")[2], rule
    for attribute, kind in (*needed.items(), *others.items()):
        value = attributes.get(attribute)
        if value is None and attribute in needed:
            return f"<{local}> has no {attribute}; {REPAIR}"
        if value is not None and not kind.fits(value):
            return f"<{local}> has {value[:40]!r} for its {attribute}, where {kind.words} belongs; {REPAIR}"
    return None


def to_utf8(data: bytes) -> tuple[bytes, Encoding]:
    """The part in UTF-8 without byte order mark, and its own encoding."""
    encoding = encoding_of(data)
    if encoding.codec == "utf-8":
        return data[len(encoding.mark) :], encoding
    try:
        text = data[len(encoding.mark) :].decode(encoding.codec).encode()
    except UnicodeError as error:
        raise Malformed(f"not the {encoding.codec} text it says it is: {error}") from error
    return text, encoding


def from_utf8(text: bytes, encoding: Encoding) -> bytes:
    """UTF-8 text in a part's own encoding; characters that it lacks become character references."""
    if encoding.codec == "utf-8":
        return encoding.mark + text
    return encoding.mark + text.decode().encode(encoding.codec, "xmlcharrefreplace")


def encoding_of(data: bytes) -> Encoding:
    """The encoding of a part that begins with these bytes. Raises Malformed."""
    for mark, codec in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return Encoding(codec, mark)
    if data[:2] in _NO_MARK:
        return Encoding(_NO_MARK[data[:2]], b"")
    declared = _DECLARED.match(data)
    try:
        codec = codecs.lookup(declared[1].decode() if declared else "utf-8").name
        if declared:
            "\u2013".encode(codec, "xmlcharrefreplace")  # fails for base64 and the like
    except (LookupError, UnicodeError) as error:
        raise Malformed(f"unknown encoding: {error}") from error
    return Encoding(codec, b"")


def check_well_formed(text: bytes) -> None:
    """Raise Malformed unless the text is well-formed XML without a document type."""
    _run(_parser(), text)


def asides(text: bytes) -> list[tuple[int, int]]:
    """Begin and end of each remark (<!-- -->) and instruction (<? ?>), but for the XML declaration.

    Raises Malformed.
    """
    found: list[tuple[int, int]] = []
    if b"<!--" not in text and text.find(b"<?", 2) < 0:
        return found
    parser = _parser()

    def remark(_: str) -> None:
        found.append((parser.CurrentByteIndex, text.index(b"-->", parser.CurrentByteIndex) + 3))

    def instruction(_name: str, _text: str) -> None:
        found.append((parser.CurrentByteIndex, text.index(b"?>", parser.CurrentByteIndex) + 2))

    parser.CommentHandler = remark
    parser.ProcessingInstructionHandler = instruction
    _run(parser, text)
    return found


def parse(text: bytes) -> Element:
    """The root element of UTF-8 text. Raises Malformed."""
    parser = _parser()
    root = Element("", "", {}, 0)
    open_elements = [root]
    texts: list[list[str]] = [[]]

    def begin(name: str, attributes: dict[str, str]) -> None:
        if fault := element_fault(name, attributes):
            raise Malformed(fault)
        space, _, local = name.rpartition(" ")
        element = Element(space, local, attributes, parser.CurrentByteIndex)
        tag = _TAG.match(text, element.start)
        element.inner = tag.end() if tag else element.start
        open_elements[-1].children.append(element)
        open_elements.append(element)
        texts.append([])

    def add_text(piece: str) -> None:
        texts[-1].append(piece)

    def finish(_: str) -> None:
        element = open_elements.pop()
        element.text = "".join(texts.pop())
        if text[element.inner - 2 : element.inner] == b"/>":
            element.outer = element.end = element.inner
            return
        element.outer = parser.CurrentByteIndex
        element.end = text.index(b">", element.outer) + 1

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = add_text
    _run(parser, text)
    return root.children[0]


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data after these edits, which may come in any order and must not overlap."""
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < at:
            raise AssertionError(f"edits overlap at byte {edit.start}")
        pieces += (data[at : edit.start], edit.new)
        at = edit.end
    pieces.append(data[at:])
    return b"".join(pieces)


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """The attributes of a start tag as written, still escaped."""
    return {name: quoted or single for name, quoted, single in _ATTRIBUTE.findall(tag)}


def set_attribute(data: bytes, start: int, name: str, value: str | None) -> list[Edit]:
    """Edits that set an attribute of the tag at `start`, or remove it (None); none when it is so already."""
    tag = _TAG.match(data, start)
    if tag is None:
        raise AssertionError(f"no tag at byte {start}")
    found = next((match for match in _ATTRIBUTE.finditer(data, start, tag.end()) if match[1] == name.encode()), None)
    if value is None:
        return [Edit(_before_space(data, found.start()), found.end(), b"")] if found else []
    new = escape(value, quotes=True)
    if found is None:
        end = tag.end() - (2 if data[tag.end() - 2 : tag.end()] == b"/>" else 1)
        end = _before_space(data, end)
        return [Edit(end, end, b' %s="%s"' % (name.encode(), new))]
    group = 2 if found[2] is not None else 3
    return [] if unescape(found[group]) == value else [Edit(found.start(group), found.end(group), new)]


def unset_attribute(data: bytes, start: int, name: str) -> list[Edit]:
    """Edits that remove an attribute of the tag at `start`, with any prefix."""
    tag = _TAG.match(data, start)
    found = _ATTRIBUTE.finditer(data, start, tag.end()) if tag else iter(())
    return [
        Edit(_before_space(data, one.start()), one.end(), b"")
        for one in found
        if one[1].rpartition(b":")[2] == name.encode()
    ]


def escape(text: str, *, quotes: bool = False) -> bytes:
    """Text escaped for a place between tags, or (quotes) inside an attribute."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quotes:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return text.encode()


def unescape(data: bytes) -> str:
    """The meaning of well-formed text between tags: references, CDATA and line ends are resolved."""
    text = data.decode()
    if "&" in text or "<" in text or "\r" in text:
        return _IN_TEXT.sub(_meaning, text)
    return text


def without_asides(text: bytes) -> bytes:
    """The text with comments, CDATA sections and instructions blanked; every other byte keeps its place."""
    if b"<!" not in text and text.find(b"<?", 2) < 0:
        return text
    return _ASIDE.sub(lambda match: b" " * len(match[0]), text)


def _run(parser: expat.XMLParserType, text: bytes, *, last: bool = True) -> None:
    try:
        parser.Parse(text, last)
    except expat.ExpatError as error:
        raise Malformed(f"not well-formed XML: {error}") from error


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Malformed("it has a document type (<!DOCTYPE>), which no workbook has")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _before_space(data: bytes, at: int) -> int:
    while data[at - 1 : at].isspace():
        at -= 1
    return at


def _meaning(match: re.Match[str]) -> str:
    whole, name = match[0], match[2]
    if name is None:
        return "\n" if whole[0] == "\r" else (match[1] or "").replace("\r\n", "\n")
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _ENTITIES[name]
