"""Shorthand in tables and what it means, as the Analysis Function's guidance on symbols has it.

Cover, notes and page explain what is used; the checks of a release look whether that was done.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Symbol:
    """What shorthand means, and a word that whatever explains it holds.

    Significance has a level, which only its author knows: of it nothing is said.
    """

    word: str
    means: str = ""


SHORTHAND: Mapping[str, Symbol] = MappingProxyType({
    "[b]": Symbol("break", "Break in the series."),
    "[c]": Symbol("confidential",
                  "Confidential: a count of 1 to 4, or one that would give such a count away, is not shown."),
    "[e]": Symbol("estimate", "Estimated."),
    "[er]": Symbol("earliest", "Earliest revision."),
    "[f]": Symbol("forecast", "Forecast."),
    "[low]": Symbol("low", "Low: rounds to nothing."),
    "[ns]": Symbol("significant"),
    "[s]": Symbol("significant"),
    "[ss]": Symbol("significant"),
    "[sss]": Symbol("significant"),
    "[p]": Symbol("provisional",
                  "Provisional: late records may still change the figure. In trends that are printed, a hollow dot."),
    "[r]": Symbol("revised",
                  "Revised: the figure of a past month is another one than in the copy published before."),
    "[u]": Symbol("reliab", "Low reliability."),
    "[x]": Symbol("available", "Not available."),
    "[z]": Symbol("applicable", "Not applicable."),
})  # fmt: skip
OURS = ("[c]", "[p]", "[r]", "[x]", "[z]")  # what copies of the scorecard show
_MARK = re.compile(r"(?<![^\W\d])\[[a-z]{1,4}\]")  # not within a word: offence[s]


def meanings(marks: Iterable[str]) -> dict[str, str]:
    """What each of these marks means, in the guidance's order; without those that nothing is said of."""
    wanted = set(marks)
    return {mark: one.means for mark, one in SHORTHAND.items() if one.means and mark in wanted}


def marks_in(texts: Iterable[str]) -> set[str]:
    """What looks like shorthand in these texts."""
    return {mark for text in texts for mark in _MARK.findall(text)}
