"""A LibreOffice of one's own for tests: started with a profile of its own, reached over UNO, and ended."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cpa_xl.libreoffice.soffice import apart

DEBIAN = Path("/usr/lib/python3/dist-packages")  # where Debian's python3-uno is
PROGRAM = shutil.which("soffice")


def uno_module() -> Any:
    """Debian's `uno`, made visible by links to its two files; ImportError where it is not installed."""
    if "uno" not in sys.modules and (DEBIAN / "uno.py").exists():
        folder = Path(tempfile.mkdtemp(prefix="uno-"))
        for name in ("uno.py", "unohelper.py"):
            (folder / name).symlink_to(DEBIAN / name)
        sys.path.append(str(folder))
    import uno  # noqa: PLC0415  # not in every environment

    return uno


@contextmanager
def office(folder: Path, extensions: Path | None = None) -> Iterator[Any]:
    """A LibreOffice of one's own, without windows: gives its desktop. `folder` is for its profile and log."""
    with office_context(folder, extensions) as context:
        yield desktop_of(context)


def property_of(name: str, value: object) -> Any:
    """A PropertyValue."""
    made = uno_module().createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def desktop_of(context: Any) -> Any:
    """The desktop, which opens documents."""
    return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


@contextmanager
def office_context(
    folder: Path, extensions: Path | None = None, settings: Sequence[str] = (), *, headless: bool = True
) -> Iterator[Any]:
    """The same, giving the context that all its services come from."""
    uno = uno_module()
    pipe = f"cpaxl{folder.name}{time.monotonic_ns()}"
    command = [
        str(PROGRAM), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--norestore", "--nologo",
        *(["--headless"] if headless else []),
        f"--accept=pipe,name={pipe};urp;",
        *([f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}"] if extensions else []), *settings,
    ]  # fmt: skip
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=apart())  # noqa: S603  # soffice, found on the path
        try:
            context = _connected(uno, pipe, process)
            yield context
            desktop_of(context).terminate()
        finally:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _connected(uno: Any, pipe: str, process: subprocess.Popen[bytes]) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            assert process.poll() is None, "LibreOffice ended while it started"
            time.sleep(0.2)
        else:
            return remote
    message = "LibreOffice did not start within a minute"
    raise TimeoutError(message)
