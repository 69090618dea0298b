"""LibreOffice on this machine, the project's own Python, and the names that LibreOffice knows the extension by.

`find_office` finds soffice and its version; `Office.run` starts it apart from the user's profile. LibreOffice's Python
lacks the libraries that read extracts. So installing the extension records which Python did it, and `run_own` calls
that one. The environment variable CPA_XL_PYTHON takes precedence.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.errors import Refusal

OLDEST = (25, 2)  # older ones do not find an add-in's functions in .xlsx files
PROGRAM = "CPA_XL_SOFFICE"  # an environment variable: where soffice is, if it is not where it usually is
PATIENCE = 600  # seconds that a start or a conversion may take

VARIABLE = "CPA_XL_PYTHON"
SECONDS = 600  # that a command may take
_OF_ANOTHER_PYTHON = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE")

EXTENSION = "cpaxl"  # UNO allows no underscore in a name
INTERFACE = "cpaxl.XFunctions"
ADDIN = "cpaxl.Functions"
WATCH = "cpaxl.Watch"  # the job that looks after the formulas of each document
HANDLER = "cpaxl.Handler"  # of what the menu asks for
PROTOCOL = "cpaxl:"

# Functions that are put into formulas (`libreoffice.formulas`); their names show as nothing, so only brackets are seen.
CELLS = "CELLS"  # around each reference
ARRAY_CELLS = "ARRAYCELLS"  # the same in an array formula
BOOLEAN = "BOOLEAN"  # around TRUE and FALSE, which would be 1 and 0
EACH = "EACH"  # around each call in an array formula


@dataclass(frozen=True)
class Office:
    """A LibreOffice: the path of soffice, and its version."""

    program: Path
    version: tuple[int, int]

    def run(self, arguments: Sequence[str], profile: Path, seconds: float = PATIENCE) -> str:
        """Run soffice with arguments and a separate profile; returns its output. `Refusal` where it does not end."""
        command: list[str | Path] = [
            self.program,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            *arguments,
        ]
        try:
            return _printed(command, seconds)
        except subprocess.TimeoutExpired:
            raise Refusal(f"LibreOffice ({self.program}) did not answer within {seconds:g} seconds") from None


@dataclass(frozen=True)
class Ran:
    """What a command of the project's own Python left."""

    exit_code: int
    output: str
    errors: str


def find_office(environment: Mapping[str, str] = os.environ) -> Office:
    """The LibreOffice of this machine; `Refusal` where there is none, or one that is too old."""
    program = _program(environment)
    if program is None:
        raise Refusal(
            "LibreOffice was not found: install LibreOffice 25.2 or later, or set"
            f" {PROGRAM} to the path of its program soffice"
        )
    version = _version(program)
    if version < OLDEST:
        raise Refusal(
            f"LibreOffice {version[0]}.{version[1]} ({program}) is too old: CPA_ functions in Excel files need"
            f" {OLDEST[0]}.{OLDEST[1]} or later"
        )
    return Office(program, version)


def apart(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a LibreOffice whose Python is to be its own.

    On Linux that Python takes its library from beside the first python3 on the path, and another one's does not fit.
    """
    clean = {name: value for name, value in environment.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return clean if os.name == "nt" else {**clean, "PATH": os.defpath}


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


def _program(environment: Mapping[str, str]) -> Path | None:
    if named := environment.get(PROGRAM):
        return Path(named)
    if found := shutil.which("soffice"):
        return Path(found)
    usual = [
        Path(environment.get("ProgramFiles", "/"), "LibreOffice/program/soffice.com"),
        Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
        Path("/usr/lib/libreoffice/program/soffice"),
    ]
    return next((path for path in usual if path.exists()), None)


def _version(program: Path) -> tuple[int, int]:
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        try:
            output = _printed([program, f"-env:UserInstallation={Path(folder).as_uri()}", "--version"], PATIENCE)
        except OSError as error:
            raise Refusal(
                f"{program} cannot be started ({error.strerror}); set {PROGRAM} to the path of soffice"
            ) from None
    found = re.search(r"LibreOffice\D* (\d+)\.(\d+)", output)
    if found is None:
        raise Refusal(f"{program} does not say that it is LibreOffice; set {PROGRAM} to the path of soffice")
    return int(found[1]), int(found[2])


def _printed(command: Sequence[str | Path], seconds: float) -> str:
    done = subprocess.run(  # noqa: S603 - soffice
        command, capture_output=True, text=True, timeout=seconds, check=False, env=apart()
    )
    return f"{done.stdout} {done.stderr}".strip()
