"""How the cells of a workbook look: fonts, fills, number formats and named styles, by the number of a cell's style."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.ooxml.package import Package
from cpa_xl.ooxml.xml import Element

BLACK, WHITE = "000000", "FFFFFF"
SOLID = "solid"
# The order in which cells number the colours of a theme; a theme lists dark before light (ECMA-376 part 1, 18.8.3).
_THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
_BUILT_IN = {"0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%",
             "14": "m/d/yyyy", "17": "mmm-yy", "49": "@"}  # fmt: skip
_HEADINGS = {"16": "Heading 1", "17": "Heading 2"}  # by builtinId (18.8.7): Excel writes the name in its own language


@dataclass(frozen=True, slots=True)
class Look:
    """One style: colours as RRGGBB, size in points, and the `name` of the named style that it is based on."""

    font: str
    size: float
    colour: str
    ground: str
    italic: bool
    underlined: bool
    raised: bool
    turned: bool
    format: str
    name: str

    @property
    def contrast(self) -> float:
        """The contrast ratio of text and background, 1 to 21."""
        return contrast(self.colour, self.ground)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours RRGGBB, from 1 to 21 (source: WCAG 2.1, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (source: WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True)
class BookStyles:
    """The styles of a workbook, read as leniently as spreadsheet programs do.

    A format may name a font or fill that is not in the list. It then has the first one, which is the workbook's plain
    one. A colour that cannot be read counts as not stated.
    """

    package: Package

    @cached_property
    def _root(self) -> Element | None:
        links = self.package.relationships(self.package.workbook_part)
        part = next((link.target for link in links if link.is_a("styles")), None)
        return None if part is None or part not in self.package else self.package.root(part)

    @cached_property
    def _colours(self) -> Sequence[str]:
        links = self.package.relationships(self.package.workbook_part)
        part = next((link.target for link in links if link.is_a("theme")), None)
        found = {"lt1": WHITE, "dk1": BLACK}
        if part is not None and part in self.package:
            for element in self.package.root(part).walk():
                if element.name in _THEME and element.children:
                    held = element.children[0].attributes
                    colour = held.get("lastClr", held.get("val", ""))
                    if re.fullmatch("[0-9A-Fa-f]{6}", colour):
                        found[element.name] = colour
        return [found.get(name, BLACK) for name in _THEME]

    def _children(self, name: str) -> list[Element]:
        listing = self._root.find(name) if self._root is not None else None
        return [] if listing is None else listing.children

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """Every style that cells may have, in the order of their numbers."""
        fonts, fills = self._children("fonts"), self._children("fills")
        formats = {one.attributes["numFmtId"]: one.attributes["formatCode"] for one in self._children("numFmts")}
        named = [one.attributes for one in self._children("cellStyles")]
        names = {given.get("xfId", "0"): _style_name(given) for given in named}
        return tuple(
            self._look(
                _listed(fonts, int(style.attributes.get("fontId", "0"))),
                _listed(fills, int(style.attributes.get("fillId", "0"))),
                formats,
                names.get(style.attributes.get("xfId", "0"), ""),
                style,
            )
            for style in self._children("cellXfs")
        )

    def _look(self, font: Element, fill: Element, formats: dict[str, str], name: str, style: Element) -> Look:
        pattern, alignment = fill.find("patternFill"), style.find("alignment")
        solid = pattern is not None and pattern.attributes.get("patternType") == SOLID
        number = style.attributes.get("numFmtId", "0")
        raised, size, face = font.find("vertAlign"), font.find("sz"), font.find("name")
        return Look(
            face.attributes.get("val", "") if face is not None else "",
            11.0 if size is None else float(size.attributes["val"]),
            self._colour(font.find("color"), BLACK),
            self._colour(pattern.find("fgColor") if solid and pattern is not None else None, WHITE),
            _on(font.find("i")),
            _on(font.find("u")),
            raised is not None and raised.attributes.get("val") == "superscript",
            alignment is not None and alignment.attributes.get("textRotation", "0") != "0",
            formats.get(number, _BUILT_IN.get(number, number)),
            name,
        )

    def _colour(self, element: Element | None, otherwise: str) -> str:
        if element is None:
            return otherwise
        given = element.attributes
        if re.fullmatch("[0-9A-Fa-f]{6,8}", given.get("rgb", "")):
            return given["rgb"][-6:].upper()
        if given.get("theme", "").isdecimal() and int(given["theme"]) < len(_THEME):
            return _tinted(self._colours[int(given["theme"])], float(given.get("tint", "0")))
        return otherwise

    def conditional(self) -> Iterator[tuple[str, str]]:
        """Text and background colours of conditional formats that state both."""
        for one in self._children("dxfs"):
            font, fill = one.find("font"), one.find("fill")
            colour = font.find("color") if font is not None else None
            pattern = fill.find("patternFill") if fill is not None else None
            ground = pattern.find("bgColor") if pattern is not None else None
            if colour is not None and ground is not None:
                yield self._colour(colour, BLACK), self._colour(ground, WHITE)


def _style_name(given: Mapping[str, str]) -> str:
    """The name of a named style (English for Excel's headings); "" where it has none."""
    return _HEADINGS.get(given.get("builtinId", ""), given.get("name", ""))


def _listed(listing: Sequence[Element], number: int) -> Element:
    """The element with that number, else the first; an empty element where the list has none."""
    return listing[number if number < len(listing) else 0] if listing else Element("", "", {}, 0)


def _on(element: Element | None) -> bool:
    return element is not None and element.attributes.get("val", "1") not in ("0", "false", "none")


def _tinted(colour: str, tint: float) -> str:
    """A colour made darker (tint from -1 to below 0) or lighter (up to 1); its three parts change alike."""
    tint = max(-1.0, min(1.0, tint))
    parts = (int(colour[at : at + 2], 16) for at in (0, 2, 4))
    made = (part * (1 + tint) if tint < 0 else part * (1 - tint) + 255 * tint for part in parts)
    return "".join(f"{round(part):02X}" for part in made)
