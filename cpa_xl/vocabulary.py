"""Closed lists of words, read as people write them."""

from enum import StrEnum
from typing import Self, cast

from cpa_xl.errors import WrongArgument


class Word(StrEnum):
    """One of a closed list: subclass it with the words as members."""

    @classmethod
    def read(cls, value: object) -> Self:
        """The word that text names: in any case, with space or hyphen for underscore.

        Raises WrongArgument with the list for anything else.
        """
        if isinstance(value, str):
            if found := cls._value2member_map_.get(value):  # as nearly everybody writes it
                return cast(Self, found)
            written = "_".join(value.replace("-", " ").split()).casefold()
            for word in cls:
                if word.value.casefold() == written:
                    return word
        raise WrongArgument(f"{quoted(value)} will not do: write one of {', '.join(cls)}")


def quoted(value: object) -> str:
    """A value as a message shows it: text in quotation marks, so that stray blanks are seen."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
