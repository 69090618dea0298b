"""Cell formats of the sheets of text that are put into a workbook, added behind those that it has."""

from collections.abc import Sequence
from enum import StrEnum

from cpa_xl.insertion import MOST_FORMATS, prefix_of, styles_part
from cpa_xl.markup import Edit, Element, set_attribute, splice
from cpa_xl.package import Package

_FONT = "Arial"
_INK, _LINK = "FF1F3864", "FF0B4F9E"
_HEADINGS = {1: 16, 2: 17}  # Excel's ids of its own styles Heading 1 and 2 (ECMA-376 part 1, 18.8.7)


class Text(StrEnum):
    """What a cell of text is."""

    TITLE = "title"
    HEADING = "heading"
    PLAIN = "plain"
    WRAPPED = "wrapped"
    LINK = "link"


# What stands within the font of each, by its place among the added fonts.
_FONTS: Sequence[tuple[tuple[Text, ...], str]] = (
    ((Text.PLAIN, Text.WRAPPED), '<{p}sz val="11"/><{p}color rgb="FF000000"/>'),
    ((Text.TITLE,), f'<{{p}}b/><{{p}}sz val="16"/><{{p}}color rgb="{_INK}"/>'),
    ((Text.HEADING,), f'<{{p}}b/><{{p}}sz val="12"/><{{p}}color rgb="{_INK}"/>'),
    ((Text.LINK,), f'<{{p}}u/><{{p}}sz val="11"/><{{p}}color rgb="{_LINK}"/>'),
)


def with_text_styles(package: Package) -> tuple[Package, dict[Text, int]]:
    """The workbook with a cell format for each kind of text, and their numbers.

    Titles and headings go back to the workbook's named styles Heading 1 and 2, which are made where it has none. A
    workbook that has no list of formats, or no room in it, stays as it is, and every number is 0.
    """
    part = styles_part(package)
    root = None if part is None else package.root(part)
    lists = {name: root.find(name) for name in ("fonts", "cellStyleXfs", "cellXfs", "cellStyles")} if root else {}
    fonts, masters, formats, names = (lists.get(name) for name in ("fonts", "cellStyleXfs", "cellXfs", "cellStyles"))
    if part is None or fonts is None or masters is None or formats is None or names is None:
        return package, dict.fromkeys(Text, 0)
    first = len(formats.children)
    if first + len(Text) > MOST_FORMATS:
        return package, dict.fromkeys(Text, 0)
    text = package.text(part)
    prefix = prefix_of(text, fonts).decode()
    font_of = {kind: len(fonts.children) + at for at, (kinds, _) in enumerate(_FONTS) for kind in kinds}
    added: dict[str, list[str]] = {"fonts": [_font(prefix, inner) for _, inner in _FONTS]}
    parents = {Text.TITLE: _heading(1, masters, names), Text.HEADING: _heading(2, masters, names)}
    made = [kind for kind in parents if parents[kind] is None]
    for place, kind in enumerate(made, start=len(masters.children)):
        level = 1 if kind is Text.TITLE else 2
        parents[kind] = place
        added.setdefault("cellStyleXfs", []).append(_format(prefix, font_of[kind], None, wrap=False))
        style = f'<{prefix}cellStyle name="Heading {level}" xfId="{place}" builtinId="{_HEADINGS[level]}"/>'
        added.setdefault("cellStyles", []).append(style)
    added["cellXfs"] = [
        _format(prefix, font_of[kind], parents.get(kind) or 0, wrap=kind is Text.WRAPPED) for kind in Text
    ]
    edits = [edit for name, xml in added.items() if (one := lists[name]) for edit in _appended(text, one, xml)]
    return package.with_text(part, splice(text, edits)), {kind: first + at for at, kind in enumerate(Text)}


def _font(prefix: str, inner: str) -> str:
    return (
        f'<{prefix}font>{inner.format(p=prefix)}<{prefix}name val="{_FONT}"/><{prefix}family val="2"/></{prefix}font>'
    )


def _format(prefix: str, font: int, parent: int | None, *, wrap: bool) -> str:
    goes_back = "" if parent is None else f' xfId="{parent}"'
    wrapped = ' wrapText="1"' if wrap else ""
    return (
        f'<{prefix}xf numFmtId="0" fontId="{font}" fillId="0" borderId="0"{goes_back} applyFont="1" applyAlignment="1">'
        f'<{prefix}alignment vertical="top"{wrapped}/></{prefix}xf>'
    )


def _heading(level: int, masters: Element, names: Element) -> int | None:
    """The named style of that level which the workbook has, by its number among the named ones."""
    for one in names.all("cellStyle"):
        given = one.attributes
        known = (
            given.get("builtinId") == str(_HEADINGS[level]) or given.get("name", "").casefold() == f"heading {level}"
        )
        place = given.get("xfId", "")
        if known and place.isdecimal() and int(place) < len(masters.children):
            return int(place)
    return None


def _appended(text: bytes, listing: Element, xml: Sequence[str]) -> list[Edit]:
    """Edits that put elements behind those of a list, and count them."""
    edits = [Edit(listing.outer, listing.outer, "".join(xml).encode())]
    if listing.attributes.get("count", "").isdecimal():
        edits += set_attribute(text, listing.start, "count", str(len(listing.children) + len(xml)))
    return edits
