"""The project's own Python, as another Python finds and asks it."""

import os
import sys
from pathlib import Path

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.soffice import note_path, note_this_python, own_python, run_own

INSTALL = "In the folder of cpa_xl type:\npython run.py cpa_xl addin install --for libreoffice"


def test_the_python_that_installs_the_addin_is_noted(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    assert note_this_python(environment) == tmp_path / ".config/cpa_xl/python.txt"
    assert own_python(environment) == Path(sys.executable)


@pytest.mark.parametrize(
    ("environment", "file"),
    [
        ({"APPDATA": "/roaming", "HOME": "/home/ann"}, "/roaming/cpa_xl/python.txt"),
        ({"XDG_CONFIG_HOME": "/settings", "HOME": "/home/ann"}, "/settings/cpa_xl/python.txt"),
        ({"HOME": "/home/ann"}, "/home/ann/.config/cpa_xl/python.txt"),
    ],
)
def test_where_the_note_lies(environment: dict[str, str], file: str) -> None:
    assert note_path(environment) == Path(file)


def test_a_python_that_is_not_noted_or_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        own_python({"HOME": str(tmp_path)})
    assert str(refused.value) == f"It is not known which Python cpa_xl was set up with. {INSTALL}"
    with pytest.raises(Refusal) as refused:
        own_python({"HOME": str(tmp_path), "CPA_XL_PYTHON": "/gone/python"})
    assert str(refused.value) == f"The Python that cpa_xl was set up with is gone (/gone/python). {INSTALL}"


def test_a_command_runs_apart_from_the_hosts_python() -> None:
    """A host's PYTHONHOME would make another Python start without its library."""
    environment = {**os.environ, "CPA_XL_PYTHON": sys.executable, "PYTHONHOME": "/nowhere"}
    ran = run_own(["--version"], environment)
    assert (ran.exit_code, ran.errors) == (0, "")
    assert ran.output.startswith("cpa_xl, version ")
    assert run_own(["no-such-command"], environment).exit_code == 2
