"""The workbooks of test_corpus as LibreOffice saves them: attached, refreshed twice, detached, none damaged."""

from pathlib import Path

import pytest

from cpa_xl.config.model import Catalogue
from tests.support import features, judging
from tests.support.programs import convert

pytestmark = pytest.mark.office

NAMES = [name for name in features.FEATURES if name != "image_in_cell"]  # LibreOffice 25.2 cannot load that one


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the workbooks that LibreOffice saved."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "made").mkdir()
    made = [features.write(name, folder / "made" / name) for name in NAMES]
    convert("xlsx:Calc MS Excel 2007 XML", folder, *made)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_workbook_that_libreoffice_saved_is_lost(
    name: str, saved: Path, force: tuple[Catalogue, Path], tmp_path: Path
) -> None:
    verdict = judging.judge(saved / f"{name}.xlsx", *force, tmp_path)
    assert (verdict.fate, verdict.reason) == (judging.Fate.EDITED, "")
