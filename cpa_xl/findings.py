"""What a check of a scorecard finds before it leaves the house: a code, a level, a place, and a message.

`CODES` holds every code there is: W for what the published file must be like (the Analysis Function's guidance on
releasing statistics in spreadsheets), T for what makes its figures trustworthy. What is wrong whoever says otherwise
has to be put right; other findings somebody may accept, by name and with a reason (`Check.acceptable`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cpa_xl.a1 import cell_name
from cpa_xl.errors import Level
from cpa_xl.signoff import ACCEPTED, Acceptance


@dataclass(frozen=True, slots=True)
class Check:
    """What is checked under a code, and what it means where it fails."""

    about: str
    level: Level
    acceptable: bool = False


_STOP, _WARN, _NOTE = Level.STOP, Level.WARN, Level.NOTE
_MAY = True  # be accepted
CODES: Mapping[str, Check] = MappingProxyType({
    "W1": Check("every data sheet's table is an Excel table with one row of headings, none blank or twice",
                _WARN, _MAY),
    "W2": Check("tables have names that say what they hold", _WARN, _MAY),
    "W3": Check("no cells are merged", _WARN, _MAY),
    "W4": Check("no row or column of a table is blank, and empty cells are explained above it", _WARN, _MAY),
    "W5": Check("a table begins in column A, with nothing below it and no other on its sheet", _WARN, _MAY),
    "W6": Check("cell A1 holds a title in the style Heading 1, and column A says how many tables there are",
                _WARN, _MAY),
    "W7": Check("no sheet, row or column is hidden, none is blank, names of sheets are clean", _STOP),
    "W8": Check("no filters, headers, footers or text boxes; pictures described, frozen panes explained", _WARN, _MAY),
    "W9": Check("every [note 1] is defined and every note used; no superscripts or symbols", _WARN, _MAY),
    "W10": Check("shorthand is known, declared, and never in a cell with a number", _WARN, _MAY),
    "W11": Check("letters are G, A, R or – with a reason, and colours have contrast", _STOP),
    "W12": Check("text is sans serif, 10 points or more, level, not in italics or underlined", _WARN, _MAY),
    "W13": Check("title and language are stated, the first sheet opens on A1, cover and notes are there", _WARN, _MAY),
    "W14": Check("no macros, links to other files, errors, or formulas that need cpa_xl; links have words", _STOP),
    "W15": Check("numbers are numbers, dates are dates, decimals alike in a column", _WARN, _MAY),
    "W16": Check("tables, and their columns, are those of the last published copy", _NOTE),
    "T1": Check("every printed figure follows from the counts that the workbook holds", _STOP),
    "T2": Check("every letter follows from figure, target and band", _STOP),
    "T3": Check("parts add up to their whole: series, boroughs, measures within a measure", _STOP),
    "T4": Check("every figure in a comment is a computed one", _STOP, _MAY),
    "T5": Check("words of direction agree with the figures", _STOP, _MAY),
    "T6": Check("periods are those that the figures are for", _STOP, _MAY),
    "T7": Check("provisional data, proxies, exclusions and baseline years are said to be so", _WARN, _MAY),
    "T8": Check("what changed since the last published copy is known, revised months are marked [r]", _WARN, _MAY),
    "T9": Check("red and amber rows have a comment", _STOP, _MAY),
    "T10": Check("the approver has signed these figures, and what is accepted has a reason and a name", _WARN),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: `place` is a cell (Scorecard!D13), a sheet, a part, or the workbook.

    The message says what is wrong, what was there and what would do. `quote` is what the cell says that it is about:
    who accepts the finding accepts these words, and no others. `accepted` is set where somebody did.
    `readers` says it for readers of the copy, "" where it is none of theirs, None where the code says enough.
    """

    code: str
    level: Level
    place: str
    message: str
    quote: str = field(default="", compare=False)
    accepted: Acceptance | None = field(default=None, compare=False)
    readers: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.said} ({self.code})"

    @property
    def said(self) -> str:
        """The message, and where the finding may be accepted, as what."""
        if not self.quote or self.accepted is not None or self.level is Level.NOTE:
            return self.message
        return f'{self.message}; or accept it, with a reason: table {ACCEPTED}, text "{self.quote}"'


def found(
    code: str, place: str, message: str, level: Level | None = None, quote: str = "", *, readers: str | None = None
) -> Finding:
    """A finding, on the level of its code unless another is given."""
    return Finding(code, level or CODES[code].level, place, message, quote, readers=readers)


def at(sheet: str, row: int, column: int) -> str:
    """A cell as findings name it: Scorecard!D13."""
    return f"{sheet}!{cell_name(row, column)}"
