"""The measurement of cells: every contender calculates the same, and a wrong answer ends it."""

import json

import pytest

from benchmarks.cells import cases, check_same, main
from tests.support.calc import require_calc


@pytest.mark.office
def test_every_figure_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    require_calc()
    main(["--runs", "1", "--rag-cells", "5", "--rate-cells", "2", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert [case["rows"] for case in figures] == [1, 36, 1000]
    assert min(case[who] for case in figures for who in ("calc", "native", "embedded")) > 0


def test_a_wrong_answer_is_not_timed() -> None:
    with pytest.raises(SystemExit, match=r"^C2 answered A, and G was right$"):
        check_same(["R", "A"], ["R", "G"])


def test_cases_read_as_many_rows_as_they_say() -> None:
    assert "$A$2:$A$37" in cases(1, 1)[1].ours
    assert cases(1, 1)[2].native.count("$1001") == 6
