"""The measurement of writing rows: what it measures is done, and its ratios are what they say."""

import json
import os

import pytest

from benchmarks.contenders import CONTENDERS, QUICKEST, made_rows
from benchmarks.workbook import Measurement, as_data, main, table

RESULTS = {
    "cpa_xl": Measurement(2.0, 50.0, 4.0),
    "openpyxl": Measurement(17.0, 300.0, 3.0),
    "XlsxWriter, new file": Measurement(9.0, 25.0, 3.0),
}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="processes cannot be measured here")
def test_contenders_write_the_rows_they_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    """Each file is counted by the measurement itself, which ends with a message where rows are missing."""
    main(["--rows", "120", "--runs", "1", "--json"])
    (figures,) = json.loads(capsys.readouterr().out)
    installed = {name for name, contender in CONTENDERS.items() if contender.is_installed}
    assert set(figures["contenders"]) == installed >= set(RESULTS)
    assert figures["rows"] == 120
    for measurement in figures["contenders"].values():
        assert measurement["cpu"] > 0
        assert measurement["memory"] > 5
        assert measurement["file"] > 0.005


def test_rows_are_mixed_and_all_different() -> None:
    rows = list(made_rows(3_000))
    assert len(set(rows)) == 3_000
    assert [type(value).__name__ for value in rows[0]] == [
        *("date", "date", "str", "str", "str", "str", "int", "int", "int", "float", "float", "float")
    ]
    assert max(len(set(column)) for column in list(zip(*rows, strict=True))[2:6]) <= 41


def test_ratios_stand_beside_their_goals() -> None:
    assert table(500_000, RESULTS).splitlines() == [
        "500,000 rows of 12 columns",
        "                                  CPU s  peak MB  file MB",
        "cpa_xl                             2.00       50      4.0",
        "openpyxl                          17.00      300      3.0",
        "XlsxWriter, new file               9.00       25      3.0",
        *(
            ["rustpy-xlsxwriter, new file     not installed: pip install rustpy-xlsxwriter"]
            if not rustpy_is_here()
            else []
        ),
        "    8.50 times faster than openpyxl (goal: at least 8)",
        "    0.17 of openpyxl's memory (goal: at most 0.125; not met)",
    ]


def rustpy_is_here() -> bool:
    return CONTENDERS[QUICKEST].is_installed


def test_the_quickest_is_compared_where_it_is_there() -> None:
    results = {**RESULTS, "rustpy-xlsxwriter, new file": Measurement(1.25, 20.0, 4.0)}
    assert "    1.60 times the CPU time of rustpy-xlsxwriter, new file (goal: at most 1.6)" in table(9, results)
    goals = as_data(9, results)["goals"]
    assert isinstance(goals, list)
    assert [goal["met"] for goal in goals] == [True, True, False]
