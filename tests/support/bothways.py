"""Extracts read at once and row by row: both must find the same, in the same words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cpa_xl.extracts import facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.reading import Asked

READ = facts.read_and_look


@dataclass(frozen=True)
class Outcome:
    """All that a reading finds: figures, extracts, what is said; and the files that one pass could not judge."""

    found: object
    said: tuple[str, ...]
    aside: Mapping[str, str]


def outcome(asked: Asked, folder: Path) -> Outcome:
    """What a reading of a folder finds."""
    aside: dict[str, str] = {}
    try:
        found, seen = READ(replace(asked, aside=aside.__setitem__), folder)
    except ExtractsRefused as refused:
        return Outcome(None, tuple(map(repr, refused.faults)), aside)
    figures = {name: {place: repr(value) for place, value in counts.items()} for name, counts in found.counts.items()}
    return Outcome((figures, found.extracts, found.unknown, found.origins, seen), tuple(map(repr, found.faults)), aside)


def both(asked: Asked, folder: Path) -> tuple[Outcome, Outcome]:
    """What is found at once, and what is found row by row."""
    return outcome(replace(asked, careful=False), folder), outcome(replace(asked, careful=True), folder)
