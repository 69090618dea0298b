"""Intervals, projections and areas in cells, as a sheet calls them."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from cpa_xl.errors import CellError, MissingData, WrongArgument
from cpa_xl.functions.index import (
    CPA_BOROUGH_TARGET,
    CPA_COUNT_CHANGE,
    CPA_FORCE_TARGET,
    CPA_GROUP_GAP_INTERVAL,
    CPA_INTERVAL,
    CPA_PROJECTION,
    CPA_RANK,
    CPA_VICTIMISATION,
)
from cpa_xl.functions.registry import Answer, ResultTable
from tests.support.recorded_crime import crime_rows
from tests.support.robbery import Borough


def cells(answer: Answer) -> Sequence[float | str | CellError]:
    """The cells of an answer that is one row."""
    (row,) = cast(ResultTable, answer)
    return row


def column(*values: object) -> list[list[object]]:
    return [[value] for value in values]


def test_gap_interval() -> None:
    # golden/vectors.md: 0.034 to 0.063
    assert cells(CPA_GROUP_GAP_INTERVAL(7930, 10000, 3725, 5000)) == pytest.approx([0.034, 0.063], abs=0.0005)
    # Newcombe 1998, table II, method 10; a design effect of 2 asks twice as many for the same
    assert cells(CPA_GROUP_GAP_INTERVAL(56, 70, 48, 80)) == pytest.approx([0.0524, 0.3339], abs=0.00005)
    assert cells(CPA_GROUP_GAP_INTERVAL(112, 140, 96, 160, "", 2)) == pytest.approx([0.0524, 0.3339], abs=0.00005)


def test_interval() -> None:
    assert cells(CPA_INTERVAL(81, 263)) == pytest.approx([0.2553, 0.3662], abs=0.00005)  # Newcombe 1998, table I
    low, high = cells(CPA_INTERVAL(100, None, "count"))
    assert low == pytest.approx(81.36210549052788)  # PHEindicatormethods, byars_lower of 100
    assert cells(CPA_INTERVAL(100, 50, "Count")) == pytest.approx([cast(float, low) / 50, cast(float, high) / 50])
    narrow = cells(CPA_INTERVAL(100, None, "count", 0.9))
    assert cast(float, narrow[0]) > cast(float, low)
    with pytest.raises(WrongArgument, match=r"^a proportion needs its n"):
        CPA_INTERVAL(81, None)
    with pytest.raises(WrongArgument, match=r'^kind: "rate" will not do: write one of proportion, count$'):
        CPA_INTERVAL(81, 263, "rate")
    with pytest.raises(WrongArgument, match=r"^x is 2 x 1 cells: CPA_INTERVAL takes a single cell there$"):
        CPA_INTERVAL(column(1, 2), 3)


def test_projection_of_the_open_data(golden: Path) -> None:
    """Robbery in January 2010: 2.4 % below what the year came to (domain page, section 7.3)."""
    header, rows = crime_rows(golden)
    values: list[list[object]] = [
        [float(count) for count in row[3:]] for row in rows if row[2] in {"Personal Property", "Business Property"}
    ]
    months: list[list[object]] = [[float(name) for name in header[3:]] for _ in values]
    actual = sum(cast(float, count) for row in values for count in row[15:27])
    point, low, high, chance, words = cells(CPA_PROJECTION(values, months, "Jan-10", 0.95, actual, "lower"))
    assert cast(float, point) / actual - 1 == pytest.approx(-0.024, abs=0.0005)
    assert cast(float, low) < cast(float, point) < cast(float, high)
    assert 0.5 < cast(float, chance) < 1
    assert str(words).startswith("last year's seasons at this year's level; months vary ")
    other = cells(CPA_PROJECTION(values, months, "Jan-10", target=actual))  # higher is better where nothing is said
    assert cast(float, other[3]) == pytest.approx(1 - cast(float, chance), abs=1e-9)


def test_projection_without_target_or_history() -> None:
    months = column(*range(200904, 200909))
    point, low, high, chance, words = cells(CPA_PROJECTION(column(*[90.0] * 5), months, "Aug-09", None, "–"))
    assert point == pytest.approx(1080)
    assert isinstance(low, MissingData)
    assert isinstance(high, MissingData)
    assert (chance, words) == ("–", "as in the months so far; too few months to tell how much they vary")
    told = cells(CPA_PROJECTION(column(*[90.0] * 5), months, "Aug-09", target=1000))
    assert isinstance(told[3], MissingData)
    with pytest.raises(WrongArgument, match=r"^level 95: a percentage is written as a fraction: 0\.95 for 95%$"):
        CPA_PROJECTION(column(*[90.0] * 5), months, "Aug-09", 95)


def test_victimisation(robbery: dict[str, Borough]) -> None:
    lambeth = robbery["Lambeth"]
    assert CPA_VICTIMISATION(lambeth.robberies, lambeth.residents) == pytest.approx(7.31, abs=0.005)  # vectors.md
    assert CPA_VICTIMISATION(column(1, 2), column(100, 100), 100) == [[1.0], [2.0]]


def test_rank(robbery: dict[str, Borough]) -> None:
    lambeth = robbery["Lambeth"]
    rates = column(*[robbery[name].rate for name in lambeth.family], None)
    assert cells(CPA_RANK(lambeth.rate, rates, "lower")) == [7.0, 8.0]  # golden/vectors.md
    assert cells(CPA_RANK(lambeth.rate, rates)) == [2.0, 8.0]


def test_borough_target(robbery: dict[str, Borough]) -> None:
    # golden/vectors.md
    for name, aimed, change, flag in [
        ("Lambeth", 5.82, -0.073, "model"),
        ("Barnet", 1.65, -0.08, "cap"),
        ("Croydon", 3.86, -0.02, "floor"),
    ]:
        rates = column(*[robbery[peer].rate for peer in robbery[name].family])
        found = cells(CPA_BOROUGH_TARGET(robbery[name].rate, rates, "next_rank", 3, 0.02, 0.08))
        assert found[0] == pytest.approx(aimed, abs=0.005)
        assert found[1] == pytest.approx(change, abs=0.0005)
        assert found[2] == flag


def test_borough_target_by_default_and_by_rule() -> None:
    assert cells(CPA_BOROUGH_TARGET(8, column(1, 8, 9))) == [1.0, pytest.approx(-0.5), "model"]
    assert cells(CPA_BOROUGH_TARGET(8, column(1, 9), "family mean", 1)) == [6.0, -0.25, "model"]
    assert cells(CPA_BOROUGH_TARGET(8, column(1, 2, 9), "rank 2", 2)) == [2.0, pytest.approx(-0.5), "model"]
    with pytest.raises(WrongArgument, match=r'^rule: "best" is not a rule: write next_rank, '):
        CPA_BOROUGH_TARGET(8, column(1, 9), "best")


def test_counts_and_the_force(robbery: dict[str, Borough]) -> None:
    """golden/vectors.md: weighted 4.04 %, plain 4.01 %; with the residents' growth 2.35 %."""
    offences = column(*[one.robberies for one in robbery.values()])
    changes = column(
        *[
            cells(
                CPA_BOROUGH_TARGET(one.rate, column(*[robbery[peer].rate for peer in one.family]), floor=0.02, cap=0.08)
            )[1]
            for one in robbery.values()
        ]
    )
    weighted, plain, count = cells(CPA_FORCE_TARGET(offences, changes))
    assert (weighted, plain) == pytest.approx((-0.0404, -0.0401), abs=0.00005)
    assert count == pytest.approx(32644 * (1 - 0.0404), rel=0.0001)
    now, then = (
        column(*ends) for ends in zip(*[(b.residents, b.residents_2009) for b in robbery.values()], strict=True)
    )
    growing = CPA_COUNT_CHANGE(changes, now, then)
    assert cells(CPA_FORCE_TARGET(offences, growing))[0] == pytest.approx(-0.0235, abs=0.00005)


def test_blanks_among_the_areas() -> None:
    assert cells(CPA_FORCE_TARGET(column(100, None, 300), column(-0.1, "", 0.02))) == pytest.approx([-0.01, -0.04, 396])
    with pytest.raises(MissingData, match=r"^annual_changes is blank for area 2$"):
        CPA_FORCE_TARGET(column(100, 300), column(-0.1, None))
    with pytest.raises(MissingData, match=r"^offences is blank for area 1$"):
        CPA_FORCE_TARGET(column(None, 300), column(-0.1, 0.02))
