"""The loops that CONTRIBUTING.md names: the same commands as CI, marks that nobody forgets, one demo for all."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import built
from tests.support.programs import missing

FAST = "not slow and not office"


def commands(text: str, start: str) -> list[str]:
    """What a text runs through run.py: the lines that start so."""
    return re.findall(rf"^{re.escape(start)} (.*?)\s*(?:#.*)?$", text, flags=re.MULTILINE)


def test_contributing_names_what_ci_runs(root: Path) -> None:
    steps = commands((root / ".ci/run").read_text(encoding="utf-8"), "$python run.py")
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, after = text.partition("`.ci/run` installs")
    assert commands(after.split("```")[1], "python run.py") == steps
    assert [step.split()[0] for step in steps] == ["ruff", "ruff", "tests.contract", "mypy", "pytest", "pytest"]
    assert steps[-2].endswith(f'-m "{FAST}"')
    assert steps[-1].endswith('-m "slow or office"')  # together they are every test
    assert f'python run.py pytest -m "{FAST}"' in text


@pytest.mark.slow
def test_the_import_contract_is_checked(root: Path) -> None:
    """The command says what it kept; a module that did nothing would end well too."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract"], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "0 broken" in done.stdout) == (0, True), done.stdout


def test_what_is_built_is_built_once_for_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed out as copies; a failure leaves nothing behind, and another state builds anew and removes the first."""
    monkeypatch.setattr(built, "KEPT", tmp_path / "kept")
    made: list[Path] = []

    def build(folder: Path) -> None:
        made.append(folder)
        (folder / "book.txt").write_text("as built", encoding="utf-8")
        if len(made) == 1:
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        built.copy_of("demo", build, tmp_path / "never")
    assert not (tmp_path / "never").exists()
    first = built.copy_of("demo", build, tmp_path / "first") / "book.txt"
    first.write_text("changed by a test", encoding="utf-8")
    again = built.copy_of("demo", build, tmp_path / "again") / "book.txt"
    assert (again.read_text(encoding="utf-8"), len(made)) == ("as built", 2)
    monkeypatch.setattr(built, "state", lambda: "other")
    built.copy_of("demo", build, tmp_path / "other")
    assert len(made) == 3
    assert [path.name for path in (tmp_path / "kept").iterdir() if path.is_dir()] == ["other"]


TESTS = """
import subprocess
import pytest
from tests.support import classes

classes.LIMIT = 0.05

@pytest.fixture
def demo():
    return 1

@pytest.fixture
def built_on(demo):
    return demo

@pytest.fixture
def calc():
    return 1

def test_by_fixture(built_on): pass
def test_with_calc(calc): pass
@pytest.mark.parametrize("book", ["hidden", "libreoffice_saved"])
def test_case(book): pass
def test_dear():
    sum(range(10_000_000))
@pytest.mark.slow
def test_marked():
    sum(range(10_000_000))
def test_starts():
    subprocess.run(["soffice", "--version"])
def test_cheap(): pass
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of its own, with the plugin and a program of LibreOffice's name."""
    (tmp_path / "test_own.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.support.classes import Classes\n"
        "def pytest_configure(config):\n"
        "    for mark in ('slow', 'office'): config.addinivalue_line('markers', f'{mark}: m')\n"
        "    config.pluginmanager.register(Classes())\n",
        encoding="utf-8",
    )
    program = tmp_path / "bin/soffice"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def run(root: Path, suite: Path, *options: str) -> str:
    """What pytest prints about that suite."""
    environment = {"PATH": f"{suite / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(root), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(suite)]
    return subprocess.run(  # noqa: S603  # this Python
        command, cwd=suite, env=environment, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the program in LibreOffice's place is a shell script")
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_tests_are_marked_by_fixture_and_those_that_lack_a_mark_are_named(
    root: Path, suite: Path, workers: tuple[str, ...]
) -> None:
    said = run(root, suite, *workers)
    assert "8 passed" in said
    named = re.findall(r"^(slow|office) +\S*::(\w+)(?::| \[)", said, flags=re.MULTILINE)
    assert ("slow", "test_dear") in named
    assert ("office", "test_starts") in named
    assert {name for _, name in named} <= {"test_dear", "test_starts"}


@pytest.mark.slow
def test_the_marks_select(root: Path, suite: Path) -> None:
    said = run(root, suite, "--collect-only", "-m", FAST)
    assert set(re.findall(r"::(\w+(?:\[\w+\])?)", said)) == {
        "test_case[hidden]",
        "test_dear",
        "test_starts",
        "test_cheap",
    }
    said = run(root, suite, "--collect-only", "-m", "office")
    assert set(re.findall(r"::(\w+(?:\[\w+\])?)", said)) == {"test_with_calc", "test_case[libreoffice_saved]"}


def test_a_missing_program_fails_on_a_build_machine_and_is_skipped_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no LibreOffice"):
        missing("no LibreOffice")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no LibreOffice"):
        missing("no LibreOffice")
