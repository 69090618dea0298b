"""Charts of a copy for readers: what they keep of their cells is brought up to date, and what they show of cells that
are left out becomes their own."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cpa_xl.cellxml import encoded, number_text
from cpa_xl.charts import Reader, Shown, refreshed
from cpa_xl.errors import CellError, Refusal
from cpa_xl.markup import Edit, Element
from cpa_xl.sheetxml import Value
from cpa_xl.stripping import Stripping

CHART = "drawingml.chart+xml"
_LOOK = ("bodyPr", "pPr")  # of a title's letters
_PREFIX = re.compile(r"<((?:[\w.-]+:)?)bodyPr")
_KEPT = {"numRef": "numCache", "strRef": "strCache", "multiLvlStrRef": "multiLvlStrCache"}


def fix_charts(work: Stripping, shown: Reader, gone: Callable[[str], bool]) -> None:
    """Bring charts up to date; those that show what is `gone` keep the values themselves."""

    def at_home(reference: str) -> Shown | None:
        return None if _leads_out(reference) else shown(reference)

    for part in work.parts_of(CHART):
        _strip_extensions(work, part, gone)
        text = refreshed(work.package.text(part), work.package.root(part), at_home)
        work.package = work.package.with_text(part, text)
        root = work.package.root(part)
        edits = [edit for family in _families(root) for edit in _fixed(text, family, at_home, gone)]
        work.note("reference of a chart to cells that are left out", part, len(edits))
        edits += [
            Edit(one.start, one.end, b"")
            for one in root.children
            if one.name == "pivotSource" and gone(_place(one.find("name")))
        ]
        work.edit(part, edits)


def _strip_extensions(work: Stripping, part: str, gone: Callable[[str], bool]) -> None:
    """Lines that are not shown, and the whole of what is shown in part: gone where it is left out.

    Raises `Refusal` for labels that a chart takes from such cells.
    """
    going: list[Element] = []
    for extension in (one for one in work.package.root(part).walk() if one.name == "ext"):
        said = [one.text for one in extension.walk() if one.name in ("f", "sqref") and not one.children]
        lost = next((text for text in said if _leads_out(text) or gone(text)), None)
        if lost is not None and extension.find("datalabelsRange") is not None:
            raise Refusal(
                f"{work.package.path}: {part} takes its labels from {lost}, which is left out; put them on a sheet that"
                " stays, or show values or names in the labels"
            )
        if lost is not None and not any(other.start <= extension.start < other.end for other in going):
            going.append(extension)
    work.note("reference of a chart to cells that are left out", part, work.drop(part, going))


def _leads_out(reference: str) -> bool:
    """Whether a reference is to another workbook."""
    return "[" in reference.rpartition("!")[0]


def _place(name: Element | None) -> str:
    """The place of a pivot table: `[Book.xlsx]Sheet!Name` is Sheet!Name."""
    sheet, _, own = (name.text if name else "").rpartition("]")[2].rpartition("!")
    return "'{}'!{}".format(sheet.strip("'").replace("'", "''"), own)


@dataclass(frozen=True)
class _Family:
    """A reference of a chart, what it stands in, and what that stands in."""

    reference: Element
    parent: Element
    grandparent: Element


def _families(root: Element) -> Iterator[_Family]:
    waiting = [(root, root)]
    while waiting:
        element, above = waiting.pop()
        for child in element.children:
            if child.name in _KEPT:
                yield _Family(child, element, above)
            else:
                waiting.append((child, element))


def _fixed(text: bytes, family: _Family, shown: Reader, gone: Callable[[str], bool]) -> list[Edit]:
    reference = family.reference
    formula = reference.find("f")
    if formula is None or not (_leads_out(formula.text) or gone(formula.text)):
        return []
    prefix = text[reference.start + 1 : reference.inner].split(reference.name.encode())[0].decode()
    now = shown(formula.text)
    points, count = _kept(reference) if now is None else _current(now)
    if family.parent.name == "tx":
        said = " ".join(points[place] for place in sorted(points))
        plain = family.grandparent.name == "ser"
        new = f"<{prefix}v>{said}</{prefix}v>" if plain else _rich(text, prefix, said, family.grandparent)
    else:
        kind = "numLit" if reference.name == "numRef" else "strLit"
        written = "".join(
            f'<{prefix}pt idx="{place}"><{prefix}v>{point}</{prefix}v></{prefix}pt>' for place, point in points.items()
        )
        new = f'<{prefix}{kind}>{_format(text, reference)}<{prefix}ptCount val="{count}"/>{written}</{prefix}{kind}>'
    return [Edit(reference.start, reference.end, new.encode())]


def _rich(text: bytes, prefix: str, said: str, title: Element) -> str:
    """A title of its own, in the letters that it had."""
    look = {one.name: one for own in title.all("txPr") for one in own.walk()}
    body, letters = (text[look[name].start : look[name].end].decode() if name in look else "" for name in _LOOK)
    space = "http://schemas.openxmlformats.org/drawingml/2006/main"
    body = body or f'<a:bodyPr xmlns:a="{space}"/>'
    own = _PREFIX.match(body)
    a = own[1] if own else ""
    declared = f' xmlns:{a.rstrip(":")}="{space}"' if a else f' xmlns="{space}"'
    run = f"<{a}r><{a}t>{said}</{a}t></{a}r>"
    return f"<{prefix}rich>{body}<{a}p{declared}>{letters}{run}</{a}p></{prefix}rich>"


def _format(text: bytes, reference: Element) -> str:
    cache = reference.find("numCache")
    code = cache.find("formatCode") if cache else None
    return text[code.start : code.end].decode() if code else ""


def _kept(reference: Element) -> tuple[Mapping[int, str], int]:
    """The points that a chart keeps, of several levels the innermost, and how many places there are."""
    cache = reference.find(_KEPT[reference.name])
    if cache is None:
        return {}, 0
    counted = cache.find("ptCount")
    level = cache.find("lvl") or cache
    points = {
        int(point.attributes["idx"]): encoded(value.text) for point in level.all("pt") if (value := point.find("v"))
    }
    return points, int(counted.attributes["val"]) if counted else len(points)


def _current(now: Shown) -> tuple[Mapping[int, str], int]:
    return {place: _text(value) for place, value in now.points.items() if value not in (None, "")}, now.count


def _text(value: Value) -> str:
    if isinstance(value, CellError):
        return value.code
    return encoded(value) if isinstance(value, str) else number_text(float(value or 0))
