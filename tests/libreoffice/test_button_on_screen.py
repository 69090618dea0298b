"""The button Refresh as its user clicks it: LibreOffice in a window of a virtual screen, the mouse moved by xdotool."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.calc import Calc, compare_scorecard, require_calc, unpack_extension
from tests.support.officeprocess import office_context, uno_module

pytestmark = pytest.mark.office

TOOLS = ("Xvfb", "xdotool", "import")
SIZE = (1400, 900)
PATIENCE = 60  # seconds that a window or a refresh may take
JAN_09 = 39814


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A virtual screen; its name."""
    require_calc()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        reason = f"{', '.join(missing)}: not installed; nothing can be clicked (packages xvfb, xdotool, imagemagick)"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)  # noqa: S603 - as above
    os.close(write)
    try:
        with os.fdopen(read) as said:
            display = f":{said.readline().strip()}"
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.setenv("SAL_USE_VCLPLUGIN", "gen")
        monkeypatch.setenv("CPA_XL_PYTHON", sys.executable)
        yield display
    finally:
        process.terminate()
        process.wait()


@contextmanager
def in_a_window(folder: Path, path: Path) -> Iterator[tuple[Calc, Any]]:
    """LibreOffice with the extension, and a workbook in a window of it."""
    with office_context(folder, unpack_extension(folder / "extensions"), headless=False) as context:
        calc = Calc(context)
        document = calc.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, ())
        window = document.CurrentController.Frame.ContainerWindow
        window.setPosSize(0, 0, *SIZE, 15)
        window.toFront()
        try:
            yield calc, document
        finally:
            document.close(True)


def waited_for(what: str, ask: Callable[[], Any]) -> Any:
    """What `ask` gives as soon as it gives anything; things that go while they are looked at are not there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(uno_module().getClass("com.sun.star.lang.DisposedException")):
            if found := ask():
                return found
        time.sleep(0.2)
    raise AssertionError(f"waited {PATIENCE} seconds for {what}")


def named(context: Any, name: str, depth: int = 6) -> Any:
    """The accessible thing of this name below another; None where there is none."""
    for place in range(min(context.getAccessibleChildCount(), 200)):
        child = context.getAccessibleChild(place).getAccessibleContext()
        if child.getAccessibleName() == name:
            return child
        if depth and (found := named(child, name, depth - 1)) is not None:
            return found
    return None


def xdotool(*arguments: object) -> None:
    command = [str(shutil.which("xdotool")), *map(str, arguments)]
    subprocess.run(command, check=True, timeout=30)  # noqa: S603 - the mouse


def click(thing: Any) -> None:
    """Click the middle of an accessible thing."""
    place, size = thing.getLocationOnScreen(), thing.getSize()
    xdotool("mousemove", place.X + size.Width // 2, place.Y + size.Height // 2, "click", 1)


def photograph(path: Path) -> None:
    command = [str(shutil.which("import")), "-window", "root", str(path)]
    subprocess.run(command, check=True, timeout=30)  # noqa: S603 - ImageMagick


def test_refresh_is_clicked(screen: str, demo: Path, december: Path, tmp_path: Path) -> None:
    """The workbook as it was a month ago, this month typed, the menu clicked: then it is the demo's, cell by cell."""
    folder = shutil.copytree(december.parent, tmp_path / "december", symlinks=True)  # a refresh writes beside it
    with in_a_window(tmp_path, folder / december.name) as (calc, document):
        monthly = document.DatabaseRanges.getByName("Monthly")
        assert monthly.getDataArea().EndRow == 38
        document.NamedRanges.getByName("as_of").getReferredCells().getCellByPosition(0, 0).setValue(JAN_09)
        press(document, tmp_path / "menu.png")
        photograph_when_told(calc, tmp_path / "refreshed.png")
        assert monthly.getDataArea().EndRow == 39
        compare_scorecard(document, ClosedWorkbook.open(demo))
    assert (tmp_path / "refreshed.png").stat().st_size > 10_000


def press(document: Any, picture: Path) -> None:
    """Click the menu CPA, and in it Refresh."""
    window = document.CurrentController.Frame.ContainerWindow.getAccessibleContext()
    menu = waited_for("the menu CPA", lambda: named(window, "CPA"))
    click(menu)

    def entry() -> Any:
        found = named(menu, "Refresh")
        return found if found is not None and found.getSize().Height > 0 and found.getLocationOnScreen().Y > 0 else None

    refresh = waited_for("the open menu", entry)
    time.sleep(0.5)  # until it is drawn
    photograph(picture)
    click(refresh)


def photograph_when_told(calc: Calc, picture: Path) -> None:
    """Wait for the message, keep a picture of the screen, and press Return."""
    toolkit = calc.service("com.sun.star.awt.Toolkit")

    def message() -> Any:
        windows = [toolkit.getTopWindow(place) for place in range(toolkit.getTopWindowCount())]
        return next((one for one in windows if one.getAccessibleContext().getAccessibleName() == "CPA"), None)

    waited_for("the message", message)
    time.sleep(0.5)
    photograph(picture)
    xdotool("search", "--onlyvisible", "--name", "^CPA$", "windowfocus", "--sync", "%@", "key", "Return")
    waited_for("the end of the message", lambda: message() is None)
