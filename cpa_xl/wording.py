"""Lists and numbers within sentences, the same in every message."""

from collections.abc import Sequence


def several(pieces: Sequence[str]) -> str:
    """All of them: "a", "a and b", "a, b and c"."""
    return " and ".join([*([", ".join(pieces[:-1])] if len(pieces) > 1 else []), *pieces[-1:]])


def first_few(pieces: Sequence[str], most: int, what: str = "") -> str:
    """So many of them, and how many more there are: "a, b and 3 more", with `what` "a, b and 3 more months"."""
    named, more = ", ".join(pieces[:most]), len(pieces) - most
    if more <= 0:
        return named
    return f"{named} and {counted(more, f'more {what}') if what else f'{more:,} more'}"


def counted(number: int, what: str) -> str:
    """A number of things: "1 row", "1,200 rows"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
