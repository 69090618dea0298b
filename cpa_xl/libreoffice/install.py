"""Installs, removes and finds the extension in the LibreOffice of the current user.

LibreOffice's program unopkg does the work. For root, unopkg installs for the whole machine.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.extension import FILE_NAME, extension
from cpa_xl.libreoffice.soffice import EXTENSION, Office, apart, find_office, note_this_python

SECONDS = 180  # unopkg starts as slowly as LibreOffice, and waits without end for one that is open
_NAMES = ("unopkg", "unopkg.com", "unopkg.exe", "unopkg.bin")


def build(folder: Path) -> list[str]:
    """Write the extension into a folder; lines to print."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    path.write_bytes(extension())
    return [f"Written: {path}"]


def install(tool: "Unopkg | None" = None) -> list[str]:
    """Install the extension, or this version over another; lines to print.

    Raises Refusal where LibreOffice is not found, too old or open, or does not take the extension.
    """
    tool = tool or find_unopkg()
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        path = Path(folder, FILE_NAME)
        path.write_bytes(extension())
        tool.run("add", "--suppress-license", "--force", str(path))
    note_this_python()
    return [f"Installed: cpa_xl {__version__} in LibreOffice {tool.office_version}; it is there when Calc starts next."]


def uninstall(tool: "Unopkg | None" = None) -> list[str]:
    """Take the extension out; lines to print. Raises Refusal as `install` does."""
    tool = tool or find_unopkg()
    if _installed_version(tool) is None:
        return [f"Nothing to take out: cpa_xl is not in LibreOffice {tool.office_version}."]
    tool.run("remove", EXTENSION)
    return [f"Taken out of LibreOffice {tool.office_version}."]


def status(tool: "Unopkg | None" = None) -> list[str]:
    """Whether the extension is there, and which version; lines to print."""
    tool = tool or find_unopkg()
    found = _installed_version(tool)
    lines = [f"LibreOffice {tool.office_version}: {tool.program}"]
    if found is None:
        return [*lines, "cpa_xl is not installed: cpa_xl addin install --for libreoffice"]
    if found != __version__:
        return [*lines, f"cpa_xl {found} is installed, this is {__version__}: cpa_xl addin install --for libreoffice"]
    return [*lines, f"cpa_xl {found} is installed."]


@dataclass(frozen=True)
class Unopkg:
    """LibreOffice's program that installs extensions; `options` go with every command."""

    program: Path
    office_version: str
    options: tuple[str, ...] = ()
    seconds: float = SECONDS

    def run(self, command: str, *arguments: str) -> str:
        """The output of the program. Raises Refusal where it fails or does not end."""
        try:
            done = self._started([command, *self.options, *arguments])
        except subprocess.TimeoutExpired:
            raise Refusal(f"LibreOffice is open, or unopkg hangs ({self.program}): close LibreOffice first") from None
        except OSError as error:
            raise Refusal(f"{self.program} cannot be started ({error.strerror})") from None
        output = f"{done.stdout}\n{done.stderr}".strip()
        if done.returncode:
            if "lock" in output.lower() or "running" in output.lower():
                raise Refusal(f"LibreOffice is open: close it, with its quickstarter, first ({output})")
            raise Refusal(f"LibreOffice did not take the command {command}: {output or done.returncode}")
        return output

    def _started(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603  # unopkg, found beside soffice
            [self.program, *arguments], capture_output=True, text=True, timeout=self.seconds, check=False,
            stdin=subprocess.DEVNULL, env=apart(),
        )  # fmt: skip


def find_unopkg(office: Office | None = None) -> Unopkg:
    """The program beside soffice. Raises Refusal where LibreOffice is not found or too old, or lacks it."""
    office = office or find_office()
    folders = (office.program.parent, office.program.resolve().parent)
    found = next((folder / name for folder in folders for name in _NAMES if (folder / name).exists()), None)
    if found is None:
        raise Refusal(
            f"{office.program} has no unopkg beside it: write the extension with cpa_xl addin build --for libreoffice"
            " and add it in LibreOffice under Tools > Extensions"
        )
    everybody = ("--shared",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return Unopkg(found, ".".join(map(str, office.version)), everybody)


def _installed_version(tool: Unopkg) -> str | None:
    """The version that is installed; None where the extension is not."""
    listed = tool.run("list")
    found = re.search(rf"Identifier: {EXTENSION}\s+Version: (\S+)", listed)
    return found[1] if found else None
