"""The workbooks of test_corpus as LibreOffice saves them: attached, refreshed twice, detached, none damaged."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cpa_xl.catalogue import Catalogue
from tests import features, judging

NAMES = [name for name in features.FEATURES if name != "image_in_cell"]  # LibreOffice 25.2 cannot load that one


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the workbooks that LibreOffice saved."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed; no workbook could be saved by it")
    folder = tmp_path_factory.mktemp("saved")
    (folder / "made").mkdir()
    made = [str(features.write(name, folder / "made" / name)) for name in NAMES]
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), *made]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  # soffice
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_workbook_that_libreoffice_saved_is_lost(
    name: str, saved: Path, force: tuple[Catalogue, Path], tmp_path: Path
) -> None:
    verdict = judging.judge(saved / f"{name}.xlsx", *force, tmp_path)
    assert (verdict.fate, verdict.reason) == (judging.Fate.EDITED, "")
