"""Puts the Excel add-in into its place for one user, takes it out again, and says how it stands there."""

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from cpa_xl.addin import add_in, intellisense
from cpa_xl.errors import Refusal
from cpa_xl.excelhome import Finding, Home, Registry, Settings, check_startable, find_dlls, find_policies, home
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.vba import launch_dlls, shipped_launch_code

_CODEC = "cp1252"  # VBA reads files in the code page of Windows
_NEEDED = ("xlwings", "pythoncom", "pywintypes", "win32com")


def check_windows(platform: str) -> None:
    """Refusal elsewhere than on Windows."""
    if platform != "win32":
        raise Refusal(
            f"the add-in for Excel is installed on Windows, and this is {platform}; cpa_xl addin build and"
            " cpa_xl addin bundle work here too, and --for libreoffice is for LibreOffice"
        )


def here() -> Settings:
    """This Python, and the folder that cpa_xl is imported from."""
    return Settings(sys.executable, str(Path(__file__).resolve().parent.parent))


def windows_registry(hive: str, key: str, name: str) -> object:
    """A value of the registry; None where it is not there, or not for us to see."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  # it is there on Windows only

        root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]
        with suppress(OSError), winreg.OpenKey(root, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            return winreg.QueryValueEx(opened, name)[0]
    return None


def install(environment: Mapping[str, str], settings: Settings, registry: Registry) -> list[str]:
    """Put the add-in, its help and its configuration into their places; what was done, line by line.

    Raises:
        Refusal: where Excel holds the file open, where xlwings' DLL is missing, and where a path would not do.
            Nothing is changed then.
    """
    places = home(environment)
    check_startable(settings, places)
    dlls = find_dlls(settings, launch_dlls(shipped_launch_code()), registry)
    if not dlls.well:
        raise Refusal(f"{dlls.what}. {dlls.remedy}")
    check_free(places.add_in)
    written = {
        places.configuration: settings.text().encode(_CODEC),
        places.help_file: intellisense(FUNCTIONS.values()).encode(),
        places.add_in: add_in(),
    }
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(path.name + ".new")
        staged.write_bytes(content)
        staged.replace(path)
    lines = [f"Written: {path}" for path in written]
    lines += [line for finding in find_policies(registry) for line in finding.lines]
    return [*lines, "Start Excel: the tab CPA scorecard is on the ribbon, and =CPA_RAG(0.778,0.789) gives A."]


def uninstall(environment: Mapping[str, str]) -> list[str]:
    """Take the add-in, its help and its configuration away; what was done, line by line."""
    places = home(environment)
    check_free(places.add_in)
    lines = []
    for path in (places.add_in, places.help_file, places.configuration):
        if path.exists():
            path.unlink()
            lines.append(f"Removed: {path}")
    if not lines:
        return [f"There is no add-in in {places.startup}; nothing was changed"]
    return [*lines, "Workbooks keep the values of their CPA functions until these are calculated again."]


def check_free(path: Path) -> None:
    """Refusal where Excel, or another program, holds a file."""
    if not path.exists():
        return
    try:
        os.close(os.open(path, os.O_RDWR))
    except PermissionError:
        raise Refusal(f"{path} is in use or may not be written; close Excel (all windows) and try again") from None


def status(environment: Mapping[str, str], settings: Settings, registry: Registry) -> list[str]:
    """How the add-in stands for this user, line by line."""
    places = home(environment)
    found = [*_findings(places, settings, registry)]
    lines = [line for finding in found for line in finding.lines]
    wrong = sum(not finding.well for finding in found)
    return [*lines, "Everything is in its place." if not wrong else f"{wrong} of {len(found)} to look at."]


def _findings(places: Home, settings: Settings, registry: Registry) -> Iterable[Finding]:
    install_again = "Run: cpa_xl addin install"
    if not places.add_in.exists():
        yield Finding(False, f"{places.add_in} is not there", install_again)
    elif places.add_in.read_bytes() != add_in():
        yield Finding(False, f"{places.add_in} is not the one of this version", install_again)
    else:
        yield Finding(True, f"{places.add_in}, the one of this version")
    yield _configured(places, settings, install_again)
    yield find_dlls(settings, launch_dlls(shipped_launch_code()), registry)
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        yield Finding(False, f"this Python lacks {', '.join(missing)}", "Run: python -m pip install xlwings pywin32")
    else:
        yield Finding(True, "xlwings and pywin32 are there")
    stopped = [*find_policies(registry)]
    yield from stopped
    if not stopped:
        yield Finding(True, "no policy that the registry shows stands in the way")


def _configured(places: Home, settings: Settings, install_again: str) -> Finding:
    if not places.configuration.exists():
        return Finding(False, f"{places.configuration} is not there", install_again)
    held = Settings.read(places.configuration.read_text(encoding=_CODEC))
    if not Path(held.interpreter).is_file():
        return Finding(False, f"{places.configuration} names {held.interpreter}, which is not there", install_again)
    if held != settings:
        return Finding(False, f"{places.configuration} names another Python, {held.interpreter}", install_again)
    return Finding(True, f"{places.configuration} names this Python, {held.interpreter}")
