"""The measurement of calls from Excel: what it measures is done, and its ratios are what they say."""

import json

import pytest

from benchmarks.goals import Goal
from benchmarks.udf import Calls, block, import_goals, main, table, taken


@pytest.mark.slow
def test_every_figure_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """Each answer is compared by the measurement itself, which ends with a message where it is another."""
    main(["--rows", "24", "--runs", "1", "--seconds", "0.01", "--json"])
    figures = json.loads(capsys.readouterr().out)
    (calls,) = figures["calls"]
    assert calls.pop("rows") == 24
    assert sorted(calls) == ["defaults", "ours", "server", "sum_defaults", "sum_ours"]
    assert min(calls.values()) > 0
    assert sorted(figures["imports"]) == [
        "cpa_xl.udfs", "xlwings", "xlwings without pandas", "xlwings, then cpa_xl.excel.udfs",
    ]  # fmt: skip
    assert min(figures["imports"].values()) > 0
    assert len(figures["goals"]) == 3


def test_a_wrong_answer_is_not_timed() -> None:
    with pytest.raises(SystemExit, match=r"^a call answered 2, and 1 was right$"):
        taken(lambda: 2, 1, 0.01)


def test_ranges_hold_numbers_and_blanks() -> None:
    cells = block(16)
    assert (len(cells), {len(row) for row in cells}) == (16, {4})
    assert [row[2] for row in cells].count(None) == 2


def test_ratios_stand_beside_their_goals() -> None:
    calls = Calls(36, server=8e-6, ours=10e-6, defaults=40e-6, sum_ours=60e-6, sum_defaults=90e-6)
    imports = {
        "xlwings": 0.25, "xlwings, then cpa_xl.excel.udfs": 0.31, "cpa_xl.udfs": 0.05, "xlwings without pandas": 0.05,
    }  # fmt: skip
    assert table([calls], imports).splitlines() == [
        "microseconds a call           server alone              ours          defaults      CPA_SUM ours  "
        "CPA_SUM defaults",
        "36 x 4                                 8.0              10.0              40.0              60.0  "
        "            90.0",
        "",
        "milliseconds to import                       CPU",
        "xlwings                                      250",
        "xlwings, then cpa_xl.excel.udfs              310",
        "cpa_xl.udfs                                   50",
        "xlwings without pandas                        50",
        "so pandas and numpy cost                     200",
        "",
        "   16.00 times less added to a call, 36 x 4 (goal: at least 10)",
        "    0.20 times the import of xlwings: cpa_xl.udfs (goal: at most 1.2)",
        "    1.24 times the import of xlwings: xlwings, then cpa_xl.excel.udfs (goal: at most 1.2; not met)",
    ]
    assert [goal.met for goal in import_goals(imports)] == [True, False]
    assert not Goal("times", 9.9, 10, at_least=True).met
