"""Runs a module of the project in its own environment: `python run.py cpa_xl demo`, `python run.py pytest`.

The environment, `.venv`, is made on first use and made again when pyproject.toml changes. It is made without pip and
filled by the pip that runs this script, so that it also works where Python is marked as externally managed. Needs
Python 3.11 or later and pip; nothing else.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "made-from.txt"


def fingerprint() -> str:
    """What the environment depends on: the project file and the Python that made it."""
    text = (HERE / "pyproject.toml").read_bytes() + sys.version.encode() + str(HERE).encode()
    return hashlib.sha256(text).hexdigest()


def is_made() -> bool:
    """Whether `.venv` is there, made from the project file as it stands."""
    return STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint()


def make_environment() -> None:
    """Make `.venv` afresh and install the project into it, with what its developers use."""
    print("First run: setting up .venv (about a minute) ...", file=sys.stderr, flush=True)
    venv.create(VENV, with_pip=False, clear=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, "--editable", f"{HERE}[dev]"], check=True)
    STAMP.write_text(fingerprint(), encoding="utf-8")


def main() -> int:
    """Make the environment if need be, run the module there and hand on its exit code."""
    if len(sys.argv) < 2:
        print(
            "usage: python run.py MODULE [ARGUMENT ...]   for example: python run.py cpa_xl demo",
            file=sys.stderr,
        )
        return 2
    if sys.version_info < (3, 11):
        print(f"cpa_xl needs Python 3.11 or later; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    inside = Path(sys.prefix).resolve() == VENV
    try:
        if inside and not is_made():
            print("The environment has to be made anew; run this with the Python outside .venv.", file=sys.stderr)
            return 1
        if not is_made():
            make_environment()
        return subprocess.run([str(PYTHON), "-m", *sys.argv[1:]], check=False).returncode
    except subprocess.CalledProcessError as failed:
        print(
            f"pip could not set up .venv (exit code {failed.returncode}); its message stands above.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
