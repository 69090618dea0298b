"""Each extract of these tests is read at once and row by row, and both must find the same in the same words."""

from collections.abc import Collection
from pathlib import Path

import pytest

from cpa_xl.extracts import facts
from cpa_xl.extracts.faults import ExtractsRefused
from cpa_xl.extracts.reading import Asked
from tests.support.bothways import Read, both


@pytest.fixture(autouse=True)
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "connection_that_breaks" in request.node.name:  # it is broken already when the second reading begins
        return

    def read(asked: Asked, folder: Path, sources: Collection[str] | None = None, *, by_headings: bool = False) -> Read:
        quick, careful = both(asked, folder, sources, by_headings=by_headings)
        assert (quick.found, quick.said) == (careful.found, careful.said)
        if isinstance(quick.read, ExtractsRefused):
            raise quick.read
        return quick.read

    monkeypatch.setattr(facts, "read_and_look", read)
