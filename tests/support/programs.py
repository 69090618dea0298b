"""Other programs, as tests start them: this Python once more, and LibreOffice for one conversion."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip a test for want of a program; on a build machine, where CI is set, it fails."""
    if "CI" in os.environ:
        pytest.fail(what)
    pytest.skip(what)


def python(
    *arguments: str, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run this Python to its end, in a folder and with more environment variables where they are given."""
    return _run([sys.executable, *arguments], folder, {**os.environ, **(variables or {})})


def python_prints(code: str) -> str:
    """What a short program prints; it has to end well."""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def convert(kind: str, folder: Path, *files: Path) -> None:
    """Let LibreOffice write files of another kind into a folder, which its profile goes to as well; skip without it."""
    program = shutil.which("soffice")
    if program is None:
        missing("LibreOffice (soffice) is not installed; the workbook could not be opened in it")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    done = _run([program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, files)])
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stdout + done.stderr


def _run(
    command: list[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # what tests start is written in the tests
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300, check=False
    )
