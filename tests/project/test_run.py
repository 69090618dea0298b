"""run.py: the environment is made when it has to be, and only then."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module that thinks it stands in an empty project; the commands it starts are only noted."""
    spec = importlib.util.spec_from_file_location("run", root / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv/made-from.txt")
    started: list[tuple[list[str], bool]] = []
    vars(module)["started"] = started  # where the test looks

    def start(command: list[str], *, check: bool) -> "subprocess.CompletedProcess[str]":
        started.append((command, check))
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(module.subprocess, "run", start)
    monkeypatch.setattr(module.venv, "create", lambda path, **_: path.mkdir(exist_ok=True))
    return module


def test_the_first_run_makes_the_environment_and_the_next_does_not(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "cpa_xl", "demo"])
    assert run.main() == 3  # the module's own exit code
    (pip, checked), (module, _) = run.started
    assert pip[1:5] == ["-m", "pip", "--python", str(run.PYTHON)]
    assert pip[-1] == f"{run.HERE}[dev]"
    assert checked
    assert module == [str(run.PYTHON), "-m", "cpa_xl", "demo"]
    run.main()
    assert [command[2] for command, _ in run.started] == ["pip", "cpa_xl", "cpa_xl"]


def test_a_changed_project_file_makes_it_again(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "pytest"])
    run.main()
    (run.HERE / "pyproject.toml").write_text("[project]\n# changed\n", encoding="utf-8")
    run.main()
    assert [command[2] for command, _ in run.started] == ["pip", "pytest", "pip", "pytest"]


def test_it_does_not_make_the_environment_that_it_runs_in(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "pytest"])
    monkeypatch.setattr(sys, "prefix", str(run.VENV))
    assert run.main() == 1
    assert run.started == []
    assert "run this with the Python outside .venv" in capsys.readouterr().err


def test_without_a_module_it_says_how(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py"])
    assert run.main() == 2
    assert "usage: python run.py MODULE" in capsys.readouterr().err


def test_a_failing_pip_is_one_message(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(command: list[str], *, check: bool) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(run.subprocess, "run", fails)
    monkeypatch.setattr(sys, "argv", ["run.py", "pytest"])
    assert run.main() == 1
    assert "pip could not set up .venv (exit code 1)" in capsys.readouterr().err
    assert not run.is_made()
