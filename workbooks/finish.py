"""What XlsxWriter does not write: named cell styles, so that Excel shows a typed cell's style, and the language."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from xlsxwriter.format import Format

from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.xml import Edit, Element, splice

LANGUAGE = "en-GB"
STYLES, PROPERTIES = "xl/styles.xml", "docProps/core.xml"
BUILT_IN: Mapping[str, int] = {"Heading 1": 16, "Heading 2": 17}  # ECMA-376, part 1, 18.8.7: ids of Excel's own styles


def finish(path: Path, named: Mapping[str, Iterable[Format]]) -> None:
    """Give formats of a written workbook the name of a cell style, and the document its language.

    The first format of a name is what the style looks like; the others differ from it in number format or alignment.
    """
    package = Package.read(path)
    places = {name: [format_.xf_index for format_ in formats] for name, formats in named.items()}
    package = package.with_text(STYLES, _styles(package.text(STYLES), package.root(STYLES), places))
    text, root = package.text(PROPERTIES), package.root(PROPERTIES)
    language = f"<dc:language>{LANGUAGE}</dc:language>".encode()
    package = package.with_text(PROPERTIES, splice(text, [Edit(root.outer, root.outer, language)]))
    package.save(path)


def _styles(text: bytes, root: Element, places: Mapping[str, list[int]]) -> bytes:
    """The part of styles with an entry for each name; its formats refer to it."""
    masters, formats, names = (_child(root, name) for name in ("cellStyleXfs", "cellXfs", "cellStyles"))
    cells = list(formats.all("xf"))
    made, listed, edits = [], [], []
    for number, (name, indexes) in enumerate(places.items(), start=1):
        look = text[cells[indexes[0]].start : cells[indexes[0]].end]
        made.append(look.replace(b' xfId="0"', b""))
        known = f' builtinId="{BUILT_IN[name]}" customBuiltin="1"' if name in BUILT_IN else ""
        listed.append(f'<cellStyle name="{name}" xfId="{number}"{known}/>'.encode())
        for index in sorted(set(indexes)):
            at = text.index(b'xfId="0"', cells[index].start, cells[index].end)
            edits.append(Edit(at, at + len(b'xfId="0"'), f'xfId="{number}"'.encode()))
    for element, more in ((masters, made), (names, listed)):
        count = text.index(b'count="1"', element.start, element.inner)
        edits.append(Edit(count, count + len(b'count="1"'), f'count="{len(more) + 1}"'.encode()))
        edits.append(Edit(element.outer, element.outer, b"".join(more)))
    return splice(text, edits)


def _child(root: Element, name: str) -> Element:
    found = root.find(name)
    if found is None:
        raise LookupError(f"{STYLES} has no {name}")
    return found
