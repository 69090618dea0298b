"""The measurement of starts: every contender runs, and one that fails ends it."""

import json
from pathlib import Path

import pytest

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
