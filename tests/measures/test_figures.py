"""Figures print as on the scorecard of January 2009."""

from decimal import Decimal

import pytest

from cpa_xl.errors import WrongArgument
from cpa_xl.measures.figures import FigureStyle, Style, plain_number, rounded


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        # the printed scorecard of January 2009 and its comments
        (0.778, "percent", "77.8%"),
        (0.67, "percent0", "67%"),
        (0.048, "points", "4.8pp"),
        (-0.075, "change", "-7.5%"),
        (-0.15, "change", "-15.0%"),
        (-0.04, "change0", "-4%"),
        (31.5, "average", "31.5"),
        (239.0, "average0", "239"),
        (6405, "number", "6,405"),
        (-0.008, "movement", "down 0.8%"),
        (-0.165, "movement", "down 16.5%"),
        (0.005, "movement_points", "up 0.5pp"),
        # written out by hand
        (0.004, "change", "+0.4%"),
        (0.0004, "change", "0.0%"),
        (-0.0004, "change", "0.0%"),
        (-0.0004, "percent", "0.0%"),
        (-0.0, "number", "0"),
        (0.0004, "movement", "unchanged"),
        (0.0005, "movement", "up 0.1%"),
        (-0.0004, "movement_points", "unchanged"),
        (-0.048, "points", "-4.8pp"),
        (12.5, "change0", "+1,250%"),
        (1234567.891, "number2", "1,234,567.89"),
        (1e15, "number1", "1,000,000,000,000,000.0"),
        (1234567.4, "money", "£1,234,567"),
        (7250.505, "money2", "£7,250.51"),
        (-1234.5, "money", "-£1,235"),
        (-0.4, "money", "£0"),
        (0.108, "PERCENT", "10.8%"),
        (0.108, " percent_2 ", "10.80%"),
    ],
)
def test_styles(value: float, style: str, text: str) -> None:
    assert Style.read(style).text(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "times", "figure"),
    [
        # Excel's ROUND goes half away from zero; Python's round would give 2, -2, 0.12 and 28
        (2.5, 0, 1, "3"),
        (-2.5, 0, 1, "-3"),
        (0.125, 2, 1, "0.13"),
        (0.285, 0, 100, "29"),
        (1.005, 2, 1, "1.01"),
        (0.0449999999999999, 1, 100, "4.5"),
        (29.16666666666667, 1, 1, "29.2"),
    ],
)
def test_rounding_is_half_away_from_zero(value: float, decimals: int, times: int, figure: str) -> None:
    assert rounded(value, decimals, times) == Decimal(figure)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.778, 4, "0.778"),
        (0.011000000000000010, 4, "0.011"),
        (163243.2, 4, "163,243"),
        (1 / 3, 4, "0.3333"),
        (1 / 3, 6, "0.333333"),
        (200, 4, "200"),
        (0, 4, "0"),
        (-0.00012345, 4, "-0.0001235"),
    ],
)
def test_plain_numbers(value: float, digits: int, text: str) -> None:
    assert plain_number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "shown"), [("percents", '"percents"'), ("percent10", '"percent10"'), ("", '""'), (1, "1")]
)
def test_an_unknown_style_is_refused_with_the_list(value: object, shown: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        Style.read(value)
    assert str(refused.value) == (
        f"{shown} is not a style: write one of percent, points, change, number, average, money, movement, "
        "movement_points, and behind it, if need be, a digit for the decimals (percent0)"
    )


@pytest.mark.parametrize(
    ("value", "kind", "fraction"),
    [
        (10.8, FigureStyle.PERCENT, "0.108"),
        (-1.51, FigureStyle.PERCENT, "-0.0151"),
        (4.8, FigureStyle.POINTS, "0.048"),
        (-1.1, FigureStyle.MOVEMENT_POINTS, "-0.011"),
        (-7.5, FigureStyle.CHANGE, "-0.075"),
        (-7.5, FigureStyle.MOVEMENT, "-0.075"),
    ],
)
def test_a_percentage_that_is_no_fraction_is_refused(value: float, kind: FigureStyle, fraction: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        Style(kind, 1).text(value)
    assert str(refused.value) == (
        f"a percentage is written as a fraction: {fraction} for {value}%; {kind} cannot print {value}"
    )
