"""Targets, shortfalls and letters are those of the printed scorecard."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from cpa_xl.errors import EmptyDenominator, Impossible, MissingData, WrongArgument
from cpa_xl.measures import targets
from cpa_xl.measures.targets import (
    AmberBasis,
    Better,
    GapAs,
    Letter,
    Rule,
    Unit,
    Verdict,
    direction_text,
    gap,
    judge,
    shortfall,
    target,
)
from tests.support.programs import python

HIGHER, LOWER = Better.HIGHER, Better.LOWER
RELATIVE, POINTS = AmberBasis.RELATIVE, AmberBasis.POINTS
AMBER_OF_CHANGES = 0.02  # changes are amber within 2 points


@pytest.fixture(scope="module")
def scorecard(golden: Path) -> Sequence[dict[str, str]]:
    """The rows of the printed scorecard that have a figure."""
    with (golden / "scorecard_jan_2009.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["actual"]]


def letters(rows: Sequence[dict[str, str]], amber: float, of_changes: float = AMBER_OF_CHANGES) -> dict[str, str]:
    found = {}
    for row in rows:
        change = row["unit"] == "change"
        asked = float(row["target"]) if row["target"] else None
        band, basis = (of_changes, POINTS) if change else (amber, RELATIVE)
        found[row["id"]] = judge(float(row["actual"]), asked, Better(row["better"]), band, basis).letter.value
    return found


def printed(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    return {row["id"]: row["rag"] or "–" for row in rows}


def test_all_letters_of_the_printed_scorecard(scorecard: Sequence[dict[str, str]]) -> None:
    assert sum(row["rag"] != "" for row in scorecard) == 14
    assert letters(scorecard, 0.05) == printed(scorecard)


@pytest.mark.parametrize("amber", [0.0373, 0.04, 0.05, 0.06, 0.0766])
def test_every_band_from_373_to_766_gives_the_printed_letters(
    scorecard: Sequence[dict[str, str]], amber: float
) -> None:
    assert letters(scorecard, amber) == printed(scorecard)  # golden/vectors.md


@pytest.mark.parametrize(("amber", "changed"), [(0.03, {"3": "R"}), (0.09, {"4b": "A"})])
def test_other_bands_change_a_letter(
    scorecard: Sequence[dict[str, str]], amber: float, changed: dict[str, str]
) -> None:
    assert letters(scorecard, amber) == {**printed(scorecard), **changed}  # golden/vectors.md


@pytest.mark.parametrize(
    ("rule", "amount", "baseline", "asked"),
    [
        # the proposed targets and the printed scorecard
        (Rule.ABSOLUTE, 0.789, None, 0.789),
        (Rule.POINTS_ON_BASELINE, 0.01, 0.552, 0.562),
        (Rule.GAP, 0.038, None, 0.038),
        (Rule.CHANGE, -0.04, None, -0.04),
        (Rule.MONTHLY_AVERAGE, 350, None, 29.1667),
        (Rule.MONTHLY_AVERAGE, 2496, None, 208),
        (Rule.MONTHLY_AVERAGE, 2520, None, 210),
        (Rule.MONTHLY_AVERAGE, 1632, None, 136),
        (Rule.MONTHLY_AVERAGE, 564, None, 47),
        (Rule.UPLIFT, 0.2, 2080, 2496),
        (Rule.INCREASE, None, 205, 205),
        (Rule.POINTS_ON_BASELINE, -0.01, 0.048, 0.038),
    ],
)
def test_what_rules_ask_for(rule: Rule, amount: float | None, baseline: float | None, asked: float) -> None:
    assert target(rule, amount, baseline) == pytest.approx(asked, rel=1e-5)


@pytest.mark.parametrize("rule", [Rule.BASELINE_YEAR, Rule.MILESTONE])
def test_rules_without_target(rule: Rule) -> None:
    assert target(rule, None) is None
    assert target(rule, 0.5, 0.4) is None


@pytest.mark.parametrize(
    ("rule", "amount", "baseline", "needed"),
    [
        (Rule.ABSOLUTE, None, 0.5, "amount"),
        (Rule.MONTHLY_AVERAGE, None, None, "amount"),
        (Rule.POINTS_ON_BASELINE, 0.01, None, "baseline"),
        (Rule.UPLIFT, 0.2, None, "baseline"),
        (Rule.INCREASE, 5, None, "baseline"),
    ],
)
def test_a_rule_says_what_it_needs(rule: Rule, amount: float | None, baseline: float | None, needed: str) -> None:
    with pytest.raises(MissingData) as missing:
        target(rule, amount, baseline)
    assert str(missing.value) == f"a target by the rule {rule} needs its {needed}"


@pytest.mark.parametrize(
    ("rule", "amount", "baseline", "message"),
    [
        (Rule.CHANGE, -4, None, "amount -4 of a target by the rule change: a percentage is written as a fraction: "
         "-0.04 for -4%"),
        (Rule.GAP, 3.8, None, "amount 3.8 of a target by the rule gap: a percentage is written as a fraction: "
         "0.038 for 3.8%"),
        (Rule.UPLIFT, 20, 173, "amount 20 of a target by the rule uplift: a percentage is written as a fraction: "
         "0.2 for 20%"),
        (Rule.POINTS_ON_BASELINE, 10.8, 0.5, "amount 10.8 of a target by the rule points_on_baseline: "
         "a percentage is written as a fraction: 0.108 for 10.8%"),
        (Rule.POINTS_ON_BASELINE, 0.01, 55.2, "baseline 55.2 of a target by the rule points_on_baseline: "
         "a percentage is written as a fraction: 0.552 for 55.2%"),
    ],
)  # fmt: skip
def test_percentages_are_refused_where_the_rule_wants_fractions(
    rule: Rule, amount: float, baseline: float | None, message: str
) -> None:
    with pytest.raises(WrongArgument) as refused:
        target(rule, amount, baseline)
    assert str(refused.value) == message


def test_points_cannot_lead_above_all() -> None:
    with pytest.raises(Impossible, match=r"^0\.1 on a baseline of 0\.95 is 1\.05, more than 100 %$"):
        target(Rule.POINTS_ON_BASELINE, 0.1, 0.95)


@pytest.mark.parametrize(
    ("text", "rule"),
    [("points on baseline", Rule.POINTS_ON_BASELINE), (" Monthly-Average ", Rule.MONTHLY_AVERAGE)],
)
def test_rules_are_read_as_people_write_them(text: str, rule: Rule) -> None:
    assert Rule.read(text) is rule


def test_an_unknown_rule_is_refused_with_the_list() -> None:
    with pytest.raises(WrongArgument) as refused:
        Rule.read("percent")
    assert str(refused.value) == (
        '"percent" will not do: write one of absolute, change, points_on_baseline, gap, monthly_average, uplift, '
        "increase, baseline_year, milestone"
    )


@pytest.mark.parametrize(
    ("actual", "asked", "better", "short", "relative"),
    # the shortfalls of the printed scorecard and their size relative to the target
    [
        (0.778, 0.789, HIGHER, 0.011, 0.0139),
        (0.542, 0.562, HIGHER, 0.020, 0.0356),
        (0.108, 0.118, HIGHER, 0.010, 0.0847),
        (0.048, 0.038, LOWER, 0.010, 0.263),
        (-0.075, -0.04, LOWER, -0.035, -0.875),
    ],
)
def test_shortfalls(actual: float, asked: float, better: Better, short: float, relative: float) -> None:
    assert shortfall(actual, asked, better) == pytest.approx(short)
    assert gap(actual, asked, better) == pytest.approx(-short)
    assert gap(actual, asked, better, GapAs.RELATIVE) == pytest.approx(-relative, rel=0.005)


def test_a_gap_from_zero_is_not_relative() -> None:
    with pytest.raises(EmptyDenominator, match=r"^the target is 0: a gap cannot be stated relative to it$"):
        gap(0.01, 0, LOWER, GapAs.RELATIVE)
    assert gap(0.01, 0, LOWER) == -0.01


@pytest.mark.parametrize(
    ("actual", "asked", "better", "amber", "letter"),
    [
        (0.1 + 0.2, 0.3, LOWER, 0.05, Letter.GREEN),  # a binary hair above 0.3
        (0.7 + 0.1, 0.8, HIGHER, 0.05, Letter.GREEN),  # a binary hair below 0.8
        (0.95, 1, HIGHER, 0.05, Letter.AMBER),  # 1 - 0.95 is a binary hair above 0.05
        (0.9499, 1, HIGHER, 0.05, Letter.RED),
        (0.77996, 0.78, HIGHER, 0.05, Letter.AMBER),  # prints as 78.0 %, and is below it
        (0.77996, 0.78, HIGHER, 0, Letter.RED),
        (0.78, 0.78, HIGHER, 0, Letter.GREEN),
        (0, 0, HIGHER, 0.05, Letter.GREEN),
        (1, 0, HIGHER, 0.05, Letter.GREEN),
    ],
)
def test_letters_at_the_edges(actual: float, asked: float, better: Better, amber: float, letter: Letter) -> None:
    assert judge(actual, asked, better, amber).letter is letter


@pytest.mark.parametrize(
    ("actual", "letter"), [(-0.04, "G"), (-0.0399, "A"), (-0.02, "A"), (-0.0199, "R"), (0.008, "R")]
)
def test_changes_are_judged_in_points(actual: float, letter: str) -> None:
    # +0.8 % crime against -4 % must not be amber
    assert judge(actual, -0.04, LOWER, AMBER_OF_CHANGES, POINTS).letter == letter


def test_an_increase_has_to_be_one() -> None:
    assert Rule.INCREASE.strict
    assert not Rule.ABSOLUTE.strict
    assert judge(205, 205, HIGHER, strict=True).letter is Letter.AMBER
    assert judge(206, 205, HIGHER, strict=True).letter is Letter.GREEN
    assert judge(205, 205, HIGHER).letter is Letter.GREEN


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (judge(0.778, 0.789, HIGHER), "0.778 against a target of 0.789: worse by 0.011, 1.4% of the target, "
         "within the amber band of 5%"),
        (judge(0.048, 0.038, LOWER), "0.048 against a target of 0.038: worse by 0.01, 26.3% of the target, "
         "beyond the amber band of 5%"),
        (judge(0.77996, 0.78, HIGHER), "0.77996 against a target of 0.78: worse by 0.00004, 0.0051% of the target, "
         "within the amber band of 5%"),
        (judge(31.5, 350 / 12, HIGHER), "31.5 against a target of 29.17: better by 2.333"),
        (judge(0.67, 0.67, HIGHER), "0.67 against a target of 0.67: on target"),
        (judge(205, 205, HIGHER, strict=True), "205 against a target of 205: equal to it, and it was to be passed"),
        (judge(-0.075, -0.04, LOWER, 0.02, POINTS), "-7.5% against a target of -4.0%: better by 3.5 points"),
        (judge(-0.03, -0.04, LOWER, 0.02, POINTS), "-3.0% against a target of -4.0%: worse by 1.0 points, "
         "within the amber band of 2 points"),
        (judge(-0.0395, -0.04, LOWER, 0, POINTS), "-3.95% against a target of -4.00%: worse by 0.050 points, "
         "beyond the amber band of 0 points"),
        (judge(0.9496, 1, HIGHER), "0.9496 against a target of 1: worse by 0.0504, 5.04% of the target, "
         "beyond the amber band of 5%"),
        (judge(0.95, 1, HIGHER), "0.95 against a target of 1: worse by 0.05, 5.0% of the target, "
         "within the amber band of 5%"),
        (judge(0.5, None, HIGHER), "no target"),
    ],
)  # fmt: skip
def test_reasons(verdict: Verdict, reason: str) -> None:
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("unit", "actual", "asked", "better", "reason"),
    [
        # the scorecard of January 2009: 1, 2 (4.8 is 26.3 % more than 3.8, which is itself rounded) and 4b; by hand 9a
        (Unit.PERCENT, 0.778, 0.789, HIGHER,
         "77.8% against a target of 78.9%: worse by 1.1 points, 1.4% of the target, within"),
        (Unit.POINTS, 0.048, 0.038, LOWER,
         "4.8 points against a target of 3.8 points: worse by 1.0 points, 26.3% of the target, beyond"),
        (Unit.PERCENT, 0.108, 0.118, HIGHER,
         "10.8% against a target of 11.8%: worse by 1.0 points, 8.5% of the target, beyond"),
        (Unit.COUNT, 31.5, 350 / 12, HIGHER, "31.5 against a target of 29.17: better by 2.333"),
    ],
)  # fmt: skip
def test_reasons_in_the_unit_of_the_figure(
    unit: Unit, actual: float, asked: float, better: Better, reason: str
) -> None:
    assert judge(actual, asked, better, unit=unit).reason.removesuffix(" the amber band of 5%") == reason


def test_no_target_no_letter() -> None:
    assert judge(0.5, None, HIGHER).letter is Letter.NONE
    assert Letter.NONE.value == "\u2013"


@pytest.mark.parametrize(
    ("actual", "asked", "amber", "basis", "message"),
    [
        (0.5, 0.6, -0.1, RELATIVE, "an amber band of -0.1 is below 0: write 0 for none, or 0.05 for 5%"),
        (0.5, 0.6, 5, RELATIVE, "amber band 5: a percentage is written as a fraction: 0.05 for 5%"),
        (-0.01, -4, 0.02, POINTS, "target -4 on the basis of points: a percentage is written as a fraction: "
         "-0.04 for -4%"),
        (-7.5, -0.04, 0.02, POINTS, "actual -7.5 on the basis of points: a percentage is written as a fraction: "
         "-0.075 for -7.5%"),
        (0.01, 0, 0.05, RELATIVE, "a shortfall of 0.01 cannot be relative to a target of 0: "
         "give the amber band in points (basis points)"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(actual: float, asked: float, amber: float, basis: AmberBasis, message: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        judge(actual, asked, LOWER, amber, basis)
    assert str(refused.value) == message


def test_a_target_next_to_nothing_is_missed_in_words() -> None:
    """The share of the target would be beyond what a number can hold."""
    verdict = judge(-1e10, 1e-300, HIGHER)
    assert verdict.letter == "R"
    assert verdict.reason.endswith("many times the target, beyond the amber band of 5%")


@pytest.mark.parametrize(
    ("moved", "better", "text"),
    [
        (0.002, Better.HIGHER, "▲ better"),
        (0.002, Better.LOWER, "▲ worse"),
        (-0.002, Better.HIGHER, "▼ worse"),
        (-0.002, Better.LOWER, "▼ better"),
        (0.0000101, Better.LOWER, "▲ worse"),
        (0.00001, Better.LOWER, "▬ no change"),
        (-0.00001, Better.HIGHER, "▬ no change"),
        (0.0, Better.HIGHER, "▬ no change"),
    ],
)
def test_how_a_figure_moved(moved: float, better: Better, text: str) -> None:
    """The rule of the template's column Direction: a thousandth of a percentage point is no change."""
    assert direction_text(moved, better) == text


@pytest.mark.slow
def test_c4_a_rule_without_arithmetic_does_not_pass_the_type_checker(tmp_path: Path) -> None:
    """A member is added to the rules, and nothing else."""
    text = Path(targets.__file__).read_text(encoding="utf-8")
    added = text.replace('    MILESTONE = "milestone"\n', '    MILESTONE = "milestone"\n    HALVED = "halved"\n')
    (tmp_path / "own_targets.py").write_text(added, encoding="utf-8")
    done = python("-m", "mypy", "--strict", str(tmp_path / "own_targets.py"))
    assert '"assert_never" has incompatible type "Literal[Rule.HALVED]"' in done.stdout, done.stdout
