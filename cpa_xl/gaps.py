"""#N/A on purpose: charts leave such a point out. Formulas give it, people type it, copies have it for secrets."""

import re

from cpa_xl.errors import CellError, MissingData
from cpa_xl.sheetxml import Value, cell_error

GAP = cell_error(MissingData.code)
_CALLED = re.compile(  # what is in quotes, a text or the name of a sheet, calls nothing
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'!|(?<![\w.!])(?P<na>NA\(\s*\))""", re.IGNORECASE
)


def is_gap(value: Value, formula: str | None) -> bool:
    """Whether a cell shows #N/A on purpose: it is typed (no formula), or its formula calls NA().

    `formula` is without "=". Letters' case does not matter; another error is never meant.
    """
    if not isinstance(value, CellError) or value.code != GAP.code:
        return False
    return formula is None or any(match["na"] for match in _CALLED.finditer(formula))
