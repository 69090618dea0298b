"""The rule by which two figures are one, at its boundaries; the tolerances are those of the module's own text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpa_xl.measures.figures import NOISE, REST_OF_SUBTRACTION, REWORKED, noise, same, same_figure
from cpa_xl.ooxml.sheet import Value
from cpa_xl.workbook.closed import cell_error


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.0 + 9e-13, True),
        (1.0, 1.0 + 2e-12, False),
        (1e6, 1e6 + 9e-7, True),
        (1e6, 1e6 + 2e-6, False),
        (0.0, 2e-17, True),
        (0.0, 2e-15, False),
        (0.0, 1e-9, False),
        (1.0, True, False),
        (0.0, False, False),
        (0.0, None, False),
        (0.0, "", False),
        ("", None, True),
        ("1", 1.0, False),
        ("a", "A", False),
        (cell_error("#N/A"), cell_error("#N/A"), True),
        (cell_error("#N/A"), cell_error("#NUM!"), False),
        (cell_error("#N/A"), "#N/A", False),
    ],
)
def test_what_is_the_same(one: Value, other: Value, *, alike: bool) -> None:
    assert same(one, other) is alike
    assert same(other, one) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (202_728 / 219_138, 202_728 / 219_138 * (1 + 9e-10), True),
        (202_728 / 219_138, 202_728 / 219_138 * (1 + 2e-9), False),
        (1e-10, 2e-10, False),  # small figures are compared by their size too
        (0.0, 2e-15, False),
        (1.0, True, False),
    ],
)
def test_figures_that_another_program_worked_out(one: Value, other: Value, *, alike: bool) -> None:
    assert same(one, other, REWORKED) is alike
    assert same(other, one, REWORKED) is alike


def test_the_rest_of_a_subtraction_is_nothing_to_the_calculator() -> None:
    assert same_figure(0.3 - 0.1 * 3, 0.0, REWORKED, rest=REST_OF_SUBTRACTION)
    assert same_figure(9e-13, 0.0, REWORKED, rest=REST_OF_SUBTRACTION)
    assert not same_figure(2e-12, 0.0, REWORKED, rest=REST_OF_SUBTRACTION)


def test_integers_beyond_every_float() -> None:
    """A statement may say any number of digits."""
    assert same(10**400, 10**400)
    assert not same(10**400, 1.0)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_wider_tolerance_takes_in_what_the_narrow_one_does(one: float, other: float) -> None:
    assert same_figure(one, one)
    assert same_figure(one, other) is same_figure(other, one)
    assert same_figure(one, other, REWORKED) or not same_figure(one, other, NOISE)


def test_noise_grows_with_the_figures() -> None:
    assert noise(-2e6, 1e3) == pytest.approx(2e-6)
    assert noise(0.0, 0.0) == 0
