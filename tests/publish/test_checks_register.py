"""The register of the release checks, and that the check of English claims is optional."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpa_xl.errors import Level
from cpa_xl.publish import checks as package
from cpa_xl.publish.checks import findings
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.findings import Finding, found, release_check
from cpa_xl.publish.checks.run import check_release, checks, import_checks
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import checked, configuration, place, typed

WITHOUT = """
import json, sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("cpa_xl.publish.claims"):
            raise ImportError(f"{name} is refused")

sys.meta_path.insert(0, Refuse())
from cpa_xl.publish import disclosure, page, pdf, pipeline, verify
from cpa_xl.publish.freeze import freeze
from cpa_xl.config.load import load
from cpa_xl.publish.checks.run import check_release
from cpa_xl.workbook.closed import ClosedWorkbook

catalogue = load(Path(sys.argv[1]))
book = ClosedWorkbook.open(Path(sys.argv[2]))
found = check_release(book, None, catalogue, catalogue.workbooks["cpa_scorecard"])
print(json.dumps([(one.code, one.place, one.message) for one in found]))
"""

MODULE = """
from cpa_xl.errors import Level
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.findings import release_check

@release_check("W99", "no sheet is named Draft", on=Release, level=Level.WARN, for_readers="a sheet is a draft")
def check_draft(release):
    yield from ()
"""


def test_each_check_says_it_to_analysts_and_to_readers() -> None:
    """W1, W2, ... without a gap, then T1, T2, ...: a number once given names one check, also in older statements."""
    of_files = [code for code in checks() if code[0] == "W"]
    of_figures = [code for code in checks() if code[0] == "T"]
    assert list(checks()) == [*of_files, *of_figures]
    for letter, codes in (("W", of_files), ("T", of_figures)):
        assert codes == [f"{letter}{number}" for number in range(1, len(codes) + 1)]
    assert {"W1", "W16", "T1", "T10"} <= set(checks())
    assert all(one.about and one.for_readers for one in checks().values())


def test_a_new_check_is_one_function(root: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_CHECKS", findings._CHECKS.copy())
    monkeypatch.setattr(findings, "_FUNCTIONS", findings._FUNCTIONS.copy())

    @release_check("W98", "no sheet is named Draft", on=Release, level=Level.WARN, for_readers="a sheet is a draft")
    def check_draft(release: Release) -> Iterator[Finding]:
        yield found("W98", release.copy.path.name, "rename it")

    codes = list(checks())
    assert codes[codes.index("T1") - 1] == "W98"
    assert ("W98", Level.WARN, demo.name, "rename it") in {
        (one.code, one.level, one.place, one.message) for one in checked(root, ClosedWorkbook.open(demo))
    }
    with pytest.raises(ValueError, match=r"^the code W98 belongs to a check already: register the function with "
                       r"finds\('W98'\)$"):  # fmt: skip
        release_check("W98", "", on=Release, level=Level.WARN, for_readers="")


def test_a_new_module_of_checks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_CHECKS", findings._CHECKS.copy())
    monkeypatch.setattr(findings, "_FUNCTIONS", findings._FUNCTIONS.copy())
    (tmp_path / "drafts.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    assert "W99" not in checks()
    import_checks()
    monkeypatch.delitem(sys.modules, f"{package.__name__}.drafts")
    monkeypatch.delattr(package, "drafts")
    assert checks()["W99"].about == "no sheet is named Draft"


def test_the_core_does_without_the_claims(root: Path, demo: Path, tmp_path: Path) -> None:
    """All else is found in the same words and order where these modules cannot be imported."""
    book = ClosedWorkbook.open(demo)
    changed = typed(book, place(book, "4a", "Comments"), "SAC is off target. It is down 99.7%.")
    changed = typed(changed, place(book, "4b", "RAG"), "x")
    path = tmp_path / demo.name
    changed.save(path)
    catalogue = configuration(root)
    spec = catalogue.workbooks["cpa_scorecard"]
    every = [
        (one.code, one.place, one.message) for one in check_release(ClosedWorkbook.open(path), None, catalogue, spec)
    ]
    done = subprocess.run(  # noqa: S603  # our own Python
        [sys.executable, "-c", WITHOUT, str(root / "config"), str(path)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    core = [tuple(one) for one in json.loads(done.stdout)]
    claims = [one for one in every if one[0] == "T5" and "type what holds now" in one[2]]
    assert claims != []
    assert core == [one for one in every if one not in claims]
