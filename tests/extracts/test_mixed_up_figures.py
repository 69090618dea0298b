"""Known figures that come again as something else: b10 of the figures that would go wrong in silence."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.extracts.facts import read_facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.revisions import states, with_known
from cpa_xl.measures.periods import Month
from tests.support.extract_files import AREAS, CRIME, catalogue, months, write

PLACES = tuple(AREAS["four"].members)
TWO: dict[str, dict[str, Any]] = {
    name: {"title": name.title(), "source": "it", "sum": "count", "where": f"kind = '{name.title()}'"}
    for name in ("theft", "arson")
}
FIRST, NUMBER = "2008-01", 13
Figures = Mapping[tuple[str, str], list[int]]  # the months of an area and kind


def usual(seed: int = 1, level: int = 90) -> Figures:
    """Thirteen months of thefts, and a third as many of arson, which vary as chance makes them."""
    chance = random.Random(seed)  # noqa: S311  # figures to test with, no secrets
    return {
        (area, kind): [max(0, round(chance.gauss(mean, mean**0.5))) for _ in range(NUMBER)]
        for area in PLACES
        for kind, mean in (("Theft", level), ("Arson", level // 3))
    }


def extract(folder: Path, figures: Figures) -> None:
    folder.mkdir(exist_ok=True)
    head = [f"{month.year}{month.month:02d}" for month in months(FIRST, NUMBER)]
    rows = [[area, kind, *map(str, found)] for (area, kind), found in figures.items()]
    write(folder / "crime.csv", [["Area", "Kind", *head], *rows])


def compared(folder: Path, before: Figures, now: Figures) -> list[str]:
    """What is said of an extract beside the one before: R1, R4 and V9 with their levels."""
    both = catalogue({"it": CRIME}, TWO)
    extract(folder / "before", before)
    extract(folder / "now", now)
    known = {name: states(read_facts(both, folder / "before"), name) for name in TWO}
    try:
        found = with_known(both, read_facts(both, folder / "now"), known, as_of=Month(2009, 1)).facts.faults
    except ExtractsRefused as refusal:
        found = refusal.faults
    return [f"{fault.level.value}: {fault}" for fault in found if fault.code in ("R1", "R4", "V9")]


def each(change: Callable[[list[int]], list[int]]) -> Callable[[Figures], Figures]:
    """Change the months of each area and kind alike."""
    return lambda figures: {place: change(found) for place, found in figures.items()}


def swapped(one: int, other: int) -> Callable[[list[int]], list[int]]:
    def change(found: list[int]) -> list[int]:
        found = list(found)
        found[one], found[other] = found[other], found[one]
        return found

    return change


def kinds_swapped(figures: Figures) -> Figures:
    other = {"Theft": "Arson", "Arson": "Theft"}
    return {(area, other[kind]): found for (area, kind), found in figures.items()}


def one_area(times: int, place: str = "South") -> Callable[[Figures], Figures]:
    return lambda figures: {
        (area, kind): [times * number for number in found] if area == place else found
        for (area, kind), found in figures.items()
    }


SEEDS = [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (kinds_swapped, "the figures of Theft are those known of Arson (R4)"),
        (each(swapped(3, 7)), "Theft: Apr-08 has what is known of Aug-08 and Aug-08 has what is known of Apr-08 (R4)"),
        (each(swapped(11, 12)), "Theft: Dec-08 has what is known of Jan-09 and Jan-09 has what is known of Dec-08"),
        (each(lambda found: [found[-1], *found[:-1]]), "Theft: Jan-08 has what is known of Jan-09, Feb-08 has what is"),
        (each(lambda found: [*found[1:], found[0]]), "Theft: Jan-08 has what is known of Feb-08, Feb-08 has what is"),
        (one_area(10), "Theft of South: the figures are those known, times 10 (R4)"),
        (one_area(100, "East"), "Theft of East: the figures are those known, times 100 (R4)"),
        (each(lambda found: [10 * number for number in found]), "the figures of Theft are those known, times 10 (R4)"),
        (each(lambda found: [round(number, -1) for number in found]), "the figures of Theft are those known, rounded"),
    ],
    ids=["kinds", "months", "last months", "one later", "one earlier", "area", "area 100", "tens", "rounded"],
)
def test_b10_known_figures_in_another_place_are_named_and_stop(
    tmp_path: Path, seed: int, change: Callable[[Figures], Figures], sentence: str
) -> None:
    before = usual(seed)
    said = compared(tmp_path, before, change(before))
    assert any(one.startswith(f"stop: crime.csv: {sentence}") for one in said), said


@pytest.mark.parametrize("seed", SEEDS)
def test_b10_a_last_month_that_is_a_copy_stops(tmp_path: Path, seed: int) -> None:
    copied = each(lambda found: [*found[:-1], found[-2]])(usual(seed))
    extract(tmp_path / "now", copied)
    with pytest.raises(ExtractsRefused) as refusal:
        read_facts(catalogue({"it": CRIME}, TWO), tmp_path / "now")
    assert any("every figure of Jan-09 is that of Dec-08" in fault.message for fault in refusal.value.faults)


@pytest.mark.parametrize("seed", SEEDS)
def test_b10_late_records_are_none_of_it(tmp_path: Path, seed: int) -> None:
    before, chance = usual(seed), random.Random(seed)  # noqa: S311  # figures to test with, no secrets
    later = each(lambda found: [number + (chance.random() < 0.2) for number in found])(before)
    said = compared(tmp_path, before, later)
    assert [one for one in said if not one.startswith("note: ") and "(R1)" not in one] == []
    assert not any(one.startswith("stop") for one in said)


@pytest.mark.parametrize("seed", SEEDS)
def test_b10_the_last_month_may_have_been_incomplete(tmp_path: Path, seed: int) -> None:
    now = usual(seed)
    before = each(lambda found: [*found[:-1], round(0.55 * found[-1])])(now)
    said = compared(tmp_path, before, now)
    assert not any(one.startswith("stop") for one in said)


@pytest.mark.parametrize("month", [1, 3, 6, 10, 11])
@pytest.mark.parametrize("part", [0.3, 2.5])
def test_b10_an_earlier_month_of_other_figures_stops(tmp_path: Path, month: int, part: float) -> None:
    """A year together hardly changes by it: that of 13 months, of which one has 30 %, by a twentieth."""
    before = usual()
    now = each(lambda found: [round(part * number) if at == month else number for at, number in enumerate(found)])
    said = compared(tmp_path, before, now(before))
    label = months(FIRST, NUMBER)[month].label
    assert any(one.startswith("stop: crime.csv: Theft is revised in 1 of the 13 months known before: ")
               and f"more than half of it is other than known: {label} from " in one for one in said), said  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [("North", "South"), ("South", "East"), ("East", "Westminster")])
def test_b10_two_areas_that_change_places_stop(tmp_path: Path, one: str, other: str) -> None:
    """Under the same total: North has twice as many as South, and South as East."""
    weight = {"North": 8, "South": 4, "East": 2, "Westminster": 1}
    before = {place: [weight[place[0]] * number for number in found] for place, found in usual(level=30).items()}
    names = {one: other, other: one}
    now = {(names.get(area, area), kind): found for (area, kind), found in before.items()}
    said = compared(tmp_path, before, now)
    assert any(one_said.startswith("stop: crime.csv: ") for one_said in said), said


@pytest.mark.parametrize("few", [1, 2])
def test_b10_months_of_one_or_two_are_often_alike(tmp_path: Path, few: int) -> None:
    """As many deaths in the same areas as in another month are no copy; as many thefts are."""
    for level, told in ((few, 0), (90, 1)):
        before = {(area, "Theft"): [level + (n + place) % 3 * (level > few) for n in range(NUMBER)]
                  for place, area in enumerate(PLACES)}  # fmt: skip
        before |= {(area, "Arson"): [20 + n for n in range(NUMBER)] for area in PLACES}
        for place, area in enumerate(PLACES):
            before[area, "Theft"][2] += 1 + place * (level > few)
            before[area, "Theft"][7] = 0
        now = {key: [*found[:7], found[2], *found[8:]] if key[1] == "Theft" else found for key, found in before.items()}
        said = compared(tmp_path, before, now)
        assert len([one for one in said if "Aug-08 has what is known of Mar-08" in one]) == told


@pytest.mark.parametrize("kind", ["Theft", "Arson"])
def test_b8_figures_that_are_all_none_are_not_called_rounded(tmp_path: Path, kind: str) -> None:
    before = usual()
    now = {key: [0] * NUMBER if key[1] == kind else found for key, found in before.items()}
    said = compared(tmp_path, before, now)
    assert any(f"{kind} is revised" in one for one in said)
    assert not any("rounded" in one for one in said)


@pytest.mark.parametrize("seed", SEEDS)
def test_b10_two_areas_of_one_size_that_change_places_are_named(tmp_path: Path, seed: int) -> None:
    """Their figures hardly differ, and no total does."""
    before = usual(seed)
    names = {"North": "South", "South": "North"}
    now = {(names.get(area, area), kind): found for (area, kind), found in before.items()}
    said = compared(tmp_path, before, now)
    theft = "stop: crime.csv: Theft: North has what is known of South and South has what is known of North (R4)"
    assert any(one.startswith(theft) for one in said), said
