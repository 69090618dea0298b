"""Faults of measures whose figures are numbers: totals, ratios, means, medians, rates per residents, weekly sources."""

from pathlib import Path

import pytest

from cpa_xl.config.load import ConfigurationError, load
from tests.support import kinds


def test_the_configuration_has_no_fault(tmp_path: Path) -> None:
    catalogue = load(kinds.configuration(tmp_path / "config"))
    assert [measure.unit for measure in catalogue.measures.values()] == [
        "percent", "mean", "ratio", "total", "total", "median", "rate_per", "count",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "faults"),
    [
        ("measures", "unit: total\n    better: higher", "unit: count\n    better: higher",
         ["measures > 4 > unit: count does not go with a figure of the kind total; write total"]),
        ("measures", "unit: percent", "unit: ratio",
         ["measures > 1 > unit: ratio goes with a figure of the kind ratio, not rate"]),
        ("measures", "rule: absolute, amount: 15", "rule: change, amount: -0.04",
         ["measures > 2 > targets > 1 > rule: change does not go with unit mean; write one of absolute, uplift, "
          "increase, baseline_year"]),
        ("measures", "print: {actual: average, target: average}\n    target_text",
         "print: {actual: average, target: average}\n    amber_basis: points\n    target_text",
         ["measures > 2 > amber_basis: points are for percentages, and a figure in mean is none; write relative"]),
        ("measures", "kind: mean, numerator: waited, denominator: timed", "kind: mean, numerator: waited",
         ["measures > 2 > figure > denominator: missing for kind mean"]),
        ("measures", "kind: mean, numerator: waited, denominator: timed",
         "kind: mean, numerator: waited, denominator: calls",
         ["measures > 2 > figure > denominator: calls does not count the values that waited adds up; "
          "write count: seconds, with the same source and where"]),
        ("measures", "kind: mean, numerator: waited, denominator: timed",
         "kind: mean, numerator: calls, denominator: timed",
         ["measures > 2 > figure > numerator: calls counts rows; the mean of a column needs its sum "
          "(sum: and the column)"]),
        ("measures", "kind: rate, numerator: in_time, denominator: timed",
         "kind: rate, numerator: in_time, denominator: calls",
         ["measures > 1 > figure > denominator: calls counts rows without a value in seconds too, and in_time leaves "
          "them out; write count: seconds, or say in where what a missing one is: coalesce(seconds, 0)"]),
        ("measures", "basis: MONTH\n    figure: {kind: median", "basis: RY\n    figure: {kind: median",
         [f"measures > 6 > {field}: RY will not do for a median: that of a longer period cannot be worked out from the "
          "medians of its months; write MONTH, or take a mean" for field in ("basis", "facts > before > basis")]),
        ("measures", "{kind: median, numerator: middle}", "{kind: median, numerator: waited}",
         ["measures > 6 > figure > numerator: waited is no median; give a series with median: and a column"]),
        ("measures", "{kind: total, numerator: cash}\n    print", "{kind: total, numerator: middle}\n    print",
         ["measures > 4 > figure > kind: total will not do for middle, which is a median; write median"]),
        ("measures", "kind: total, numerator: cash, basis: MONTH", "kind: median, numerator: middle",
         ["measures > 4 > facts > in_month > basis: RY will not do for a median: that of a longer period cannot be "
          "worked out from the medians of its months; write MONTH, or take a mean"]),
        ("measures", "per: 1000", "per: 0",
         ["measures > 7 > figure > per: Input should be greater than or equal to 1 (was 0)"]),
        ("measures", ", per: 1000}", "}", ["measures > 7 > figure > per: missing for kind rate_per"]),
        ("measures", "denominator: officers}", "denominator: officers, per: 1000}",
         ["measures > 3 > figure > per: surplus for kind ratio"]),
        ("measures", "numerator: calls, denominator: residents", "numerator: calls, denominator: officers",
         ["measures > 7 > figure > denominator: officers is monthly; a rate per residents needs a yearly population"]),
        ("measures", "{kind: total, numerator: calls}", "{kind: total, numerator: residents}",
         ["measures > 5 > figure > residents is yearly; only the denominator of a rate_per may be"]),
        ("measures", "count: seconds", "count: second",
         ["series > timed: count: 'second' is no column of calls; write rows, or a column (reference, received, area, "
          "seconds, seized)"]),
        ("measures", "median: seconds", "median: area",
         ["series > middle: median: 'area' is not a column of numbers in calls (seconds, seized)"]),
        ("measures", "source: calls, median: seconds", "source: staff, median: officers",
         ["series > middle: median: needs single records by month, and staff is monthly counts"]),
        ("measures", "officers: {title: Officers, source: staff, sum: officers}",
         "officers: {title: Officers, of: [middle, calls]}",
         ["series > officers: of: 'middle' is a median, and medians cannot be added up"]),
        ("measures", "source: calls, sum: seconds", "source: calls, sum: seconds, count: seconds",
         ["series > waited: give one of count: (rows, or a column), sum: and a column, or median: and a column"]),
        ("sources", "    weeks: by_days\n", "",
         ["sources > demand: weeks: missing; a weekly source needs it: by_last_day, by_first_day, by_days"]),
        ("sources", "    week_date: first_day\n", "",
         ["sources > demand: week_date: missing; a weekly source needs it: first_day, last_day"]),
        ("sources", "    cadence: weekly\n", "",
         ["sources > demand: weeks: goes with cadence: weekly, not monthly",
          "sources > demand: week_date: goes with cadence: weekly, not monthly"]),
        ("sources", "week: {header: Week beginning, type: date}", "week: {header: Week beginning, type: month}",
         ["sources > demand: month: column 'week' has type month; a weekly source needs the date of each week"]),
        ("sources", "cadence: weekly", "cadence: weekly\n    many: true",
         ["sources > demand: many: a weekly source is one file with all weeks, because a month may need those of two "
          "files"]),
        ("sources", "    cadence: yearly\n", "",
         ["sources > population: month: column 'year' has type year; that goes with cadence: yearly"]),
        ("sources", "year: {header: Year, type: year}", "year: {header: Year, type: month}",
         ["sources > population: month: column 'year' has type month; a yearly source needs type year"]),
        ("workbooks", "key: Year, series: [residents]", "key: Year, series: [calls]",
         ["workbooks > kinds > tables > Population: series: calls is monthly; rows: years takes yearly series"]),
        ("workbooks", "series: [calls, timed, in_time, waited, middle, cash, officers, demand]}\n      Areas",
         "series: [calls, residents]}\n      Areas",
         ["workbooks > kinds > tables > Monthly: series: residents is yearly; rows: months takes monthly series"]),
    ],
)  # fmt: skip
def test_faults_are_named(tmp_path: Path, name: str, old: str, new: str, faults: list[str]) -> None:
    folder = kinds.configuration(tmp_path / "config")
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")  # the figure of a measure comes before its facts
    with pytest.raises(ConfigurationError) as error:
        load(folder)
    in_this_file = [fault for fault in error.value.faults if fault.startswith(f"{name}.yaml: ")]
    assert in_this_file == [f"{name}.yaml: {fault}" for fault in faults]


def test_a_share_may_say_what_a_missing_time_is(tmp_path: Path) -> None:
    folder = kinds.configuration(tmp_path / "config")
    text = kinds.MEASURES.replace("seconds <= 10", "coalesce(seconds, 99) <= 10")
    text = text.replace("numerator: in_time, denominator: timed", "numerator: in_time, denominator: calls")
    (folder / "measures.yaml").write_text(text, encoding="utf-8")
    assert load(folder).series["in_time"].where == "coalesce(seconds, 99) <= 10"
