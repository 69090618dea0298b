"""Extracts read at once and row by row: both must find the same, in the same words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpa_xl.extracts import facts, reading
from cpa_xl.extracts.facts import Facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.files.staging import Staging
from cpa_xl.extracts.reading import Asked, Place

READ = facts.read_and_look
READ_AT_ONCE = reading._Reading._read_at_once
Read = tuple[Facts, Mapping[Place, float | None]]


@dataclass(frozen=True)
class Outcome:
    """All that a reading finds: figures, extracts, what is said; and the files that one pass could not judge."""

    read: Read | ExtractsRefused
    aside: Mapping[str, str]

    @property
    def found(self) -> object:
        """Figures and extracts; None if they are refused."""
        if isinstance(self.read, ExtractsRefused):
            return None
        found, seen = self.read
        figures = {name: {at: repr(value) for at, value in counts.items()} for name, counts in found.counts.items()}
        return figures, found.extracts, found.unknown, found.origins, seen

    @property
    def said(self) -> tuple[str, ...]:
        """Every fault, warning and note."""
        faults = self.read.faults if isinstance(self.read, ExtractsRefused) else self.read[0].faults
        return tuple(map(repr, faults))


def outcome(
    asked: Asked, folder: Path, sources: Collection[str] | None = None, *, by_headings: bool = False
) -> Outcome:
    """What a reading of a folder finds."""
    aside: dict[str, str] = {}
    try:
        return Outcome(READ(replace(asked, aside=aside.__setitem__), folder, sources, by_headings=by_headings), aside)
    except ExtractsRefused as refused:
        return Outcome(refused, aside)


def both(
    asked: Asked, folder: Path, sources: Collection[str] | None = None, *, by_headings: bool = False
) -> tuple[Outcome, Outcome]:
    """What is found at once, and what is found row by row; if nothing is read at once, the two are one."""
    at_once = list[object]()

    def read_at_once(self: reading._Reading, staging: Staging) -> object:
        at_once.append(READ_AT_ONCE(self, staging))
        return at_once[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading._Reading, "_read_at_once", read_at_once)
        quick = outcome(asked, folder, sources, by_headings=by_headings)
    if not at_once:
        return quick, quick
    careful = replace(asked, careful=True, progress=None)
    return quick, outcome(careful, folder, sources, by_headings=by_headings)
