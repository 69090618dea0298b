"""The house style, from its data: contrast, colours told apart without red or green, sizes, and that sheets keep it."""

import math
from collections.abc import Sequence
from itertools import combinations

import pytest

from tests.support.colours import D65, TO_XYZ, Colour, contrast, linear, times
from workbooks.house import CHART, INKS, LETTERS, SIZE, SIZE_OF_LETTER, SIZE_OF_TITLE, WORDS, Ink

# Machado, Oliveira and Fernandes 2009, A physiologically-based model for simulation of color vision deficiency,
# severity 1.0: linear RGB as readers without green (deuteranopia) or red (protanopia) cones see it.
SIGHT: dict[str, Sequence[Colour]] = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}


def lab(colour: str, sight: str) -> Colour:
    """CIE 1976 L*a*b* of a colour as seen."""
    red, green, blue = (min(1.0, max(0.0, part)) for part in times(SIGHT[sight], linear(colour)))
    x, y, z = (
        math.cbrt(part / white) if part / white > 216 / 24389 else (24389 / 27 * part / white + 16) / 116
        for part, white in zip(times(TO_XYZ, (red, green, blue)), D65, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(first: str, second: str, sight: str) -> float:
    """CIE 1976 colour difference; about 2.3 is just noticed."""
    return math.dist(lab(first, sight), lab(second, sight))


def test_the_measures_themselves() -> None:
    """Black on white is 21 to 1 and 100 apart; #767676 is the lightest grey with 4.5 to 1 on white (WCAG 2.2)."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") > 4.5 > contrast("#777777", "#FFFFFF")
    assert difference("#000000", "#FFFFFF", "all colours") == pytest.approx(100, abs=0.1)
    assert difference("#FF0000", "#00FF00", "all colours") == pytest.approx(170.6, abs=0.5)
    usual_green_and_red = ("#1E7B34", "#B3261E")
    assert difference(*usual_green_and_red, "all colours") > 90
    assert difference(*usual_green_and_red, "deuteranopia") < 20  # which is why the house has another green


@pytest.mark.parametrize("ink", INKS.values(), ids=list(INKS))
def test_text_stands_out_from_its_ground(ink: Ink) -> None:
    assert contrast(ink.text, ink.ground) >= 4.5


@pytest.mark.parametrize("colour", [CHART.months, CHART.figure, CHART.target])
def test_what_a_chart_draws_stands_out_from_its_ground(colour: str) -> None:
    """Graphical objects: 3 to 1 (WCAG 2.2, 1.4.11)."""
    assert contrast(colour, CHART.ground) >= 3


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_told_apart(sight: str) -> None:
    """At least ten times what is just noticed."""
    for group in ([INKS[letter].ground for letter in LETTERS], [CHART.months, CHART.figure, CHART.target]):
        for first, second in combinations(group, 2):
            assert difference(first, second, sight) >= 23, (first, second)


def test_letters_have_words_and_no_text_is_small() -> None:
    assert set(WORDS) == set(LETTERS)
    assert min(SIZE, SIZE_OF_TITLE, SIZE_OF_LETTER) >= 10
