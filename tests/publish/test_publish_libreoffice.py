"""A published copy in a LibreOffice without the add-in, which calculates everything anew: nothing changes."""

from pathlib import Path

import pytest

from cpa_xl.errors import CellError
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.recalculated import changes, recalculated

pytestmark = pytest.mark.office


@pytest.fixture(scope="module")
def published(released: Path) -> Path:
    """The demo's workbook, published by the command."""
    return released


def test_the_published_demo_stays_the_same_without_the_addin(demo: Path, published: Path, tmp_path: Path) -> None:
    copy = ClosedWorkbook.open(published)
    after = recalculated(published, tmp_path)
    assert changes(copy, after) == []
    values = [cell.value for sheet in after.sheet_names for cell in after.cells(sheet).values()]
    assert not [value for value in values if isinstance(value, CellError) and value.code == "#NAME?"]
    assert len(values) > 20_000


def test_the_working_demo_does_not_stay_the_same(demo: Path, tmp_path: Path) -> None:
    """The proof that the comparison sees something."""
    assert len(changes(ClosedWorkbook.open(demo), recalculated(demo, tmp_path))) > 900
