"""Takes out of drawings and pictures what readers must not get: macros, links to files, file names, camera data.

Drawings are shapes, pictures, charts with drawings in them, buttons and boxes, also in the older form VML. References
to cells that are left out go as well. Pictures keep their look. A camera records time, place and owner in a picture,
and programs record who edited it. JPEG: ITU-T T.81, B.1.1 (segments); PNG: W3C, third edition, 5.3 and 11.3; GIF:
GIF89a, 24 and 26.
"""

import re
import struct
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from cpa_xl.errors import Refusal
from cpa_xl.ooxml.package import relationships_part
from cpa_xl.ooxml.sheet import Sheet
from cpa_xl.ooxml.xml import Edit, Element, set_attribute, unescape, unset_attribute
from cpa_xl.publish.freeze.work import Stripping, Tab

WEB = ("http://", "https://", "mailto:", "#")
LINK = "link to a file or to what is left out"
_MACRO = "macro behind a button"
_NAME = "file name of a picture"
_CELLS = "cells behind a control"
_DRAWN = ("drawing+xml", "drawingml.chartshapes+xml", "drawingml.chart+xml", "chartex+xml", "diagramData+xml")
_PROGRAMS = {"webextensionref": "a web add-in", "oleObj": "an embedded object"}
_CELL_ATTRIBUTES = ("linkedCell", "listFillRange", "fmlaLink", "fmlaRange", "fmlaTxbx", "fmlaGroup")
_FILE_NAME = re.compile(
    r"(?:[a-z]:[\\/]|\\\\|file:|/(?:Users|home)/).*|.*\.(?:png|jpe?g|jfif|gif|bmp|tiff?|emf|wmf|svg|webp|heic)",
    re.IGNORECASE | re.DOTALL,
)
_MACRO_CALL = re.compile(rb"<x:FmlaMacro>.*?</x:FmlaMacro>\s*", re.DOTALL)
_CELL_CALL = re.compile(rb"<x:Fmla(?P<kind>Link|Range|Pict|Txbx|Group)>(?P<text>.*?)</x:Fmla(?P=kind)>\s*", re.DOTALL)
_PICTURE_NAME = re.compile(rb"""\s+o:(?:title|href)=(?:"[^"]*"|'[^']*')""")
_SHAPE_LINK = re.compile(rb"""\s+href=(?:"(?P<to>[^"]*)"|'(?P<other>[^']*)')""")

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SAID = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")
_JPEG = b"\xff\xd8\xff"
_SCAN, _END = 0xDA, 0xD9
# APP1 (Exif, XMP), APP3 to APP13 (makers of cameras, Photoshop), APP15, and remarks. APP0 (JFIF), APP2 (colours) and
# APP14 (Adobe's way to write colours) decide on the look.
_JPEG_SAID = frozenset((0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE))
_GIF = (b"GIF87a", b"GIF89a")
_GIF_SAID = (b"\x21\xfe", b"\x21\xff\x0bXMP DataXMP")


def strip_drawings(work: Stripping, gone: Callable[[str], bool]) -> None:
    """Take out of drawings what runs, links elsewhere or names what is left out; `gone` judges a reference."""
    for tab in work.tabs():
        if tab.kind == "worksheet":
            _strip_controls(work, tab, gone)
        for part in _below(work, tab.part):
            kind = work.package.content_type(part)
            if kind.endswith(_DRAWN):
                _strip_drawing(work, part, tab.name, gone)
            elif kind.endswith("vmlDrawing"):
                _strip_legacy(work, part, tab.name, gone)
            elif kind.endswith("controlproperties+xml"):
                work.edit(part, _without_cells(work.package.text(part), work.package.root(part), gone))


def file_links(work: Stripping, part: str, gone: Callable[[str], bool]) -> set[str]:
    """The links of a part, by their names, that lead to files, or to cells that are left out."""
    name = relationships_part(part)
    entries = work.package.root(name).children if name in work.package else []
    return {
        entry.attributes["Id"]
        for entry in entries
        if entry.attributes["Type"].endswith("/hyperlink") and _leads_away(entry, gone)
    }


def leaves(place: str, gone: Callable[[str], bool]) -> bool:
    """Whether a place in a workbook is left out, or in another one."""
    return "[" in place.rpartition("!")[0] or gone(place)


def strip_pictures(work: Stripping) -> None:
    """Take out of pictures what no reader sees."""
    for part in work.package.names:
        if not work.package.content_type(part).startswith("image/"):
            continue
        data = work.package.part(part)
        bare = bare_picture(data)
        if bare != data:
            work.package = work.package.with_part(part, bare)
            work.note("remarks in a picture", part)


def bare_picture(data: bytes) -> bytes:
    """A picture without remarks; one that is of another kind, or damaged, as it is."""
    try:
        if data.startswith(_PNG):
            return b"".join(_png(data))
        if data.startswith(_JPEG):
            return b"".join(_jpeg(data))
        if data.startswith(_GIF):
            return b"".join(_gif(data))
    except (struct.error, IndexError):
        pass
    return data


def _below(work: Stripping, source: str) -> list[str]:
    """The parts that a sheet leads to."""
    found: list[str] = []
    waiting = [source]
    while waiting:
        links = work.package.relationships(waiting.pop())
        new = [link.target for link in links if not link.external and link.target in work.package]
        fresh = [part for part in dict.fromkeys(new) if part not in found and part != work.workbook]
        found += fresh
        waiting += fresh
    return found


def _leads_away(entry: Element, gone: Callable[[str], bool]) -> bool:
    target = entry.attributes["Target"]
    if target.startswith("#"):
        return leaves(unquote(target[1:]), gone)
    return entry.attributes.get("TargetMode") == "External" and not target.casefold().startswith(WEB)


def _strip_drawing(work: Stripping, part: str, sheet: str, gone: Callable[[str], bool]) -> None:
    _strip_camera(work, part, sheet, gone)
    _strip_hidden(work, part, sheet)
    text, root, files = work.package.text(part), work.package.root(part), file_links(work, part, gone)
    _refuse_foreign(work, part, sheet, root)
    pictures = {link.id for link in work.package.relationships(part) if link.external and link.is_a("image")}
    edits: list[Edit] = []
    macros = linked = named = 0
    for element in root.walk():
        if element.attributes.get("macro"):
            edits += set_attribute(text, element.start, "macro", "")
            macros += 1
        reference = element.attributes.get("textlink", "")
        if reference and leaves(reference, gone):
            edits += set_attribute(text, element.start, "textlink", None)
        if element.name in ("hlinkClick", "hlinkHover", "hlinkMouseOver") and element.attribute("id") in files:
            edits.append(Edit(element.start, element.end, b""))
            linked += 1
        if element.name == "blip" and element.attribute("link") in pictures:
            edits += unset_attribute(text, element.start, "link")
            linked += 1
        if element.name == "cNvPr":
            changes = list(_without_file_names(text, element))
            edits += changes
            named += len(changes)
    work.edit(part, edits)
    work.unlink(part, lambda link: link.id in files | pictures)
    work.note(_MACRO, sheet, macros)
    work.note(LINK, sheet, linked)
    work.note(_NAME, sheet, named)


def _refuse_foreign(work: Stripping, part: str, sheet: str, root: Element) -> None:
    """Refuse pictures outside the file, and objects that bring a program."""
    for element in root.walk():
        if element.name in _PROGRAMS:
            raise Refusal(
                f"{work.package.path}: sheet {sheet} holds {_PROGRAMS[element.name]}, which carries data or programs of"
                " its own; delete it in Excel, or put a picture in its place"
            )
    outside = {link.id: link.target for link in work.package.relationships(part) if link.external}
    for element in root.walk():
        target = outside.get(element.attribute("link") or "") if element.name == "blip" else None
        if target is not None and element.attribute("embed") is None:
            raise Refusal(
                f"{work.package.path}: sheet {sheet} shows a picture that is kept elsewhere ({target}); delete it in"
                " Excel, or insert it again without a link"
            )


def _without_file_names(text: bytes, shape: Element) -> Iterator[Edit]:
    """Names of files that programs give pictures: in their name, and in the place of words for the blind."""
    for name in ("descr", "title"):
        if _FILE_NAME.fullmatch(shape.attributes.get(name, "").strip()):
            yield from set_attribute(text, shape.start, name, None)
    if _FILE_NAME.fullmatch(shape.attributes.get("name", "").strip()):
        yield from set_attribute(text, shape.start, "name", f"Picture {shape.attributes.get('id', '')}".strip())


def _strip_camera(work: Stripping, part: str, sheet: str, gone: Callable[[str], bool]) -> None:
    """Keep pictures of cells, and take out the link that would redraw one from cells that are left out."""
    going = [
        one
        for one in work.package.root(part).walk()
        if one.name == "ext"
        and any(
            inner.name == "cameraTool" and leaves(inner.attributes.get("cellRange", ""), gone) for inner in one.walk()
        )
    ]
    work.note("cells behind a picture", sheet, work.drop(part, going))


def _strip_hidden(work: Stripping, part: str, sheet: str) -> None:
    """Take out hidden shapes, alone or in a group."""
    going = {element.start: element for element in _unseen(work.package.root(part), None)}
    work.note("hidden shape", sheet, work.drop(part, list(going.values())))


def _unseen(element: Element, whole: Element | None) -> Iterator[Element]:
    """What has to go so that hidden shapes do: the anchor that holds one, or the shape itself within a group."""
    whole = element if element.name.endswith("Anchor") else whole
    for child in element.children:
        target = child if element.name == "grpSp" or whole is None else whole
        if _is_hidden(child):
            yield target
        else:
            yield from _unseen(child, target if whole is not None else None)


def _is_hidden(shape: Element) -> bool:
    """Boxes and buttons, which are drawn otherwise, have a hidden shape in their place."""
    stated = (one for own in shape.children if own.name.startswith("nv") for one in own.children)
    return any(
        one.name == "cNvPr"
        and one.attributes.get("hidden", "0") in ("1", "true")
        and not any(inner.name == "compatExt" for inner in one.walk())
        for one in stated
    )


def _strip_controls(work: Stripping, tab: Tab, gone: Callable[[str], bool]) -> None:
    """Macros and cells behind buttons and boxes, as the sheet states them."""
    text = work.package.text(tab.part)
    edits: list[Edit] = []
    macros = 0
    for element in Sheet(text).frame.walk():
        if element.name == "controlPr":
            macros += bool(element.attributes.get("macro"))
            edits += set_attribute(text, element.start, "macro", None) if element.attributes.get("macro") else []
            cells = _without_cells(text, element, gone)
            work.note(_CELLS, tab.name, bool(cells))
            edits += cells
    work.note(_MACRO, tab.name, macros)
    work.edit(tab.part, edits)


def _without_cells(text: bytes, element: Element, gone: Callable[[str], bool]) -> list[Edit]:
    """Edits that take off a control the cells that are left out."""
    return [
        edit
        for name in _CELL_ATTRIBUTES
        if leaves(element.attributes.get(name, ""), gone)
        for edit in set_attribute(text, element.start, name, None)
    ]


def _strip_legacy(work: Stripping, part: str, sheet: str, gone: Callable[[str], bool]) -> None:
    data, macros = _MACRO_CALL.subn(b"", work.package.part(part))
    data = _CELL_CALL.sub(lambda call: b"" if leaves(unescape(call["text"]), gone) else call[0], data)
    data, named = _PICTURE_NAME.subn(b"", data)
    data = _SHAPE_LINK.sub(lambda link: link[0] if _is_web(link["to"] or link["other"] or b"", gone) else b"", data)
    work.note(_MACRO, sheet, macros)
    work.note(_NAME, sheet, named)
    work.package = work.package.with_part(part, data)


def _is_web(target: bytes, gone: Callable[[str], bool]) -> bool:
    address = unescape(target)
    return address.casefold().startswith(WEB) and not (address.startswith("#") and leaves(address[1:], gone))


def _png(data: bytes) -> Iterator[bytes]:
    """The chunks that stay, to the last; a file may go on behind it."""
    yield _PNG
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise IndexError(end)
        if kind not in _PNG_SAID:
            yield data[at:end]
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The segments that stay, and the scans behind them, to the end of the picture."""
    yield data[:2]
    at = 2
    while data[at + 1] != _END:
        if data[at] != 0xFF:
            raise IndexError(at)
        if data[at + 1] == 0xFF:  # fills up
            at += 1
            continue
        kind, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if end > len(data):
            raise IndexError(end)
        end = _end_of_scan(data, end) if kind == _SCAN else end
        if kind not in _JPEG_SAID:
            yield data[at:end]
        at = end
    yield data[at : at + 2]


def _end_of_scan(data: bytes, at: int) -> int:
    """The place of the next mark: in a scan 0xFF is followed by 0, or is the mark of an interval."""
    while data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
        at = data.find(b"\xff", at + 1)
        if at < 0:
            raise IndexError(at)
    return at


def _gif(data: bytes) -> Iterator[bytes]:
    """The blocks that stay."""
    at = 13 + _colours(data[10])
    yield data[:at]
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at += 10 + _colours(data[at + 9]) + 1
        elif data[at] == 0x21:
            at += 2
        else:
            raise IndexError(at)
        while data[at]:
            at += 1 + data[at]
        at += 1
        if not data.startswith(_GIF_SAID, start):
            yield data[start:at]
    yield data[at : at + 1]


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
