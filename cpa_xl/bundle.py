"""A folder that a team can put on a share: the add-in, the package as a wheel, and what installs both on a desk."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path

from cpa_xl import __version__
from cpa_xl.archive import EPOCH
from cpa_xl.errors import Refusal

_PACKAGE = Path(__file__).resolve().parent
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
