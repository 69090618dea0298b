"""Installing the add-in for Excel, tried on folders that stand for a user's: no Windows, the same path logic."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cpa_xl.errors import Refusal
from cpa_xl.excel import install as excelinstall
from cpa_xl.excel.addin import add_in
from cpa_xl.excel.install import (
    Home,
    Settings,
    check_free,
    check_startable,
    check_windows,
    find_dlls,
    find_policies,
    home,
    install,
    office_bits,
    status,
    uninstall,
)

DLLS = {64: "xlwings64-0.37.8.dll", 32: "xlwings32-0.37.8.dll"}
POLICIES = r"Software\Policies\Microsoft\Office\16.0"
ASR = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
CHILD_PROCESSES, WIN32_CALLS = "d4f940ab-401b-4efc-aadc-ad5f3c50688a", "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b"


class Registry:
    """A registry that holds these values, by hive, key and name."""

    def __init__(self, values: Mapping[tuple[str, str, str], object] | None = None) -> None:
        self.values = values or {}

    def __call__(self, hive: str, key: str, name: str) -> object:
        return self.values.get((hive, key, name))


NOTHING = Registry()


@pytest.fixture
def user(tmp_path: Path) -> dict[str, str]:
    """The environment of a user."""
    return {"APPDATA": str(tmp_path / "AppData" / "Roaming"), "USERPROFILE": str(tmp_path)}


@pytest.fixture
def python(tmp_path: Path) -> Settings:
    """A virtual environment with an interpreter and, where pip puts them, xlwings' DLLs."""
    scripts = tmp_path / "python" / "Scripts"
    scripts.mkdir(parents=True)
    (scripts / "python.exe").touch()
    for name in DLLS.values():
        (tmp_path / "python" / name).touch()
    return Settings(str(scripts / "python.exe"), str(tmp_path / "python" / "Lib" / "site-packages"))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_places_are_those_of_the_user(user: dict[str, str], tmp_path: Path) -> None:
    places = home(user)
    assert places.add_in == tmp_path / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "cpa_xl.xlam"
    assert places.help_file.name == "cpa_xl.xlam.IntelliSense.xml"
    assert places.configuration == tmp_path / ".cpa_xl" / "cpa_xl.conf"  # where the launch code looks


@pytest.mark.parametrize("name", ["APPDATA", "USERPROFILE"])
def test_without_a_user_nothing_is_done(user: dict[str, str], name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        home(user | {name: ""})
    assert str(refusal.value) == (
        f"the environment variable {name} is not set; run this as the user who works with Excel"
    )


def test_install_status_uninstall(user: dict[str, str], python: Settings, tmp_path: Path) -> None:
    before = files(tmp_path)
    assert status(user, python, NOTHING)[-1].endswith("to look at.")
    lines = install(user, python, NOTHING)
    places = home(user)
    assert lines[:3] == [f"Written: {path}" for path in (places.configuration, places.help_file, places.add_in)]
    assert lines[-1] == "Start Excel: the tab CPA scorecard is on the ribbon, and =CPA_RAG(0.778,0.789) gives A."
    assert places.add_in.read_bytes() == add_in()
    assert places.configuration.read_text(encoding="cp1252") == (
        f'"INTERPRETER_WIN","{python.interpreter}"\n"PYTHONPATH","{python.packages}"\n'
    )
    assert Settings.read(python.text()) == python
    assert len(files(tmp_path)) == len(before) + 3  # and nothing half written beside them
    install(user, python, NOTHING)
    assert uninstall(user)[:3] == [
        f"Removed: {path}" for path in (places.add_in, places.help_file, places.configuration)
    ]
    assert files(tmp_path) == before
    assert uninstall(user) == [f"There is no add-in in {places.startup}; nothing was changed"]


@pytest.mark.slow
def test_status_names_what_is_not_as_it_should_be(
    user: dict[str, str], python: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excelinstall, "_NEEDED", ("click",))
    install(user, python, NOTHING)
    good = status(user, python, NOTHING)
    assert good[-1] == "Everything is in its place."
    assert not [line for line in good if line.startswith("LOOK")]
    places = home(user)
    places.add_in.write_bytes(b"older")
    lines = status(user, Settings("C:\\other\\python.exe", python.packages), NOTHING)
    assert f"LOOK  {places.add_in} is not the one of this version" in lines
    assert f"LOOK  {places.configuration} names another Python, {python.interpreter}" in lines
    Path(python.interpreter).unlink()
    lines = status(user, python, NOTHING)
    assert f"LOOK  {places.configuration} names {python.interpreter}, which is not there" in lines
    monkeypatch.setattr(excelinstall, "_NEEDED", ("no_such_module",))
    assert "LOOK  this Python lacks no_such_module" in status(user, python, NOTHING)
    assert "      Run: python -m pip install xlwings pywin32" in status(user, python, NOTHING)


# --- nothing half done --------------------------------------------------------------------------------------------


def test_a_file_that_excel_holds_is_left_alone(
    user: dict[str, str], python: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(user, python, NOTHING)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    place = home(user).add_in

    def held(path: object, flags: int) -> int:
        assert path == place
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.open", held)
    message = f"{place} is in use or may not be written; close Excel (all windows) and try again"
    with pytest.raises(Refusal) as refusal:
        install(user, python, NOTHING)
    assert str(refusal.value) == message
    with pytest.raises(Refusal) as refusal:
        uninstall(user)
    assert str(refusal.value) == message
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_file_that_is_not_there_is_free(tmp_path: Path) -> None:
    check_free(tmp_path / "cpa_xl.xlam")
    assert not files(tmp_path)


def test_without_its_dll_nothing_is_installed(user: dict[str, str], python: Settings, tmp_path: Path) -> None:
    (tmp_path / "python" / DLLS[64]).unlink()
    with pytest.raises(Refusal) as refusal:
        install(user, python, NOTHING)
    beside = tmp_path / "python"
    assert str(refusal.value) == (
        f"{DLLS[64]} is neither in {beside / 'Scripts'} nor in {beside}; Office (the registry does not say whether 32"
        " or 64 bit) loads it to reach Python. Reinstall xlwings with this Python: python -m pip install"
        " --force-reinstall --no-deps xlwings"
    )
    assert not home(user).startup.exists()


def test_only_windows_has_an_excel_to_install_for() -> None:
    check_windows("win32")
    with pytest.raises(Refusal, match=r"^the add-in for Excel is installed on Windows, and this is linux; "):
        check_windows("linux")


# --- the way from Excel to Python ---------------------------------------------------------------------------------

PLACES = Home(Path(r"C:\Users\O'Brien\AppData\Roaming\Microsoft\Excel\XLSTART"), Path(r"C:\Users\O'Brien\.cpa_xl\x"))


def test_ordinary_paths_will_do() -> None:
    check_startable(Settings(r"C:\Program Files (x86)\Zoë\python.exe", r"\\server\share $ 1\site-packages"), PLACES)


@pytest.mark.parametrize(
    ("interpreter", "packages", "message"),
    [
        (
            r"C:\R&D\python.exe",
            r"C:\x",
            r"Python is in C:\R&D\python.exe, and & in a path does not survive the start from Excel;"
            r" put it into a folder with a plain name, such as C:\cpa_xl",
        ),
        (
            r"C:\x\python.exe",
            r"C:\100%\lib",
            r"cpa_xl is in C:\100%\lib, and % in a path does not survive the start from Excel;"
            r" put it into a folder with a plain name, such as C:\cpa_xl",
        ),
        (
            r"C:\Łódź\python.exe",
            r"C:\x",
            r"Python is in C:\Łódź\python.exe, which holds letters that VBA cannot read from a file;"
            r" put it into a folder with a plain name, such as C:\cpa_xl",
        ),
    ],
)
def test_paths_that_do_not_survive_are_refused(interpreter: str, packages: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_startable(Settings(interpreter, packages), PLACES)
    assert str(refusal.value) == message


def test_a_command_that_would_be_cut_off_is_refused() -> None:
    """xlwings' DLL copies it into 2,048 characters."""
    long = Settings("C:\\" + "x" * 1000 + "\\python.exe", "C:\\" + "y" * 800)
    with pytest.raises(Refusal) as refusal:
        check_startable(long, PLACES)
    assert re.fullmatch(
        r"the paths are too long together: the command that starts Python would have 2[23]\d\d characters,"
        " and 2047 is the most; install cpa_xl in a folder with a shorter path",
        str(refusal.value),
    )


def test_the_configuration_is_read_as_vba_reads_it(python: Settings) -> None:
    """`Input #file, name, value`: fields in quotation marks between commas, a record a line."""
    for line in io.StringIO(python.text()):
        name, value = line.rstrip("\n").split(",", 1)
        for field in (name, value):
            assert field.startswith('"')
            assert field.endswith('"')
            assert '"' not in field[1:-1]


# --- what stands in the way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        ({("HKLM", r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"): "x64"}, 64),
        ({("HKLM", r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"): "x86"}, 32),
        ({("HKLM", r"SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness"): "x86"}, 32),
        ({}, None),
    ],
)
def test_bitness_is_that_of_office(values: dict[tuple[str, str, str], object], bits: int | None) -> None:
    assert office_bits(Registry(values)) == bits


def test_the_dll_of_offices_bitness_is_enough(python: Settings, tmp_path: Path) -> None:
    (tmp_path / "python" / DLLS[32]).unlink()
    platform = ("HKLM", r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform")
    assert find_dlls(python, DLLS, Registry({platform: "x64"})).well
    assert not find_dlls(python, DLLS, Registry({platform: "x86"})).well


@pytest.mark.parametrize(
    ("value", "what", "remedy"),
    [
        (
            ("HKCU", rf"{POLICIES}\Common", "VBAOff"),
            "VBA is switched off in Office by policy",
            "Ask IT to enable VBA for Excel.",
        ),
        (
            ("HKCU", rf"{POLICIES}\Excel\Security", "DisableAllAddins"),
            "Excel's add-ins are switched off by policy",
            "Ask IT to allow add-ins in Excel.",
        ),
        (
            ("HKCU", rf"{POLICIES}\Excel\Security", "RequireAddinSig"),
            "Excel takes signed add-ins only, by policy, and this one carries no signature",
            "Ask IT to sign cpa_xl.xlam with the organisation's certificate, or to lift the rule for you.",
        ),
        (
            ("HKCU", rf"{POLICIES}\Excel\Security\Trusted Locations", "AllLocationsDisabled"),
            "Excel's trusted locations are switched off, so the macros in XLSTART do not run unasked",
            "Ask IT to allow the user's XLSTART folder as a trusted location; the VBA project need not be.",
        ),
        (
            ("HKLM", ASR, CHILD_PROCESSES),
            'Defender blocks what its rule "Block all Office applications from creating child processes" names. The'
            " functions run in a Python process that Excel starts: without it every one shows #VALUE!.",
            f"Ask IT for an exclusion from rule {CHILD_PROCESSES} for cpa_xl.xlam and for the Python interpreter.",
        ),
        (
            ("HKLM", ASR, WIN32_CALLS),
            'Defender blocks what its rule "Block Win32 API calls from Office macros" names. The add-in calls xlwings\''
            " DLL to start Python, and the rule may remove the file.",
            f"Ask IT for an exclusion from rule {WIN32_CALLS} for cpa_xl.xlam and for the Python interpreter.",
        ),
    ],
)
@pytest.mark.parametrize("number", [1, "1"])
def test_policies_are_named_with_what_to_ask_for(
    value: tuple[str, str, str], number: object, what: str, remedy: str
) -> None:
    (finding,) = find_policies(Registry({value: number}))
    assert (finding.well, finding.what, finding.remedy) == (False, what, remedy)
    assert finding.lines == [f"LOOK  {what}", f"      {remedy}"]
    assert not [*find_policies(Registry({value: 0}))]


def test_rules_set_through_intune_are_seen_and_audits_are_not_blocks() -> None:
    key = ("HKLM", r"SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager", "ASRRules")
    (finding,) = find_policies(Registry({key: f"{CHILD_PROCESSES.upper()}=6|{WIN32_CALLS}=2"}))
    assert finding.what.startswith("Defender warns of what its rule")


def test_install_says_what_stands_in_the_way(user: dict[str, str], python: Settings) -> None:
    lines = install(user, python, Registry({("HKLM", ASR, CHILD_PROCESSES): 1}))
    assert len([line for line in lines if line.startswith("LOOK")]) == 1


def test_elsewhere_the_registry_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert excelinstall.windows_registry("HKCU", "Software", "Anything") is None
