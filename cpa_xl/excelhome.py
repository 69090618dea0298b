"""Where the add-in lives on a computer with Excel, what it needs there, and what may stand in its way.

Nothing here asks Windows by itself: the environment and the registry come as arguments.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.buttons import ADD_IN
from cpa_xl.errors import Refusal

Registry = Callable[[str, str, str], object]  # hive (HKCU or HKLM), key, name of the value: the value, or None

LONGEST_COMMAND = 2047  # characters of the command line that xlwings' DLL can hold
_COMMAND_AROUND = 330  # of them what stands around the paths
_UNSAFE = re.compile(r'[%^&;|<>"]|\$\(')  # these mean something to cmd.exe, or to xlwings' DLL
_POLICIES = r"Software\Policies\Microsoft\Office\16.0"
_OWN = r"Software\Microsoft\Office\16.0"
_GUARD = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_MANAGED = r"SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
_BLOCKS = {1: "blocks", 6: "warns of"}  # what a rule does; 0 is off and 2 only writes a log


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
        """What a configuration file says; empty text for what it does not."""
        held = dict(re.findall(r'(?m)^"([^"]+)","([^"]*)"$', text))
        return cls(held.get("INTERPRETER_WIN", ""), held.get("PYTHONPATH", ""))


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


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is well, what it is, and what would mend it."""

    well: bool
    what: str
    remedy: str = ""

    @property
    def lines(self) -> list[str]:
        """As the command `status` prints it."""
        return [f"{'ok  ' if self.well else 'LOOK'}  {self.what}", *([f"      {self.remedy}"] if self.remedy else [])]


def office_bits(registry: Registry) -> int | None:
    """32 or 64 for the installed Office, None where the registry does not say."""
    platform = registry("HKLM", r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform")
    platform = platform or registry("HKLM", r"SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness")
    return {"x86": 32, "x64": 64}.get(str(platform).casefold())


def find_dlls(settings: Settings, names: Mapping[int, str], registry: Registry) -> Finding:
    """Whether xlwings' DLL is where the add-in looks: beside the interpreter, or a folder above.

    It is loaded into Excel, so it has Excel's bitness. Python runs in a process of its own and may have the other.
    """
    bits = office_bits(registry)
    wanted = [names[bits]] if bits is not None else [*names.values()]
    beside = Path(settings.interpreter).parent
    missing = [name for name in wanted if not any((folder / name).is_file() for folder in (beside, beside.parent))]
    office = f"{bits}-bit Office" if bits else "Office (the registry does not say whether 32 or 64 bit)"
    python = f"{struct.calcsize('P') * 8}-bit Python"
    if missing:
        return Finding(
            False,
            f"{', '.join(missing)} is neither in {beside} nor in {beside.parent}; {office} loads it to reach Python",
            "Install xlwings anew with this Python: python -m pip install --force-reinstall --no-deps xlwings",
        )
    return Finding(True, f"{', '.join(wanted)} for {office}; {python} need not have the same bitness")


def find_policies(registry: Registry) -> Iterator[Finding]:
    """Settings of the organisation that keep the add-in from working, and what to ask for."""
    for hive in ("HKCU", "HKLM"):
        if _number(registry(hive, rf"{_POLICIES}\Common", "VBAOff")) == 1:
            yield Finding(False, "VBA is switched off in Office by policy", "Ask IT to enable VBA for Excel.")
        if _number(registry(hive, rf"{_POLICIES}\Excel\Security", "DisableAllAddins")) == 1:
            yield Finding(False, "Excel's add-ins are switched off by policy", "Ask IT to allow add-ins in Excel.")
        if _number(registry(hive, rf"{_POLICIES}\Excel\Security", "RequireAddinSig")) == 1:
            yield Finding(
                False,
                "Excel takes signed add-ins only, by policy, and this one carries no signature",
                f"Ask IT to sign {ADD_IN} with the organisation's certificate, or to lift the rule for you.",
            )
    for key in (_POLICIES, _OWN):
        if _number(registry("HKCU", rf"{key}\Excel\Security\Trusted Locations", "AllLocationsDisabled")) == 1:
            yield Finding(
                False,
                "Excel's trusted locations are switched off, so the macros in XLSTART do not run unasked",
                "Ask IT to allow the user's XLSTART folder as a trusted location; the VBA project need not be.",
            )
    yield from _defender(registry)


def _defender(registry: Registry) -> Iterator[Finding]:
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
            yield Finding(
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
