"""The measurements of starts and of refreshes: every contender runs, and one that fails ends it."""

import json
from pathlib import Path

import pytest

from benchmarks import refresh
from benchmarks.start import goals, main, seconds


@pytest.mark.slow
def test_every_start_is_measured(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--runs", "1", "--workbook", str(root / "workbooks/cpa_scorecard.xlsx"), "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert list(figures["seconds"]) == [
        "Python", "click and rich", "import cpa_xl", "one function", "cpa_xl --help", "cpa_xl show",
    ]  # fmt: skip
    assert min(figures["seconds"].values()) > 0
    assert [set(goal) for goal in figures["goals"]] == [{"text", "ratio", "bound", "at_least", "met"}] * 3


def test_ratios_are_those_of_the_seconds() -> None:
    taken = {"Python": 0.01, "click and rich": 0.04, "import cpa_xl": 0.02, "cpa_xl --help": 0.16, "cpa_xl show": 0.3}
    found = goals(taken)
    assert [goal.ratio for goal in found] == pytest.approx([4, 7.5, 2])
    assert [goal.met for goal in found] == [False, True, True]
    assert found[2].bound == 4  # 10 ms of a bare Python, and 30 more


def test_what_fails_is_not_timed() -> None:
    with pytest.raises(SystemExit, match=r"^-c raise SystemExit\('no'\) failed: no$"):
        seconds(["-c", "raise SystemExit('no')"])


def test_a_side_runs_each_step_on_the_same_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The template, last month's workbook, and what came of it; the history of an earlier run is gone each time."""
    seen: list[tuple[str, str, bool]] = []

    def run(side: refresh.Side, *arguments: str) -> float:
        kept = side.folder / "cpa_scorecard.history.parquet"
        seen.append((arguments[0], side.book.read_text() if side.book.exists() else "", kept.exists()))
        kept.touch()
        if arguments[0] == "refresh":
            side.book.write_text(f"{side.book.read_text()}, {arguments[-1]}")
        return float(len(seen))

    monkeypatch.setattr(refresh.Side, "run", run)
    (tmp_path / "workbooks").mkdir()
    (tmp_path / "workbooks/cpa_scorecard.xlsx").write_text("template")
    side = refresh.Side(tmp_path, tmp_path)
    side.prepare()
    taken = refresh.measured({"now": side}, 3)["now"]
    each = [
        ("refresh", "template", False),
        ("refresh", "template, 2008-12", False),
        ("publish", "template, 2008-12, 2009-01", True),
    ]
    assert seen == [("demo", "", False), ("refresh", "template", False), *each * 3]
    assert list(taken) == list(refresh.STEPS)
    assert list(taken.values()) == [6, 7, 8]  # the middle one of three runs


def test_a_commit_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = r"^git worktree add --detach .*then nosuchcommit: \S"
    with pytest.raises(SystemExit, match=said), refresh.checkout("nosuchcommit", tmp_path):
        pass
