"""Values that charts keep of the cells they show: rewrites them where those cells changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cpa_xl.errors import CellError
from cpa_xl.ooxml.cells import encoded, number_text
from cpa_xl.ooxml.sheet import Value
from cpa_xl.ooxml.xml import Edit, Element, escape, splice

CHART_TYPES = ("drawingml.chart+xml", "vnd.ms-office.chartex+xml")

_CACHES = {
    "numRef": "numCache",
    "strRef": "strCache",
    "multiLvlStrRef": "multiLvlStrCache",
    "datalabelsRange": "dlblRangeCache",
}
_DIMENSIONS = ("numDim", "strDim")  # of the newer chart kinds, which keep their values in <cx:lvl>


@dataclass(frozen=True)
class Shown:
    """What a chart keeps of its cells: how many there are, and the values by place (empty cells have none)."""

    count: int
    points: Mapping[int, Value]

    def same(self, other: "Shown | None") -> bool:
        """Whether other cells show the same."""
        if other is None or self.count != other.count or self.points.keys() != other.points.keys():
            return False
        return all(_plain(value) == _plain(other.points[place]) for place, value in self.points.items())


CellsReader = Callable[[str], Shown | None]  # what the cells of a reference show; None where it does not say which


def with_caches(
    text: bytes,
    root: Element,
    before: Sequence[str],
    old: CellsReader,
    new: CellsReader,
    *,
    reached: Callable[[str], bool],
) -> bytes:
    """A chart part that keeps the values that its cells hold now.

    before: the earlier references, in the order of `references`. `old` reads them; `new` reads those of `root`.
    Kept values stay byte for byte where the reference leads to no changed sheet (`reached`). They also stay where its
    cells show the same as before. They go where cells or their text are unclear (formatted numbers as text, several
    levels): every program then reads the cells.
    """
    edits: list[Edit] = []
    for element, earlier in zip(references(root), before, strict=True):
        formula = _formula(element)
        if formula == earlier and not reached(formula):
            continue
        now, then = new(formula), old(earlier)
        if now is None or not now.same(then):
            edits += _cache_edits(text, element, now)
    return splice(text, edits)


def refreshed(text: bytes, root: Element, shown: CellsReader) -> bytes:
    """A chart part that keeps what its cells show; the same bytes where it does already.

    Some values stay: those of computed references, of texts with several levels, and of the newer chart kinds.
    """
    edits: list[Edit] = []
    for element in references(root):
        cache = element.find(_CACHES.get(element.name, ""))
        now = shown(_formula(element)) if cache else None
        points = _points(element.name, now.points) if now else None
        if cache is not None and now is not None and points is not None and not _keeps(cache, points, now.count):
            edits += _rewritten(text, cache, points, now.count)
    return splice(text, edits)


def _keeps(cache: Element, points: Sequence[tuple[int, str]], count: int) -> bool:
    counted = cache.find("ptCount")
    kept = {
        (int(point.attributes["idx"]), _comparable(encoded(value.text)))
        for point in cache.all("pt")
        if (value := point.find("v"))
    }
    same = kept == {(place, _comparable(shown)) for place, shown in points}
    return same and counted is not None and counted.attributes.get("val") == str(count)


def _comparable(shown: str) -> object:
    """A number, however it is written; other text as it is."""
    try:
        return float(shown)
    except ValueError:
        return shown


def references(root: Element) -> tuple[Element, ...]:
    """The elements of a chart part that refer to cells and keep their values."""
    return tuple(element for element in root.walk() if element.name in _CACHES or element.name in _DIMENSIONS)


def formulas(root: Element) -> tuple[str, ...]:
    """The formulas of a chart part's references."""
    return tuple(_formula(element) for element in references(root))


def _formula(element: Element) -> str:
    found = element.find("f")
    return found.text if found else ""


def _plain(value: Value) -> tuple[str, object]:
    return type(value).__name__, value.code if isinstance(value, CellError) else value


def _cache_edits(text: bytes, element: Element, shown: Shown | None) -> list[Edit]:
    if element.name in _DIMENSIONS:
        return [Edit(level.start, level.end, b"") for level in element.all("lvl")]
    cache = element.find(_CACHES[element.name])
    if cache is None:
        return []
    points = None if shown is None else _points(element.name, shown.points)
    if shown is None or points is None:
        return [Edit(cache.start, cache.end, b"")]
    return _rewritten(text, cache, points, shown.count)


def _points(kind: str, points: Mapping[int, Value]) -> list[tuple[int, str]] | None:
    """The texts of the points that show something, by place; None where the text depends on a format."""
    if kind == "numRef":
        return [(place, _number(value)) for place, value in points.items() if value is not None]
    if kind == "strRef" and all(value is None or isinstance(value, str) for value in points.values()):
        return [(place, encoded(value)) for place, value in points.items() if isinstance(value, str) and value]
    return None


def _number(value: Value) -> str:
    if isinstance(value, CellError):
        return escape(value.code).decode()
    return "0" if value is None or isinstance(value, str) else number_text(float(value))


def _rewritten(text: bytes, cache: Element, points: Sequence[tuple[int, str]], count: int) -> list[Edit]:
    """Edits that replace the points of a cache and their count; its number format and the rest stay."""
    prefix = text[cache.start + 1 : cache.inner].split(b"Cache")[0].rpartition(b":")[0].decode()
    prefix = f"{prefix}:" if prefix else ""
    formats = {point.attributes.get("idx"): point.attributes.get("formatCode") for point in cache.all("pt")}
    written = [f'<{prefix}ptCount val="{count}"/>']
    for place, shown in points:
        code = formats.get(str(place))
        extra = f' formatCode="{escape(code, quotes=True).decode()}"' if code else ""
        written.append(f'<{prefix}pt idx="{place}"{extra}><{prefix}v>{shown}</{prefix}v></{prefix}pt>')
    replaced = [child for child in cache.children if child.name in ("ptCount", "pt")]
    begin = replaced[0].start if replaced else cache.outer
    end = replaced[-1].end if replaced else cache.outer
    return [Edit(begin, end, "".join(written).encode())]
