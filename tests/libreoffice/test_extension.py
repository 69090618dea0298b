"""The extension for LibreOffice: its files, and putting it in and out."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cpa_xl import __version__
from cpa_xl.errors import Refusal
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice import extension as extension_module
from cpa_xl.libreoffice.extension import COMPONENT, CONFIGURATION_FILES, FILE_NAME, extension, licence, parts
from cpa_xl.libreoffice.install import Unopkg, build, find_unopkg, install, status, uninstall
from cpa_xl.libreoffice.menu import COMMANDS, fitting
from cpa_xl.libreoffice.soffice import Office
from tests.support.calc import Calc, require_calc
from tests.support.officeprocess import office_context

pytestmark = pytest.mark.slow  # each builds the extension

OOR = "{http://openoffice.org/2001/registry}"


def test_the_file_is_the_same_each_time_and_holds_every_part(tmp_path: Path) -> None:
    assert build(tmp_path / "new") == [f"Written: {tmp_path / 'new' / FILE_NAME}"]
    written = (tmp_path / "new" / FILE_NAME).read_bytes()
    assert written == extension()
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == parts()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_registered_file_is_there() -> None:
    files = parts()
    manifest = ET.fromstring(files["META-INF/manifest.xml"])  # noqa: S314  # our own
    names = [value for entry in manifest for key, value in entry.items() if key.endswith("full-path")]
    assert set(names) == {"cpa_xl.rdb", COMPONENT, *CONFIGURATION_FILES}
    assert set(names) <= files.keys()
    for name in CONFIGURATION_FILES:
        assert ET.fromstring(files[name]).get(f"{OOR}name") == name.removesuffix(".xcu")  # noqa: S314  # our own


def test_functions_and_commands_are_those_of_the_package() -> None:
    functions = parts()["CalcAddIns.xcu"].decode()
    for name, function in FUNCTIONS.items():
        assert f'oor:name="{name}" oor:op="replace"' in functions
        assert function.help.replace("&", "&amp;").replace("<", "&lt;") in functions
    menu = parts()["Addons.xcu"].decode()
    for name, command in COMMANDS.items():
        assert f"<value>cpaxl:{name}</value>" in menu
        assert f">{command.title}</value>" in menu


def test_it_holds_what_it_runs_and_no_more() -> None:
    """The cell functions, the arithmetic below them and the folder for LibreOffice; no publishing, no extracts."""
    folders = {name.split("/")[2] for name in parts() if name.startswith("pythonpath/cpa_xl/")}
    assert folders == {"__init__.py", "errors.py", "wording.py", "measures", "functions", "libreoffice"}


def test_the_licence_of_an_installed_package_is_the_one_that_pip_keeps(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed package has no file LICENSE beside it."""
    own = (root / "LICENSE").read_bytes()
    assert licence() == own

    class Installed:
        @staticmethod
        def read_text(name: str) -> str | None:
            return own.decode() if name == "licenses/LICENSE" else None

    monkeypatch.setattr(extension_module, "distribution", lambda _name: Installed)
    assert licence(tmp_path) == own
    monkeypatch.setattr(Installed, "read_text", lambda _name: None)
    with pytest.raises(Refusal, match=r"LICENSE: the licence is not there; install cpa_xl again"):
        licence(tmp_path)


def test_a_message_fits_a_small_screen() -> None:
    """36 lines of 75 characters; a longer line counts as the lines that it takes."""
    short = "\n".join(["a line"] * 36)
    assert fitting(short) == short
    assert fitting(short + "\none more").splitlines()[-3:] == [
        "a line", "", "and 1 more line; cpa_xl on the command line shows everything.",
    ]  # fmt: skip
    long = fitting("\n".join(["x" * 76] * 20)).splitlines()
    assert (len(long), long[-1]) == (20, "and 2 more lines; cpa_xl on the command line shows everything.")


def test_what_libreoffice_imports_needs_nothing_but_python(tmp_path: Path) -> None:
    """LibreOffice on Windows brings a Python of its own that has the standard library and no more."""
    for name, content in parts().items():
        if name.startswith("pythonpath/"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from cpa_xl.functions import index;"
        " from cpa_xl.libreoffice import cells, document, formulas, menu, soffice; print(index.__file__)"
    )
    command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path / "pythonpath")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # this Python
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(tmp_path))


def fake(folder: Path, text: str) -> Unopkg:
    """A program in the place of unopkg that notes how it is called."""
    program = folder / "unopkg"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\n{text}\n', encoding="utf-8")
    program.chmod(0o755)
    return Unopkg(program, "25.2", ("--shared",), seconds=1)


LISTED = 'printf "All deployed extensions:\\n\\nIdentifier: cpaxl\\n  Version: {}\\n"'
posix = pytest.mark.skipif(sys.platform == "win32", reason="the program in unopkg's place is a shell script")


@posix
def test_installing_asks_unopkg(tmp_path: Path) -> None:
    assert install(fake(tmp_path, "")) == [
        f"Installed: cpa_xl {__version__} in LibreOffice 25.2; it is there when Calc starts next."
    ]
    (call,) = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert call.startswith("add --shared --suppress-license --force ")
    assert call.endswith("/cpa_xl.oxt")


@posix
def test_status_and_taking_out(tmp_path: Path) -> None:
    here = fake(tmp_path, LISTED.format(__version__))
    assert status(here) == [f"LibreOffice 25.2: {tmp_path}/unopkg", f"cpa_xl {__version__} is installed."]
    assert uninstall(here) == ["Taken out of LibreOffice 25.2."]
    assert (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-1] == "remove --shared cpaxl"
    old = fake(tmp_path, LISTED.format("0.0.1"))
    assert status(old)[1] == (
        f"cpa_xl 0.0.1 is installed, this is {__version__}: cpa_xl addin install --for libreoffice"
    )
    none = fake(tmp_path, "echo none")
    assert status(none)[1] == "cpa_xl is not installed: cpa_xl addin install --for libreoffice"
    assert uninstall(none) == ["Nothing to take out: cpa_xl is not in LibreOffice 25.2."]


@posix
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'ERROR: lock file'; exit 1", "LibreOffice is open: close it, with its quickstarter, first"),
        ("echo 'ERROR: no disk'; exit 1", "LibreOffice did not take the command add: ERROR: no disk"),
        ("exec sleep 30", "LibreOffice is open, or unopkg hangs"),
    ],
)
def test_refusals(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        install(fake(tmp_path, script))


def test_an_office_without_unopkg(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="has no unopkg beside it: write the extension with cpa_xl addin build"):
        find_unopkg(Office(tmp_path / "soffice", (25, 2)))


@pytest.mark.office
def test_unopkg_itself_takes_the_extension(tmp_path: Path) -> None:
    """Into folders of its own; LibreOffice then calculates with it."""
    require_calc()
    places = (
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        f"-env:UNO_SHARED_PACKAGES_CACHE={(tmp_path / 'shared').as_uri()}",
    )
    found = find_unopkg()
    tool = Unopkg(found.program, found.office_version, (*found.options, *places))
    assert status(tool)[1].startswith("cpa_xl is not installed")
    install(tool)
    assert status(tool)[1] == f"cpa_xl {__version__} is installed."
    with office_context(tmp_path, settings=places[1:]) as context, Calc(context).document() as book:
        assert book.answers(["CPA_RAG(0.778;0.789)"]) == ["A"]
    assert uninstall(tool)[0].startswith("Taken out")
    assert status(tool)[1].startswith("cpa_xl is not installed")
