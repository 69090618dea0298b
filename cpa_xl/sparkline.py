"""A small line of months as an inline picture, with what it shows in words."""

from collections.abc import Callable, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from cpa_xl.markuptree import tag
from cpa_xl.trend import Point, Trend

WIDTH, HEIGHT, EDGE = 132, 36, 4  # units of the picture; EDGE keeps dots inside it
DOT, LAST_DOT = 2.2, 3.2
COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
           "Thirteen")  # fmt: skip


def sparkline(trend: Trend, target: float | None, words: str) -> Element | None:
    """The months as a line: provisional ones hollow dots, the last a larger dot, the target dashes where it holds.

    A missing month breaks the line. None where no month has a figure.
    """
    values = [point.value for point in trend if point.value is not None]
    if not values:
        return None
    if target is not None and any(point.judged for point in trend):
        values.append(target)
    low, high = min(values), max(values)
    size = (high - low) or 1.0

    def across(place: int) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * place / max(len(trend) - 1, 1)

    def down(value: float) -> float:
        return HEIGHT / 2 if high == low else EDGE + (HEIGHT - 2 * EDGE) * (high - value) / size

    dashes = [] if target is None else _dashes(trend, across, down(target))
    places = [(across(place), down(point.value), point) for place, point in enumerate(trend) if point.value is not None]
    lines = [
        tag("polyline", class_="line", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run))
        for run in _runs(trend, across, down)
    ]
    dots = [_dot(x, y, point, last=point is places[-1][2]) for x, y, point in places]
    picture = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "class_": "spark", "role": "img", "aria_label": words}
    return tag("svg", *dashes, *lines, *(dot for dot in dots if dot is not None), **picture)


def _runs(
    trend: Trend, across: Callable[[int], float], down: Callable[[float], float]
) -> list[list[tuple[float, float]]]:
    """The stretches of months without a gap, of two months or more."""
    runs = []
    for there, group in groupby(enumerate(trend), key=lambda pair: pair[1].value is not None):
        run = [(across(place), down(point.value)) for place, point in group if point.value is not None]
        if there and len(run) > 1:
            runs.append(run)
    return runs


def _dashes(trend: Trend, across: Callable[[int], float], height: float) -> list[Element]:
    judged = [place for place, point in enumerate(trend) if point.judged]
    if not judged:
        return []
    step = (across(1) - across(0)) / 2  # so that a target of one month is seen
    first, last = max(0.0, across(judged[0]) - step), min(float(WIDTH), across(judged[-1]) + step)
    ends = {"x1": f"{first:.1f}", "x2": f"{last:.1f}", "y1": f"{height:.1f}", "y2": f"{height:.1f}"}
    return [tag("line", class_="aim", **ends)]


def _dot(x: float, y: float, point: Point, *, last: bool) -> Element | None:
    if not (last or point.provisional):
        return None
    kind = ("hollow" if point.provisional else "dot") + (" last" if last else "")
    return tag("circle", class_=kind, cx=f"{x:.1f}", cy=f"{y:.1f}", r=str(LAST_DOT if last else DOT))


def in_words(trend: Trend, figure: Callable[[float], str], target: str) -> str:
    """What the line shows: from and to, lowest and highest month, provisional and missing months, the target."""
    known: Sequence[tuple[Point, float]] = [(point, point.value) for point in trend if point.value is not None]
    if not known:
        return "no figures"
    (first, start), (last, end) = known[0], known[-1]
    (lowest, low), (highest, high) = (pick(known, key=lambda pair: pair[1]) for pick in (min, max))
    count = COUNTED[len(trend)] if len(trend) < len(COUNTED) else str(len(trend))
    said = [
        f"{count} months to {trend[-1].month.label}: from {figure(start)} in {first.month.label}"
        f" to {figure(end)} in {last.month.label}",
        f"lowest {figure(low)} in {lowest.month.label}, highest {figure(high)} in {highest.month.label}",
    ]
    provisional = [point.month.label for point in trend if point.provisional]
    if provisional:
        said.append(f"provisional from {provisional[0]}")
    if missing := [point.month.label for point in trend if point.value is None]:
        said.append(f"no figure for {', '.join(missing)}")
    if target and any(point.judged for point in trend):
        said.append(f"target {target}")
    return "; ".join(said) + "."
