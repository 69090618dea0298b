"""When two figures are the same figure: the one rule, and every tolerance with its reason.

Two figures are the same where they differ by less than a part of the larger one. `NOISE` is the rule for figures of
one arithmetic, `REWORKED` for figures of two.
"""

import math

from cpa_xl.errors import CellError

# Relative. Binary fractions are not exact, and a sum in another order ends in other bits. Letters, ranks and signals
# are decided on a boundary, and `diff` tells what somebody typed: a wider tolerance would hide what counts.
NOISE = 1e-12
# Relative. Excel, LibreOffice and the calculator each round and add up in their own way, through a chain of formulas. A
# figure that was worked out again in another program is the stored one where nine digits agree.
REWORKED = 1e-9
# Absolute. What is left of a difference that is 0 on paper, where one of the two figures is 0.
REST = 1e-15
# Absolute. Excel writes 0 where a subtraction leaves next to nothing; the calculator leaves a rest of this size.
REST_OF_SUBTRACTION = 1e-12


def same_figure(one: float, other: float, within: float = NOISE, *, rest: float = REST) -> bool:
    """Whether two numbers are one figure: they differ by at most `within` of the larger one, or by at most `rest`."""
    try:
        return math.isclose(one, other, rel_tol=within, abs_tol=rest)
    except OverflowError:  # an integer beyond every float, as a statement may hold it
        return one == other


def same(one: object, other: object, within: float = NOISE) -> bool:
    """Whether two cells show the same: figures by `same_figure`, errors by their code, empty text is an empty cell.

    1 is not TRUE, "1" is not 1, and a capital letter counts.
    """
    one, other = (None if value == "" else value for value in (one, other))
    if isinstance(one, CellError) or isinstance(other, CellError):
        return isinstance(one, CellError) and isinstance(other, CellError) and one.code == other.code
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return same_figure(one, other, within)
    return one == other


def noise(one: float, other: float) -> float:
    """The difference that binary fractions make of figures as large as these: on a boundary it decides nothing."""
    return NOISE * max(abs(one), abs(other))
