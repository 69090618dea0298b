"""Whether the comments of a scorecard still hold: their figures, directions, periods and notes."""

from collections.abc import Iterator

from cpa_xl.commentary import Fault, stale
from cpa_xl.errors import CellError
from cpa_xl.faults import Level
from cpa_xl.findings import Finding, found
from cpa_xl.storedfigures import StoredFigures
from cpa_xl.trustchecks import ScorecardRow

REWRITE = "type the figure that holds now, or put back the formula of the comment"


def check_comment(figures: StoredFigures, row: ScorecardRow) -> Iterator[Finding]:
    """T4, T5: each figure of a comment against the computed facts of its measure, and the way it says they moved.

    A figure that is near none of them was not computed here; that is a warning only.
    """
    if row.measure.figure is None:
        return
    try:
        known = figures.known(row.measure)
    except CellError:  # the headline has no figure, which is told there
        return
    for wrong in stale(row.text("comment"), known):
        if wrong.fault is Fault.WRONG_WAY:
            yield found("T5", row.place("comment"), f"{wrong.words}: {REWRITE}")
        elif wrong.nearest is None:
            message = f"{wrong.words}: say where it comes from, and have it checked"
            yield found("T4", row.place("comment"), message, Level.WARN)
        else:
            yield found("T4", row.place("comment"), f"{wrong.words}: {REWRITE}")
