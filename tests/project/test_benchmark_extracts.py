"""The measurement of extracts: every contender counts the same, and one that fails ends it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import extracts
from benchmarks.extracts import Taken, enlarge, goals, main, run, steady


@contextmanager
def _no_last_version() -> Iterator[None]:
    yield None


@pytest.mark.slow
def test_every_contender_counts_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(extracts, "last_version", _no_last_version)
    main(["--runs", "1", "--copies", "0.1", "--more", "--json"])
    figures = json.loads(capsys.readouterr().out)
    [(rows, taken)] = figures["taken"].items()
    assert 48_000 < int(rows) < 50_000
    assert {"cpa_xl", "scan", "pandas"} <= set(taken)
    assert min(one["seconds"] for one in taken.values()) > 0
    assert taken["cpa_xl"]["totals"] == taken["pandas"]["totals"]
    assert taken["cpa_xl"]["totals"]["deaths"] > 0


def test_each_copy_of_a_record_has_a_reference_of_its_own(sample_folder: Path, tmp_path: Path) -> None:
    rows = enlarge(sample_folder, tmp_path / "small", 0.01)
    assert enlarge(sample_folder, tmp_path / "large", 2) > 190 * rows
    lines = (tmp_path / "large/outcomes_2009-01.csv").read_text(encoding="utf-8").splitlines()
    assert len({line.split(",")[0] for line in lines}) == len(lines)
    assert lines[-1] == f"END OF EXTRACT,{len(lines) - 3}"


def test_goals_are_ratios() -> None:
    taken = {
        "cpa_xl": Taken(2, 500, {}), "scan": Taken(1, 100, {}), "pandas": Taken(4, 900, {}),
        "last version": Taken(8, 1000, {}),
    }  # fmt: skip
    assert [goal.ratio for goal in goals(2_000_000, taken)] == [2, 0.5, 0.25]
    assert [goal.met for goal in goals(8_000_000, taken)] == [True, True, False, False]
    assert steady({1_000: 1.0, 2_000: 2.0, 4_000: 5.0}).ratio == pytest.approx(1.5)


def test_what_fails_is_not_timed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^scan failed$"):
        run("scan", tmp_path)
    assert "StopIteration" in capfd.readouterr().err
