"""The page that a person with Excel follows, against the code: its commands, modules, buttons and expected answers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from cpa_xl import __version__
from cpa_xl.cli.main import main
from cpa_xl.errors import CellError, MissingData
from cpa_xl.excel import vba
from cpa_xl.excel.addin import files
from cpa_xl.excel.buttons import BUTTONS, TAB
from cpa_xl.functions import index
from cpa_xl.functions.examples import TWO_YEARS
from cpa_xl.functions.index import FUNCTIONS
from tests.support.vbareader import CALLBACKS

NUMBERS = {6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "tests/excel/RELEASE.md").read_text(encoding="utf-8")


def test_its_commands_are_there(page: str) -> None:
    lines = re.findall(r"(?m)^cpa_xl (.+)$", page) + re.findall(r"`cpa_xl (addin \w+)`", page)
    assert len(lines) >= 5
    for line in lines:
        command: click.Command = main
        words = line.split()
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        command.make_context("cpa_xl", words)  # which refuses options that it does not know


def test_it_names_what_there_is(page: str) -> None:
    assert f"the tab {TAB}." in page
    assert f"Category {vba.CATEGORY};" in page
    modules = vba.modules(FUNCTIONS, CALLBACKS, __version__)
    assert f"{NUMBERS[len(modules)]} modules." in page
    for name in re.findall(r"check\\(.+?)`", page):
        assert name in files()
    pressed = set(re.findall(r"[Pp]ress (?!each|fx|Ctrl)(\w[\w ]*)(?=[;.])", page))
    assert pressed == {"Freeze for circulation", "Refresh", "Repair links"}
    assert pressed <= {button.label for button in BUTTONS.values()}


def test_its_figures_are_those_of_the_functions(page: str) -> None:
    found = re.search(r"`=CPA_XMR\((.+?)\)`.*Four numbers in a row: ([\d., ]+)\. \|", page)
    assert found
    assert found[1] == TWO_YEARS.address.replace("$", "")
    place = TWO_YEARS.block.headings.index(TWO_YEARS.heading)
    answer = index.CPA_XMR([[row[place]] for row in TWO_YEARS.block.rows[:24]])
    assert isinstance(answer, list)
    assert [f"{number:.1f}" for number in answer[0]] == found[2].split(", ")
    call = re.search(r"Type `=CPA_RAG\(([\d.]+),([\d.]+)\)`\. \| (\w),", page)
    assert call
    assert index.CPA_RAG(float(call[1]), float(call[2])) == call[3]


def test_its_errors_are_those_of_the_functions(page: str) -> None:
    line = next(line for line in page.splitlines() if "CPA_RAG(NA(),1)" in line)
    calls = re.findall(r"`=(.+?)`", line)
    names: dict[str, Any] = {name: getattr(index, name) for name in FUNCTIONS}
    raised = [code_of(call, {**names, "NA": lambda: MissingData("typed")}) for call in calls]
    assert ", ".join(raised) in line
    assert len(raised) == 3


def code_of(call: str, names: dict[str, Callable[..., object]]) -> str:
    """The error that a call of the page raises."""
    with pytest.raises(CellError) as caught:
        eval(call, {"__builtins__": {}}, names)  # noqa: S307  # our own page, whose calls read as Python's
    return caught.value.code
