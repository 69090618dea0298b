"""Installs and removes the Excel add-in for one user, reports its status, and makes the folder for a network share.

The environment and the registry of Windows are arguments, so every rule can be tested on any system. The folder holds
the add-in, the package as a wheel, and a script that installs both.
"""

import base64
import hashlib
import os
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.excel.addin import add_in, intellisense
from cpa_xl.excel.buttons import ADD_IN
from cpa_xl.excel.vba import launch_dlls, shipped_launch_code
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.ooxml.zip import EPOCH

Registry = Callable[[str, str, str], object]  # hive (HKCU or HKLM), key, name of the value: the value, or None

LONGEST_COMMAND = 2047  # characters of the command line that xlwings' DLL can hold
_COMMAND_AROUND = 330  # of them the text around the paths
_UNSAFE = re.compile(r'[%^&;|<>"]|\$\(')  # these mean something to cmd.exe, or to xlwings' DLL
_POLICIES = r"Software\Policies\Microsoft\Office\16.0"
_OWN = r"Software\Microsoft\Office\16.0"
_GUARD = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_MANAGED = r"SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
_BLOCKS = {1: "blocks", 6: "warns of"}  # what a rule does; 0 is off and 2 only writes a log

_CODEC = "cp1252"  # VBA reads files in the code page of Windows
_NEEDED = ("xlwings", "pythoncom", "pywintypes", "win32com")

_PACKAGE = Path(str(files("cpa_xl"))).resolve()
_SHIPPED = {"_config": "config", "_workbooks": "workbooks"}  # inside an installed package, and beside a checkout
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}
INSTALLER = "install.cmd"
_INSTALL = r"""@echo off
rem Installs cpa_xl for the user who runs this: Python packages into %LOCALAPPDATA%\cpa_xl, the add-in into XLSTART.
setlocal
set "TARGET=%LOCALAPPDATA%\cpa_xl\python"
py -3 -c "import sys; sys.exit(sys.version_info < (3, 11))"
if errorlevel 1 goto nopython
if not exist "%TARGET%\Scripts\python.exe" py -3 -m venv "%TARGET%"
if errorlevel 1 goto failed
set "FROM="
if exist "%~dp0wheels" set FROM=--no-index --find-links "%~dp0wheels"
"%TARGET%\Scripts\python.exe" -m pip install --upgrade %FROM% "%~dp0{wheel}"
if errorlevel 1 goto failed
"%TARGET%\Scripts\python.exe" -m cpa_xl addin install
if errorlevel 1 goto failed
pause
exit /b 0
:nopython
echo Python 3.11 or later is not on this computer. Ask for it, then run this again.
pause
exit /b 1
:failed
echo Not installed; the lines above say why. Close Excel before you try again.
pause
exit /b 1
"""
_README = """cpa_xl {version}: functions and buttons for a Critical Performance Areas scorecard

To install it on a computer with Windows, Excel and Python 3.11 or later: close Excel, run install.cmd, start Excel.
Each person runs it once, and again for each new version. Nobody opens cpa_xl.xlam from here: a shared add-in is
locked while anyone has Excel open, so everybody gets a copy.

install.cmd makes a Python environment of its own in %LOCALAPPDATA%\\cpa_xl and takes the packages that cpa_xl needs
from where pip is set up to take them, or from the folder "wheels" here. To make that folder, on such a computer:
    python -m pip download --dest wheels {wheel}

To look whether everything is in its place:  %LOCALAPPDATA%\\cpa_xl\\python\\Scripts\\cpa_xl.exe addin status
To remove it:                                %LOCALAPPDATA%\\cpa_xl\\python\\Scripts\\cpa_xl.exe addin uninstall
"""


@dataclass(frozen=True)
class Home:
    """The places that the add-in uses for one user."""

    startup: Path
    configuration: Path

    @property
    def add_in(self) -> Path:
        """The add-in in the folder that Excel opens everything in when it starts, and trusts."""
        return self.startup / ADD_IN

    @property
    def help_file(self) -> Path:
        """What Excel-DNA's IntelliSense reads, beside the add-in."""
        return self.startup / f"{ADD_IN}.IntelliSense.xml"


@dataclass(frozen=True)
class Settings:
    """What the add-in reads before it starts Python: the interpreter, and the folder that cpa_xl is imported from."""

    interpreter: str
    packages: str

    def text(self) -> str:
        """The lines of the configuration file, as VBA's `Input #` reads them."""
        return f'"INTERPRETER_WIN","{self.interpreter}"\n"PYTHONPATH","{self.packages}"\n'

    @classmethod
    def read(cls, text: str) -> "Settings":
        """The settings in a configuration file; "" for a missing one."""
        held = dict(re.findall(r'(?m)^"([^"]+)","([^"]*)"$', text))
        return cls(held.get("INTERPRETER_WIN", ""), held.get("PYTHONPATH", ""))


@dataclass(frozen=True)
class InstallCheck:
    """One checked thing: whether it is in order, what it is, and the remedy."""

    well: bool
    what: str
    remedy: str = ""

    @property
    def lines(self) -> list[str]:
        """As the command `status` prints it."""
        return [f"{'ok  ' if self.well else 'LOOK'}  {self.what}", *([f"      {self.remedy}"] if self.remedy else [])]


def home(environment: Mapping[str, str]) -> Home:
    """The user's places.

    Raises:
        Refusal: where the environment does not say whose they are.
    """
    for name in ("APPDATA", "USERPROFILE"):
        if not environment.get(name):
            raise Refusal(f"the environment variable {name} is not set; run this as the user who works with Excel")
    startup = Path(environment["APPDATA"]) / "Microsoft" / "Excel" / "XLSTART"
    return Home(startup, Path(environment["USERPROFILE"]) / ".cpa_xl" / "cpa_xl.conf")


def check_startable(settings: Settings, places: Home) -> None:
    """Refusal where the paths would not survive the way from Excel to Python (a command line of Windows)."""
    paths = {"Python": settings.interpreter, "cpa_xl": settings.packages, "the add-in": str(places.add_in)}
    for what, path in paths.items():
        found = _UNSAFE.search(path)
        if found:
            raise Refusal(
                f"{what} is in {path}, and {found[0]} in a path does not survive the start from Excel;"
                " put it into a folder with a plain name, such as C:\\cpa_xl"
            )
        try:
            path.encode("cp1252")
        except UnicodeEncodeError:
            raise Refusal(
                f"{what} is in {path}, which holds letters that VBA cannot read from a file;"
                " put it into a folder with a plain name, such as C:\\cpa_xl"
            ) from None
    length = _COMMAND_AROUND + len(settings.interpreter)
    length += sum(len(path) + path.count("\\") for path in (settings.packages, *[str(places.add_in)] * 2))
    if length > LONGEST_COMMAND:
        raise Refusal(
            f"the paths are too long together: the command that starts Python would have {length} characters,"
            f" and {LONGEST_COMMAND} is the most; install cpa_xl in a folder with a shorter path"
        )


def office_bits(registry: Registry) -> int | None:
    """32 or 64 for the installed Office, None where the registry does not say."""
    platform = registry("HKLM", r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform")
    platform = platform or registry("HKLM", r"SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness")
    return {"x86": 32, "x64": 64}.get(str(platform).casefold())


def find_dlls(settings: Settings, names: Mapping[int, str], registry: Registry) -> InstallCheck:
    """Whether xlwings' DLL is where the add-in looks: beside the interpreter, or a folder above.

    Excel loads the DLL, so it has Excel's bitness. Python runs in another process and may have a different one.
    """
    bits = office_bits(registry)
    wanted = [names[bits]] if bits is not None else [*names.values()]
    beside = Path(settings.interpreter).parent
    missing = [name for name in wanted if not any((folder / name).is_file() for folder in (beside, beside.parent))]
    office = f"{bits}-bit Office" if bits else "Office (the registry does not say whether 32 or 64 bit)"
    python = f"{struct.calcsize('P') * 8}-bit Python"
    if missing:
        return InstallCheck(
            False,
            f"{', '.join(missing)} is neither in {beside} nor in {beside.parent}; {office} loads it to reach Python",
            "Reinstall xlwings with this Python: python -m pip install --force-reinstall --no-deps xlwings",
        )
    return InstallCheck(True, f"{', '.join(wanted)} for {office}; {python} need not have the same bitness")


def find_policies(registry: Registry) -> Iterator[InstallCheck]:
    """Settings of the organisation that keep the add-in from working, and what to ask for."""
    for hive in ("HKCU", "HKLM"):
        if _number(registry(hive, rf"{_POLICIES}\Common", "VBAOff")) == 1:
            yield InstallCheck(False, "VBA is switched off in Office by policy", "Ask IT to enable VBA for Excel.")
        if _number(registry(hive, rf"{_POLICIES}\Excel\Security", "DisableAllAddins")) == 1:
            yield InstallCheck(False, "Excel's add-ins are switched off by policy", "Ask IT to allow add-ins in Excel.")
        if _number(registry(hive, rf"{_POLICIES}\Excel\Security", "RequireAddinSig")) == 1:
            yield InstallCheck(
                False,
                "Excel takes signed add-ins only, by policy, and this one carries no signature",
                f"Ask IT to sign {ADD_IN} with the organisation's certificate, or to lift the rule for you.",
            )
    for key in (_POLICIES, _OWN):
        if _number(registry("HKCU", rf"{key}\Excel\Security\Trusted Locations", "AllLocationsDisabled")) == 1:
            yield InstallCheck(
                False,
                "Excel's trusted locations are switched off, so the macros in XLSTART do not run unasked",
                "Ask IT to allow the user's XLSTART folder as a trusted location; the VBA project need not be.",
            )
    yield from _defender(registry)


def check_windows(platform: str) -> None:
    """Refusal elsewhere than on Windows."""
    if platform != "win32":
        raise Refusal(
            f"the add-in for Excel is installed on Windows, and this is {platform}; cpa_xl addin build and"
            " cpa_xl addin bundle work here too, and --for libreoffice is for LibreOffice"
        )


def here() -> Settings:
    """This Python, and the folder that cpa_xl is imported from."""
    return Settings(sys.executable, str(_PACKAGE.parent))


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
    """The state of the add-in for this user, line by line."""
    places = home(environment)
    found = [*_findings(places, settings, registry)]
    lines = [line for finding in found for line in finding.lines]
    wrong = sum(not finding.well for finding in found)
    return [*lines, "Everything is in its place." if not wrong else f"{wrong} of {len(found)} to look at."]


def bundle(folder: Path, add_in_files: Mapping[str, bytes]) -> list[Path]:
    """Write a new folder with everything an installation takes; the paths written.

    Raises:
        Refusal: where the folder has something in it already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty; name a new folder")
    wheel = f"cpa_xl-{__version__}-py3-none-any.whl"
    written: dict[str, bytes] = {
        **add_in_files,
        wheel: package_wheel(),
        INSTALLER: _INSTALL.replace("{wheel}", wheel).replace("\n", "\r\n").encode("ascii"),
        "README.txt": _README.format(version=__version__, wheel=wheel).replace("\n", "\r\n").encode("ascii"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in written]


def package_wheel() -> bytes:
    """This package as a wheel, from its files as they are installed, or checked out.

    Raises:
        Refusal: where the package was never installed, or in another version, so that nobody knows what it needs.
    """
    try:
        installed = distribution("cpa_xl")
    except PackageNotFoundError:
        raise Refusal("cpa_xl is not installed in this Python; run: python -m pip install .") from None
    if installed.version != __version__:
        raise Refusal(
            f"cpa_xl was installed as {installed.version} and is {__version__} now; run: python -m pip install ."
        )
    information = f"cpa_xl-{__version__}.dist-info"
    tag = "Wheel-Version: 1.0\nGenerator: cpa_xl\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    names = ("METADATA", "entry_points.txt", "licenses/LICENSE")
    texts = {name: installed.read_text(name) or "" for name in names}
    files = _package_files() | {f"{information}/{name}": text.encode() for name, text in texts.items()}
    files[f"{information}/WHEEL"] = tag.encode()
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n".encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _defender(registry: Registry) -> Iterator[InstallCheck]:
    """Microsoft Defender's rules for Office (attack surface reduction), set by group policy or by Intune."""
    rules = {
        "d4f940ab-401b-4efc-aadc-ad5f3c50688a": (
            "Block all Office applications from creating child processes",
            "The functions run in a Python process that Excel starts: without it every one shows #VALUE!.",
        ),
        "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b": (
            "Block Win32 API calls from Office macros",
            "The add-in calls xlwings' DLL to start Python, and the rule may remove the file.",
        ),
    }
    managed = dict(re.findall(r"([0-9a-f-]{36})=(\d)", str(registry("HKLM", _MANAGED, "ASRRules") or "").casefold()))
    for identifier, (name, consequence) in rules.items():
        state = _number(registry("HKLM", _GUARD, identifier)) or _number(managed.get(identifier))
        if state in _BLOCKS:
            yield InstallCheck(
                False,
                f'Defender {_BLOCKS[state]} what its rule "{name}" names. {consequence}',
                f"Ask IT for an exclusion from rule {identifier} for {ADD_IN} and for the Python interpreter.",
            )


def _number(value: object) -> int | None:
    """A value of the registry, which may be a number or its text."""
    try:
        return int(str(value), 0)
    except ValueError:
        return None


def _findings(places: Home, settings: Settings, registry: Registry) -> Iterable[InstallCheck]:
    install_again = "Run: cpa_xl addin install"
    if not places.add_in.exists():
        yield InstallCheck(False, f"{places.add_in} is not there", install_again)
    elif places.add_in.read_bytes() != add_in():
        yield InstallCheck(False, f"{places.add_in} is not the one of this version", install_again)
    else:
        yield InstallCheck(True, f"{places.add_in}, the one of this version")
    yield _configured(places, settings, install_again)
    yield find_dlls(settings, launch_dlls(shipped_launch_code()), registry)
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        yield InstallCheck(
            False, f"this Python lacks {', '.join(missing)}", "Run: python -m pip install xlwings pywin32"
        )
    else:
        yield InstallCheck(True, "xlwings and pywin32 are there")
    stopped = [*find_policies(registry)]
    yield from stopped
    if not stopped:
        yield InstallCheck(True, "the registry shows no policy that blocks the add-in")


def _configured(places: Home, settings: Settings, install_again: str) -> InstallCheck:
    if not places.configuration.exists():
        return InstallCheck(False, f"{places.configuration} is not there", install_again)
    held = Settings.read(places.configuration.read_text(encoding=_CODEC))
    if not Path(held.interpreter).is_file():
        return InstallCheck(
            False, f"{places.configuration} names {held.interpreter}, which is not there", install_again
        )
    if held != settings:
        return InstallCheck(False, f"{places.configuration} names another Python, {held.interpreter}", install_again)
    return InstallCheck(True, f"{places.configuration} names this Python, {held.interpreter}")


def _package_files() -> dict[str, bytes]:
    """The package's files by their name in the wheel, with the configuration and the template inside."""
    found = _files(_PACKAGE, "cpa_xl")
    for inside, beside in _SHIPPED.items():
        if not (_PACKAGE / inside).is_dir():
            names = _files(_PACKAGE.parent / beside, f"cpa_xl/{inside}")
            found |= {name: content for name, content in names.items() if name.endswith((".yaml", ".json", ".xlsx"))}
    return found


def _files(folder: Path, name: str) -> dict[str, bytes]:
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _LEFT_OUT & set(path.parts)
    }


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
