"""Lists and numbers inside sentences, and closed lists of words that people type.

Every message uses these, so that the same list reads the same everywhere.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self, cast

from cpa_xl.errors import WrongArgument

FEW = 5  # how many things a message names
FEWEST = 3  # in a line of a list, and in the reason that a cell gives: both have less room
TO_CHOOSE_FROM = 12  # headings and values, among which people look for the one that they meant


class Word(StrEnum):
    """One of a closed list: subclass it with the words as members."""

    @classmethod
    def read(cls, value: object) -> Self:
        """The word that a text names, in any case, with space or hyphen for underscore.

        Raises WrongArgument, with the list of words, for anything else.
        """
        if isinstance(value, str):
            if found := cls._value2member_map_.get(value):  # the usual spelling
                return cast(Self, found)
            written = "_".join(value.replace("-", " ").split()).casefold()
            for word in cls:
                if word.value.casefold() == written:
                    return word
        raise WrongArgument(f"{quoted(value)} will not do: write one of {', '.join(cls)}")


def several(pieces: Sequence[str]) -> str:
    """All pieces as one list: "a", "a and b", "a, b and c"."""
    return " and ".join([*([", ".join(pieces[:-1])] if len(pieces) > 1 else []), *pieces[-1:]])


def first_few(pieces: Sequence[str], most: int = FEW, what: str = "", *, between: str = ", ") -> str:
    """The first `most` pieces and the number of the rest: "a, b and 3 more"; with `what`, "a, b and 3 more months"."""
    named, more = between.join(pieces[:most]), len(pieces) - most
    if more <= 0:
        return named
    return f"{named} and {counted(more, f'more {what}') if what else f'{more:,} more'}"


def all_or_few(pieces: Sequence[str], most: int = FEW, what: str = "") -> str:
    """At most `most` pieces in full, "a, b and c"; more are cut, "a, b and 3 more"."""
    return several(pieces) if len(pieces) <= most else first_few(pieces, most, what)


def counted(number: int, what: str) -> str:
    """A number with its noun: "1 row", "1,200 rows"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def quoted(value: object) -> str:
    """A value as a message shows it: text in quotation marks, which make stray blanks visible."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
