"""When two values are the same figure."""

import math

from cpa_xl.errors import CellError

NOISE = 1e-12  # relative: what another order of adding up leaves in the last bits is no difference
NOTHING_LEFT = 1e-15  # the same where one of the two is zero


def same(one: object, other: object) -> bool:
    """Whether two cells show the same: noise in the last bits is none, empty text is an empty cell, 1 is not TRUE."""
    one, other = (None if value == "" else value for value in (one, other))
    if isinstance(one, CellError) or isinstance(other, CellError):
        return isinstance(one, CellError) and isinstance(other, CellError) and one.code == other.code
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=NOISE, abs_tol=NOTHING_LEFT)
    return one == other


SAME = 1e-9  # relative: figures nearer than that differ by the order in which they were added up


def same_number(shown: object, value: float) -> bool:
    """Whether a cell holds a number, but for what another order of adding up leaves."""
    if isinstance(shown, bool) or not isinstance(shown, int | float):
        return False
    return math.isclose(shown, value, rel_tol=SAME, abs_tol=1e-15)
