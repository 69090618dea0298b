"""Freezing gives nothing away: one hidden thing to a workbook, each listed, and gone from every part."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from cpa_xl.calculator import EmbeddedCalculator
from cpa_xl.catalogue import Publish
from cpa_xl.errors import Refusal
from cpa_xl.freeze import Frozen, freeze
from cpa_xl.package import validate
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.workbook import ClosedWorkbook
from tests.handmade import write
from tests.leaky import LEAKS, Maker, labelled

CALCULATOR = EmbeddedCalculator(FUNCTIONS)


def frozen(path: Path, setting: Publish | None = None) -> Frozen:
    """The workbook at a path, frozen on 31 January 2009."""
    return freeze(ClosedWorkbook.open(path), setting or Publish(), CALCULATOR, dt.date(2009, 1, 31))


def made(name: str, folder: Path) -> Path:
    """The workbook that hides what is called `name`."""
    maker = Maker()
    LEAKS[name].make(maker)
    path = write(folder / f"{name}.xlsx", maker.content)
    assert _telling(path, LEAKS[name].secret)
    return path


def _telling(path: Path, secret: bytes) -> list[str]:
    """The parts that say it, in their bytes or in their name."""
    spellings = (secret, secret.decode().encode("utf-16-le"))
    return [
        part
        for part, data in _parts(path).items()
        if any(said in data for said in spellings) or secret.decode() in part
    ]


def _parts(path: Path) -> dict[str, bytes]:
    package = ClosedWorkbook.open(path).package
    return {part: package.part(part) for part in package.names}


@pytest.mark.parametrize("name", LEAKS)
def test_what_is_hidden_goes_and_is_listed(name: str, tmp_path: Path) -> None:
    path = made(name, tmp_path)
    before = ClosedWorkbook.open(path)
    done = frozen(path)
    out = tmp_path / "out.xlsx"
    done.workbook.save(out)
    assert _telling(out, LEAKS[name].secret) == []
    assert {str(one) for one in done.removed} == LEAKS[name].listed
    assert validate(done.workbook.package) == ()
    for part, said in LEAKS[name].kept:
        assert said in done.workbook.package.text(part).decode()
    for sheet in done.workbook.sheet_names:
        for place, cell in done.workbook.cells(sheet).items():
            assert cell.value == before.cells(sheet)[place].value
    openpyxl.load_workbook(out).close()


def test_labels_from_what_is_left_out_are_refused(tmp_path: Path) -> None:
    maker = Maker()
    labelled(maker)
    with pytest.raises(
        Refusal, match=r"chart1\.xml takes its labels from S3CRET!\$A\$1:\$A\$2, which is left out; put them on a sheet"
    ):
        frozen(write(tmp_path / "labelled.xlsx", maker.content))
