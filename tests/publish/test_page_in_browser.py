"""The page in a real browser: an accessibility engine finds nothing, nothing is fetched, nothing is too wide."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cpa_xl.config.load import load
from cpa_xl.publish.annotate.since_last import Comparison, Since, Topic
from cpa_xl.publish.cover import with_changes
from cpa_xl.publish.page import write_page
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import place, typed

pytestmark = pytest.mark.office

LAST = Comparison(
    "cpa_scorecard 2008-12 published.xlsx",
    "Dec-08",
    (
        Since(Topic.PERIOD, "5 People killed or seriously injured on the roads", "RY to Dec-08", "RY to Jan-09"),
        Since(Topic.FIGURE, "5 People killed or seriously injured on the roads", "-14.4%", "-15.0%"),
        Since(Topic.REVISION, f"Areas, Jun-08, Camden, {'x' * 80}", "98", "105"),
        Since(Topic.TARGET, "TargetRegister, 1, 2008/09, agreed, Amount", "0.789", "0.8"),
    ),
)  # one of each group of the page
FOLDER = "CPA_XL_NODE_MODULES"  # an environment variable: where playwright-core and axe-core are installed


def found_browser(root: Path) -> tuple[str, str, Path]:
    """Chromium, node and the folder of node's packages; skips where one is missing, but on a build machine fails."""
    modules = Path(os.environ.get(FOLDER, root / "node_modules"))
    chromium, node = shutil.which("chromium"), shutil.which("node")
    missing = [name for name, there in (("chromium", chromium), ("node", node)) if there is None]
    missing += [name for name in ("playwright-core", "axe-core") if not (modules / name).is_dir()]
    if missing and "CI" in os.environ:
        pytest.fail(f"not installed: {', '.join(missing)}; .ci/install-browser installs them")
    if chromium is None or node is None or missing:
        pytest.skip(f"not installed: {', '.join(missing)}; .ci/install-browser installs them")
    return chromium, node, modules


@pytest.fixture(scope="module")
def looks(demo: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What was found at 320, 1100 and 1280 pixels, in light and in dark; one comment has a word as long as a line,
    the shorthand of a published copy stands behind the status of its row, and a sheet says what changed."""
    chromium, node, modules = found_browser(root)
    page = tmp_path_factory.mktemp("page") / "scorecard.html"
    book, changed = ClosedWorkbook.open(demo), page.with_suffix(".xlsx")
    ((row, column),) = (
        at for at, cell in book.cells("Scorecard").items() if str(cell.value).startswith("Reflects Gun")
    )
    book = typed(book, place(book, "6b", "Status"), "Green ▲ on target or better [p] [r]")
    book = with_changes(book.with_cell("Scorecard", row, column, "x" * 200), LAST)
    book.save(changed)
    write_page(changed, page, load(root / "config"))
    assert ">[p]</abbr> <abbr" in page.read_text(encoding="utf-8")
    command = [node, str(root / "tests/browser/axe.cjs"), chromium, str(page)]
    environment = {**os.environ, "NODE_PATH": str(modules)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)  # noqa: S603  # node, found on the path
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    assert len(found) == 6
    return found


def test_the_accessibility_engine_finds_nothing(looks: list[dict[str, object]]) -> None:
    for look in looks:
        assert look["violations"] == [], look
        passes = look["passes"]
        assert isinstance(passes, int)
        assert passes > 30  # rules that found what they look for


def test_nothing_is_fetched(looks: list[dict[str, object]]) -> None:
    assert [look["fetched"] for look in looks] == [[]] * 6


def test_nothing_is_wider_than_the_screen(looks: list[dict[str, object]]) -> None:
    """As it comes, and with the text spacing of WCAG 2.2, 1.4.12."""
    for look in looks:
        assert look["sizes"] == [look["width"]] * 2


def test_the_first_key_leads_to_the_skip_link(looks: list[dict[str, object]]) -> None:
    assert [look["focused"] for look in looks] == ["skip"] * 6


def test_cards_are_still_a_table_to_screen_readers(looks: list[dict[str, object]]) -> None:
    """18 measures, 16 trends, 9 extracts and 4 changes in four tables with a row of headings each; 12 areas of
    performance, and as many groups of changes as there are."""
    for look in looks:
        roles = look["roles"]
        assert isinstance(roles, dict)
        assert (roles["table"], roles["row"], roles["image"]) == (4, 18 + 16 + 9 + 4 + 4 + 12 + 4, 16), look["width"]
        assert roles["rowheader"] == 18 + 16 + 9 + 4 + 12 + 4
