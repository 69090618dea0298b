"""What is hidden in a workbook that a published copy must not give away, for tests: it says S3CRET somewhere."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.partsmaker import Maker

SECRET = b"S3CRET"
HIDDEN = "hidden sheet: S3CRET"


@dataclass(frozen=True)
class Leak:
    """A way to hide something: how it gets into the parts of a sound workbook, and what the report has to list.

    `kept` says what the part named must still say; `secret` is what must not be in any part.
    """

    make: Callable[["Maker"], None]
    listed: frozenset[str]
    kept: tuple[tuple[str, str], ...] = ()
    secret: bytes = SECRET


def listed(*texts: str) -> frozenset[str]:
    return frozenset(texts)
