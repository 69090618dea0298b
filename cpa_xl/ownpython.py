"""The project's own Python, for a host that runs another one: where it is noted, and how it is asked.

LibreOffice has a Python of its own without the libraries that reading extracts needs. Installing the add-in notes
which Python did it; the environment variable CPA_XL_PYTHON takes precedence.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.errors import Refusal

VARIABLE = "CPA_XL_PYTHON"
SECONDS = 600  # that a command may take
_OF_ANOTHER_PYTHON = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE")


@dataclass(frozen=True)
class Ran:
    """What a command of the project's own Python left."""

    exit_code: int
    output: str
    errors: str


def note_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The file that says where the project's Python is, in the user's folder for settings."""
    if roaming := environment.get("APPDATA"):
        return Path(roaming) / "cpa_xl/python.txt"
    base = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", str(Path.home()))) / ".config"
    return Path(base) / "cpa_xl/python.txt"


def note_this_python(environment: Mapping[str, str] = os.environ) -> Path:
    """Write down that this Python is the project's; the file that says so."""
    path = note_path(environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sys.executable + "\n", encoding="utf-8")
    return path


def own_python(environment: Mapping[str, str] = os.environ) -> Path:
    """The project's Python; `Refusal` where it is not noted, or no longer there."""
    noted = environment.get(VARIABLE)
    if noted is None and note_path(environment).exists():
        noted = note_path(environment).read_text(encoding="utf-8").strip()
    if not noted:
        raise Refusal(
            "It is not known which Python cpa_xl was set up with. In the folder of cpa_xl type:\n"
            "python run.py cpa_xl addin install --for libreoffice"
        )
    if not Path(noted).exists():
        raise Refusal(
            f"The Python that cpa_xl was set up with is gone ({noted}). In the folder of cpa_xl type:\n"
            "python run.py cpa_xl addin install --for libreoffice"
        )
    return Path(noted)


def run_own(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Ran:
    """Run `python -m cpa_xl` with arguments in the project's own Python, and wait for it."""
    clean = {name: value for name, value in environment.items() if name not in _OF_ANOTHER_PYTHON}
    command = [str(own_python(environment)), "-X", "utf8", "-m", "cpa_xl", *arguments]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows no console flashes up
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
            env=clean,
            creationflags=hidden,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refusal(f"cpa_xl did not answer within {SECONDS} seconds") from None
    return Ran(done.returncode, done.stdout, done.stderr)
