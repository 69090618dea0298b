"""What the tests share: expected values, a small force, the demo; and the classes of tests (`support/classes.py`).

What only some tests need is imported by their fixtures: a run of the fast tests imports no LibreOffice.
"""

import datetime as dt
import os
import pickle
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import settings

from tests.support.built import copy_of
from tests.support.classes import Classes

if TYPE_CHECKING:
    from cpa_xl.config.model import Catalogue
    from cpa_xl.publish.pipeline import Published
    from tests.support.calc import Calc
    from tests.support.robbery import Borough

# On a build machine every run tries the same examples, so that a red run says something about its change;
# on a desk each run tries others. No example is bound in time: machines differ.
settings.register_profile("cpa_xl", deadline=None, database=None, derandomize="CI" in os.environ)
settings.load_profile("cpa_xl")

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Mark the tests by what they need."""
    config.pluginmanager.register(Classes(), "classes")


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of expected values and open data, each with its source: see its README."""
    return ROOT / "tests/golden"


@pytest.fixture(scope="session")
def force(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Catalogue, Path]":
    """A small force's configuration, and the folder of its extract: to be read, not written to."""
    from cpa_xl.config.load import load
    from tests.support import small

    folder = tmp_path_factory.mktemp("force")
    small.extract(folder / "extracts")
    return load(small.configuration(folder / "config")), folder / "extracts"


@pytest.fixture(scope="session")
def robbery(golden: Path) -> "Mapping[str, Borough]":
    """Robbery in the 32 boroughs, from the open data."""
    from tests.support.robbery import boroughs

    return boroughs(golden)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def catalogue() -> "Catalogue":
    """The configuration that comes with the project."""
    from cpa_xl.config.load import load

    return load(ROOT / "config")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Path]":
    """The workbook that the command `demo` leaves; its extracts lie beside it. Not to be changed.

    From now on, plans read those extracts once for each question.
    """
    from tests.support.readonce import ReadOnce

    path = copy_of("demo", build_demo, tmp_path_factory.mktemp("demo")) / "cpa_scorecard.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cpa_xl.commands.plan.read_facts", ReadOnce(path.parent / "extracts"))
        yield path


def build_demo(out: Path) -> None:
    """Run the command."""
    from cpa_xl.cli.main import main

    result = CliRunner().invoke(main, ["demo", "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="session")
def december(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workbook as it was a month before, with this month's extracts beside it. Not to be changed."""
    from cpa_xl.cli.main import main

    extracts = demo.parent / "extracts"

    def build(out: Path) -> None:
        path = shutil.copyfile(demo, out / demo.name)
        command = ["refresh", str(path), "--as-of", "2008-12", "--extracts", str(extracts)]
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output

    folder = copy_of("december", build, tmp_path_factory.mktemp("december"))
    (folder / "extracts").symlink_to(extracts)
    return folder / demo.name


@pytest.fixture(scope="session")
def done(demo: Path, catalogue: "Catalogue", tmp_path_factory: pytest.TempPathFactory) -> "Published":
    """The demo, published by an analyst on 10 February 2009, without checks: to be read, not written to."""
    from cpa_xl.formulas.calculator import EmbeddedCalculator
    from cpa_xl.functions.index import FUNCTIONS
    from cpa_xl.publish.pipeline import Published, publish
    from cpa_xl.scorecard.tables import Stamp

    outcome = "outcome.pickle"

    def build(out: Path) -> None:
        stamp = Stamp(dt.datetime(2009, 2, 10, 9, 30, tzinfo=dt.UTC), "analyst")
        made = publish(demo, catalogue, EmbeddedCalculator(FUNCTIONS), out, stamp=stamp)
        (out / outcome).write_bytes(pickle.dumps(made))

    out = copy_of("published", build, tmp_path_factory.mktemp("out"))
    made = pickle.loads((out / outcome).read_bytes())  # noqa: S301  # written above
    assert isinstance(made, Published)
    return replace(made, workbook=out / made.workbook.name, files=tuple(out / file.name for file in made.files))


@pytest.fixture(scope="session")
def released(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as the command `publish` leaves it, checked; its statement lies beside it. Not to be changed."""
    from cpa_xl.cli.main import main

    def build(out: Path) -> None:
        result = CliRunner().invoke(main, ["publish", str(demo), "--out", str(out)], catch_exceptions=False)
        assert result.exit_code == 0, result.output

    return copy_of("released", build, tmp_path_factory.mktemp("released")) / "cpa_scorecard 2009-01 published.xlsx"


@pytest.fixture
def copied(done: "Published", tmp_path: Path) -> Path:
    """A copy of the published files, to be tampered with."""
    for path in done.files:
        shutil.copy(path, tmp_path)
    return tmp_path / done.workbook.name


@pytest.fixture(scope="session")
def sample_folder(demo: Path) -> Path:
    """A folder with the sample extracts: to be read, not written to."""
    return demo.parent / "extracts"


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Calc]":
    """A running LibreOffice with the extension, for all tests; documents are opened and closed by each."""
    from tests.support.calc import Calc, require_calc, unpack_extension
    from tests.support.officeprocess import office_context

    require_calc()
    folder = tmp_path_factory.mktemp("calc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CPA_XL_PYTHON", sys.executable)  # as `addin install` would have noted it
        with office_context(folder, unpack_extension(folder / "extensions")) as context:
            yield Calc(context)
