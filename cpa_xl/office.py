"""LibreOffice on this machine: where it is, how old, and how it is started apart from the user's own."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.errors import Refusal

OLDEST = (25, 2)  # older ones do not find an add-in's functions in .xlsx files
PROGRAM = "CPA_XL_SOFFICE"  # an environment variable: where soffice is, if it is not where it usually is
PATIENCE = 600  # seconds that a start or a conversion may take


@dataclass(frozen=True)
class Office:
    """A LibreOffice: the path of soffice, and its version."""

    program: Path
    version: tuple[int, int]

    def run(self, arguments: Sequence[str], profile: Path, seconds: float = PATIENCE) -> str:
        """Run soffice with arguments and a profile of its own; what it printed. `Refusal` where it does not end."""
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
            said = _printed([program, f"-env:UserInstallation={Path(folder).as_uri()}", "--version"], PATIENCE)
        except OSError as error:
            raise Refusal(
                f"{program} cannot be started ({error.strerror}); set {PROGRAM} to the path of soffice"
            ) from None
    found = re.search(r"LibreOffice\D* (\d+)\.(\d+)", said)
    if found is None:
        raise Refusal(f"{program} does not say that it is LibreOffice; set {PROGRAM} to the path of soffice")
    return int(found[1]), int(found[2])


def apart(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a LibreOffice whose Python is to be its own.

    On Linux that Python takes its library from beside the first python3 on the path, and another one's does not fit.
    """
    clean = {name: value for name, value in environment.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return clean if os.name == "nt" else {**clean, "PATH": os.defpath}


def _printed(command: Sequence[str | Path], seconds: float) -> str:
    done = subprocess.run(  # noqa: S603 - soffice
        command, capture_output=True, text=True, timeout=seconds, check=False, env=apart()
    )
    return f"{done.stdout} {done.stderr}".strip()
