"""Extracts with a fault: no input of any kind changes a figure in silence, and none without a fault is warned of."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.fault_inputs import FILES, KINDS, LAST, SURVEYS, Draw, Sample, Years, cases
from benchmarks.fault_reader import Answer, Reader
from benchmarks.faults import Alarm, Inputs, alarm_lines, alarms, configuration, main, measured, rates, verdict
from cpa_xl.measures.periods import Month


@pytest.fixture(scope="module")
def sample(sample_folder: Path) -> Sample:
    return Sample(sample_folder)


@pytest.fixture(scope="module")
def reader(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(configuration(root, tmp_path_factory.mktemp("faults") / "config"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_figure_is_wrong_in_silence(sample: Sample, reader: Reader, tmp_path: Path, kind: str) -> None:
    [one] = measured([kind], 1, 7, sample, reader, None, tmp_path)["now"]
    assert one.verdict in ("refused", "warned", "noted", "right"), one
    if kind in ("a10", "b3"):  # nothing is wrong with the file
        assert one.verdict == "right", one


@pytest.mark.slow
@pytest.mark.parametrize("source", ["casualties", "disruptions", *SURVEYS])
def test_a_year_without_a_fault_has_no_warning(sample: Sample, reader: Reader, tmp_path: Path, source: str) -> None:
    months = list(Years(sample, 3).refreshes(source))[:13]
    assert list(alarms("simulated", reader, months, tmp_path / "now")) == []


def answer(figures: Mapping[str, float], *said: tuple[str, str, str], refused: str | None = None) -> Answer:
    return Answer(refused, said, figures)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (answer({"a": 1}), "right"),
        (answer({"a": 1}, ("warn", "V6", "f.csv: far")), "right"),
        (answer({"a": 2}), "silent"),
        (answer({}), "silent"),
        (answer({"a": 2}, ("note", "R3", "f.csv: begins later")), "silent"),
        (answer({"a": 2}, ("note", "P2", "f.xlsx: ends in Jan-09, 1 month")), "silent"),  # as of the right one
        (answer({"a": 2}, ("note", "R1", "f.csv: revised")), "noted"),
        (answer({"a": 2}, ("note", "R1", "f.csv: revised"), ("warn", "V6", "f.csv: far")), "warned"),
        (answer({}, ("stop", "V1", "f.csv: empty"), refused="f.csv: empty"), "refused"),
    ],
)
def test_verdicts(wrong: Answer, expected: str) -> None:
    assert verdict(answer({"a": 1}, ("note", "P2", "f.csv: ends in Jan-09, 3 month")), wrong) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_are_the_same_for_the_same_seed_and_differ_from_what_is_right(sample: Sample, kind: str) -> None:
    [one] = cases(sample, kind, 1, 5)
    [again] = cases(sample, kind, 1, 5)
    assert one == again
    assert one.kind == kind
    assert one.wrong != one.right


def test_a_simulated_year_has_late_records_and_the_months_it_should(sample: Sample) -> None:
    months, late = [], []
    before = None
    for as_of, extract in list(Years(sample, 3).refreshes("disruptions"))[:4]:
        own = [sum(extract.month(row) == as_of - back for row in extract.rows) for back in (0, 1)]
        assert {extract.month(row) for row in extract.rows} == {as_of - n for n in range(13)}
        months.append(as_of)
        late.append(0 if before is None else own[1] - before)
        before = own[0]
    assert months == [LAST + n for n in range(4)]
    assert all(-2 <= number <= 5 for number in late)


def test_warnings_count_by_year_and_stops_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPA_XL_OPEN_DATA", "a folder")
    one = Alarm("simulated", "victims", "2009-02", "warn", "V6", "far")
    stop = Alarm("sample", "victims", "2009-01", "stop", "V6", "far")
    assert rates([one, one, stop], 2) == {"sample": (1, 0.0), "open data": (0, 0.0), "simulated": (0, 0.33)}
    monkeypatch.delenv("CPA_XL_OPEN_DATA")
    assert "open data" not in rates([one], 2)
    assert any(line.startswith("The open data were not looked at") for line in alarm_lines([one], 2))


def test_every_source_has_a_file_of_its_own(sample: Sample) -> None:
    assert {sample.table(source).source for source in FILES} == set(FILES)
    assert len(set(FILES.values())) == len(FILES) == 9
    assert sample.table("casualties").until(Month(2008, 3)).rows[-1][1] == "31/03/2008"


@pytest.mark.slow
def test_the_program_prints_each_input_and_fails_where_one_is_silent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--kind", "b14", "--inputs", "1", "--alone", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["now"]
    assert one["kind"] == "b14"
    assert one["verdict"] == "right"

    def unseen(draw: Draw) -> object:
        """A figure of one more that nobody can see."""
        return draw.case("one more", "confidence", lambda table: table.changed(
            lambda row: [*row[:2], str(int(str(row[2])) + 1)] if row == list(table.rows[-1]) else row))  # fmt: skip

    monkeypatch.setitem(KINDS, "b14", unseen)
    assert main(["--kind", "b14", "--inputs", "1", "--alone"]) == 1
    out = capsys.readouterr().out
    assert "| b14 | A figure of one more that nobody can see | 1 | 1 | 0 | 0 | 0 | 0 | 0 |" in out
    assert "silent: b14, confidence, " in out


def test_extracts_of_two_cases_do_not_share_a_folder(sample: Sample, tmp_path: Path) -> None:
    one, other = cases(sample, "b5", 2)
    inputs = Inputs(tmp_path)
    assert len({job.now for case in (one, other) for job in inputs.jobs(case)}) == 4
