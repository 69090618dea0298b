"""The demo with small counts: extracts of which most victims are gone, and surveys of few respondents."""

import shutil
from pathlib import Path

import openpyxl
from click.testing import CliRunner

from cpa_xl.cli.main import main

ONE_VICTIM_IN, ONE_BME_IN, FEWER_SINCE_2008 = 12, 40, 44


def few_victims(demo: Path, folder: Path) -> Path:
    """The demo's workbook refreshed from extracts with one victim in twelve: half the counts by borough are small."""
    shutil.copytree(demo.parent, folder)
    victims = folder / "extracts/victims_2009-01.csv"
    about, heads, *rows = victims.read_text(encoding="utf-8").splitlines(keepends=True)
    victims.write_text("".join([about, heads, *rows[::ONE_VICTIM_IN]]), encoding="utf-8")
    return _refreshed(folder / demo.name)


def few_respondents(demo: Path, folder: Path) -> Path:
    """One in forty respondents of the group BME, so that they are 28 to 31 a quarter (28 in 2008)."""
    shutil.copytree(demo.parent, folder)
    _few_answers(folder / "extracts/user_satisfaction_2008-12.xlsx")
    return _refreshed(folder / demo.name)


def _refreshed(path: Path) -> Path:
    result = CliRunner().invoke(main, ["refresh", str(path), "--accept-revisions"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def _few_answers(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    lines = [line for line in book["Results"].iter_rows() if len(line) >= 4]
    for group, part in (("BME", ONE_BME_IN), ("Not stated", 10)):
        of_group = [line for line in lines if line[1].value == group]
        assert len(of_group) == 12
        for number, line in enumerate(of_group):
            divisor = FEWER_SINCE_2008 if group == "BME" and number >= 8 else part
            for cell in line[2:4]:
                assert isinstance(cell.value, int)
                cell.value //= divisor
    book.save(path)
