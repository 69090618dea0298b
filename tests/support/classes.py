"""The classes of tests: `office` needs LibreOffice, a screen or a browser, `slow` takes more than a second of CPU.

A test that uses a dear fixture is marked by it, so nobody has to remember. Other tests carry the mark themselves;
those that lack it are named at the end of a run.
"""

import os
import shutil
import sys
from collections.abc import Generator, Sequence

import pytest

SLOW = {"demo", "december", "sample_folder"}  # fixtures that hand out half a million records
OFFICE = {"calc", "desktop", "office"}  # fixtures that find or start LibreOffice
OFFICE_CASES = {"libreoffice_saved"}  # cases of `@pytest.mark.parametrize`
PROGRAMS = ("soffice", "Xvfb", "chromium")
LIMIT = 1.0  # seconds of CPU time, of the test, its fixtures and the programs that it starts
CPU, PROGRAM = "seconds of CPU", "program"
_KEY = pytest.StashKey[float]()
Report = Generator[None, pytest.TestReport, pytest.TestReport]


class Classes:
    """A plugin of pytest that marks tests by their fixtures, and reports the tests that lack a mark."""

    def __init__(self) -> None:
        self.lacking: list[str] = []
        self.started: set[str] = set()  # by the test that runs
        self.programs = {found: name for name in PROGRAMS if (found := shutil.which(name))}
        sys.addaudithook(self._see)

    @pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Mark each test that uses a dear fixture, itself or through another fixture."""
        for item in items:
            used = set(getattr(item, "fixturenames", ()))
            if used & SLOW:
                item.add_marker("slow")
            call = getattr(item, "callspec", None)
            cases = {case for case in call.params.values() if isinstance(case, str)} if call else set()
            if used & OFFICE or cases & OFFICE_CASES:
                item.add_marker("office")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start to count."""
        item.stash[_KEY] = cpu_seconds()
        self.started.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Report:
        """Note in the last report of a test what it took, if it has no mark for that."""
        report = yield
        if call.when == "teardown" and _KEY in item.stash:
            spent = cpu_seconds() - item.stash[_KEY]
            if spent > LIMIT and not marked(item, "slow", "office"):
                report.user_properties.append((CPU, f"{spent:.1f}"))
            report.user_properties += [(PROGRAM, name) for name in self.started if not marked(item, "office")]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the notes, of each worker where there are some."""
        for what, value in report.user_properties if report.when == "teardown" else ():
            if what == CPU:
                self.lacking.append(f"slow    {report.nodeid}: {value} s of CPU")
            elif what == PROGRAM:
                self.lacking.append(f"office  {report.nodeid}: starts {value}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the tests that lack a mark."""
        if self.lacking:
            terminalreporter.section("these tests lack a mark (see tests/support/classes.py)")
            for line in sorted(self.lacking):
                terminalreporter.write_line(line)

    def _see(self, event: str, arguments: tuple[object, ...]) -> None:
        """A hook of Python's audit: it sees each program that starts."""
        if event == "subprocess.Popen" and (found := shutil.which(str(arguments[0]))) in self.programs:
            self.started.add(self.programs[found])


def marked(item: pytest.Item, *names: str) -> bool:
    """Whether a test has one of the marks."""
    return any(item.get_closest_marker(name) for name in names)


def cpu_seconds() -> float:
    """CPU time so far, in seconds, of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
