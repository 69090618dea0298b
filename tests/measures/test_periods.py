"""Months are read one way only; periods and totals are those of the printed scorecard."""

import datetime as dt
from decimal import Decimal

import pytest

from cpa_xl.errors import MissingData, WrongArgument
from cpa_xl.measures.periods import (
    Basis,
    Month,
    Period,
    Series,
    WeekRule,
    YearlyValues,
    months_of_week,
    read_year,
    whole_months,
)

JAN_09 = Month(2009, 1)
WHAT_WOULD_DO = 'write a month such as 2009-01 or "Jan-09", or a date'


@pytest.mark.parametrize(
    "value",
    [
        JAN_09, dt.date(2009, 1, 31), dt.datetime(2009, 1, 31, 23, 59), 200901, 200901.0, "200901", "20090131",
        "Jan-09", "jan-09", "JAN 09", "Jan 2009", "January 2009", "January, 2009", "Jan. 2009", "Jan'09", "Jan–09",
        "2009-01", "2009-1", "2009/01", "2009-01-31", "2009/01/31", "2009-01-31 00:00:00", "2009-01-31T12:30:00Z",
        "01/2009", "1-2009", "2009 Jan", "31/01/2009", "1/31/2009", "01/01/2009", "31.01.2009", "31/01/09",
        "31/01/2009 09:30", "31-Jan-09", "31 January 2009", "1st January 2009", "January 31, 2009", " Jan-09\u00a0",
    ],
)  # fmt: skip
def test_reads_what_can_be_one_month_only(value: object) -> None:
    assert Month.read(value) == JAN_09


@pytest.mark.parametrize(
    ("serial", "month"),
    [
        (39448, Month(2008, 1)),  # Microsoft's help page for DATEVALUE: 1 January 2008 is serial number 39448
        (39448.999988, Month(2008, 1)),
        (39447, Month(2007, 12)),
        (73415.99, Month(2100, 12)),  # the last day that is read; the number is 33,967 days after 39448
        (40777, Month(2011, 8)),  # the same page: "8/22/2011" is 40777
        (Decimal(39448), Month(2008, 1)),
    ],
)
def test_reads_serial_numbers(serial: object, month: Month) -> None:
    assert Month.read(serial) == month


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2008-09", Month(2008, 9)),  # the scorecard's own way to write September 2008
        ("Sep-08", Month(2008, 9)),
        ("Sept 2008", Month(2008, 9)),
        ("May-49", Month(2049, 5)),
        ("May-50", Month(1950, 5)),
        ("29/02/2008", Month(2008, 2)),
        ("December 2100", Month(2100, 12)),
    ],
)
def test_reads_text(text: str, month: Month) -> None:
    assert Month.read(text) == month


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("01/02/2009", f'"01/02/2009" could be January or February 2009: {WHAT_WOULD_DO}'),
        ("05.04.09", f'"05.04.09" could be April or May 2009: {WHAT_WOULD_DO}'),
        ("2008/09", f'"2008/09" is a financial year, not a month: {WHAT_WOULD_DO}'),
        ("2008/9", f'"2008/9" is a financial year, not a month: {WHAT_WOULD_DO}'),
        ("1999/00", f'"1999/00" is a financial year, not a month: {WHAT_WOULD_DO}'),
        ("2008/2009", f'"2008/2009" is a financial year, not a month: {WHAT_WOULD_DO}'),
        ("FY 2008-09", f'"FY 2008-09" is a financial year, not a month: {WHAT_WOULD_DO}'),
        ("31/04/2009", f'"31/04/2009" is not a day of any month: {WHAT_WOULD_DO}'),
        ("2009-02-30", f'"2009-02-30" is not a month: {WHAT_WOULD_DO}'),
        ("2009-13", f'"2009-13" is not a month: {WHAT_WOULD_DO}'),
        ("J\u0430n-09", f'"J\u0430n-09" is not a month: {WHAT_WOULD_DO}'),  # a Cyrillic a
        ("Jan-9", f'"Jan-9" is not a month: {WHAT_WOULD_DO}'),
        ("9-Jan", f'"9-Jan" is not a month: {WHAT_WOULD_DO}'),
        ("2009", f'"2009" is not a month: {WHAT_WOULD_DO}'),
        ("Apr-Jan 2008/09", f'"Apr-Jan 2008/09" is not a month: {WHAT_WOULD_DO}'),
        ("Smarch 2009", f'"Smarch 2009" is not a month: {WHAT_WOULD_DO}'),
        ("Jan-1949", f'"Jan-1949" is in the year 1949, outside 1950 to 2100: {WHAT_WOULD_DO}'),
        (" ", f"there is no month in empty text: {WHAT_WOULD_DO}"),
        (
            73416,
            f"73416 is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (None, f"None is not a month: {WHAT_WOULD_DO}"),
        (True, f"True is not a month: {WHAT_WOULD_DO}"),
        ({}, f"{{}} is not a month: {WHAT_WOULD_DO}"),
        (
            2009,
            f"2009 is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (
            200913,
            f"200913 is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (
            200901.5,
            f"200901.5 is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (
            float("nan"),
            f"nan is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (
            float("inf"),
            f"inf is neither a date number of the years 1950 to 2100 nor a month written yyyymm: {WHAT_WOULD_DO}",
        ),
        (dt.date(1899, 12, 30), f'"1899-12-30" is in the year 1899, outside 1950 to 2100: {WHAT_WOULD_DO}'),
    ],
)
def test_refuses_what_is_no_month_or_could_be_two(value: object, message: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        Month.read(value)
    assert str(refused.value) == message


def test_a_month_of_no_calendar_cannot_be_made() -> None:
    with pytest.raises(WrongArgument, match=r"^there is no month 13 of the year 2009$"):
        Month(2009, 13)


def test_months_are_ordered_counted_and_named() -> None:
    assert Month(2008, 12) == JAN_09 - 1
    assert Month(2010, 1) == JAN_09 + 12
    assert Month(2009, 3) - Month(2008, 12) == 3
    assert sorted([JAN_09, Month(2008, 12)]) == [Month(2008, 12), JAN_09]
    assert (str(JAN_09), JAN_09.label) == ("2009-01", "Jan-09")
    assert Month(2008, 1).serial == 39448  # Microsoft's help page for DATEVALUE
    assert (JAN_09.first_day, Month(2008, 2).last_day) == (dt.date(2009, 1, 1), dt.date(2008, 2, 29))


@pytest.mark.parametrize(
    ("as_of", "basis", "year_start", "months", "label"),
    [
        # labels as the scorecard of January 2009 and its comments write them
        (JAN_09, Basis.RY, 4, (Month(2008, 2), JAN_09), "RY to Jan-09"),
        (JAN_09, Basis.YTD, 4, (Month(2008, 4), JAN_09), "Apr-Jan 2008/09"),
        (JAN_09, Basis.FY, 4, (Month(2008, 4), Month(2009, 3)), "2008/09"),
        (Month(2009, 3), Basis.FY, 4, (Month(2008, 4), Month(2009, 3)), "2008/09"),
        (Month(2009, 4), Basis.FY, 4, (Month(2009, 4), Month(2010, 3)), "2009/10"),
        (Month(1999, 4), Basis.FY, 4, (Month(1999, 4), Month(2000, 3)), "1999/00"),
        (Month(2008, 4), Basis.YTD, 4, (Month(2008, 4), Month(2008, 4)), "Apr 2008/09"),
        (JAN_09, Basis.MONTH, 4, (JAN_09, JAN_09), "Jan-09"),
        (Month(2008, 12), Basis.QUARTER, 4, (Month(2008, 10), Month(2008, 12)), "Oct-Dec 2008"),
        (JAN_09, Basis.QUARTER, 4, (Month(2008, 11), JAN_09), "Nov 2008-Jan 2009"),
        (Month(2008, 10), Basis.YTD, 1, (Month(2008, 1), Month(2008, 10)), "Jan-Oct 2008"),
        (Month(2008, 10), Basis.FY, 1, (Month(2008, 1), Month(2008, 12)), "2008"),
        (Month(2008, 9), Basis.YTD, 10, (Month(2007, 10), Month(2008, 9)), "Oct-Sep 2007/08"),
    ],
)
def test_periods(as_of: Month, basis: Basis, year_start: int, months: tuple[Month, Month], label: str) -> None:
    period = Period.of(as_of, basis, year_start)
    assert ((period.start, period.end), period.label) == (months, label)
    assert (period.months[0], period.months[-1]) == months
    assert period.previous == Period(months[0] - 12, months[1] - 12, basis)


def test_wrong_periods_are_refused() -> None:
    with pytest.raises(WrongArgument, match=r"^a financial year cannot start in month 0: write 1 to 12$"):
        Period.of(JAN_09, Basis.FY, 0)
    with pytest.raises(WrongArgument, match=r"^a period cannot end in Jan-09, before it starts in Feb-09$"):
        Period(Month(2009, 2), JAN_09, Basis.RY)


@pytest.mark.parametrize("text", ["RY", "ry", " Ry "])
def test_a_basis_is_read_in_any_case(text: str) -> None:
    assert Basis.read(text) is Basis.RY


@pytest.mark.parametrize(("value", "shown"), [("rolling", '"rolling"'), ("", '""'), (4, "4"), (None, "None")])
def test_an_unknown_basis_is_refused_with_the_list(value: object, shown: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        Basis.read(value)
    assert str(refused.value) == f"{shown} will not do: write one of RY, YTD, FY, MONTH, QUARTER"


def month_list(first: Month, count: int, step: int = 1) -> list[Month]:
    return [first + step * n for n in range(count)]


def test_values_of_one_month_are_added_together_in_any_order() -> None:
    series = Series.of([5, 1, 20, 3], [JAN_09, Month(2008, 12), JAN_09, Month(2008, 11)])
    assert series.total(Period.of(JAN_09, Basis.QUARTER)) == 29
    assert series.total(Period.of(JAN_09, Basis.MONTH)) == 25


def test_rows_without_month_and_value_are_ignored() -> None:
    assert Series.of([None, 4, None], [None, JAN_09, None]).total(Period.of(JAN_09, Basis.MONTH)) == 4


def test_a_value_without_month_is_refused() -> None:
    with pytest.raises(WrongArgument, match=r"^value 2 \(7\.5\) has no month beside it$"):
        Series.of([1, 7.5], [JAN_09, None])


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(WrongArgument, match=r"^2 values beside 1 months: give as many of each$"):
        Series.of([1, 2], [JAN_09])


def test_every_month_must_be_there() -> None:
    series = Series.of([1.0] * 11, month_list(Month(2008, 3), 11))
    with pytest.raises(MissingData, match=r"^no value for Feb-08 of RY to Jan-09$"):
        series.total(Period.of(JAN_09, Basis.RY))
    with pytest.raises(MissingData, match=r"^no value for Feb-07, Mar-07, Apr-07 and 9 more months of RY to Jan-08$"):
        series.total(Period.of(JAN_09, Basis.RY).previous)
    with pytest.raises(MissingData, match=r"^no value for Dec-07, Jan-08, Feb-08 and 1 more month of Dec-Mar 2007/08$"):
        Series.of([], []).total(Period.of(Month(2008, 3), Basis.YTD, 12))


def test_a_blank_makes_its_month_missing_and_is_not_zero() -> None:
    series = Series.of([1, None, 0], [JAN_09, JAN_09, Month(2009, 2)])
    with pytest.raises(MissingData, match=r"^no value for Jan-09 of Jan-09$"):
        series.total(Period.of(JAN_09, Basis.MONTH))
    assert series.total(Period.of(Month(2009, 2), Basis.MONTH)) == 0


def test_quarterly_values_stand_for_their_quarters() -> None:
    # the satisfaction survey's quarters end in March, June, September and December
    series = Series.of([10, 20, 30, 40], month_list(Month(2008, 3), 4, 3))
    assert series.quarterly
    assert series.total(Period.of(Month(2008, 12), Basis.RY)) == 100
    assert series.total(Period.of(Month(2008, 12), Basis.YTD)) == 90
    assert series.total(Period.of(Month(2008, 9), Basis.QUARTER)) == 30
    with pytest.raises(MissingData, match=r"^no value for Jun-07, Sep-07, Dec-07 of RY to Mar-08$"):
        series.total(Period.of(Month(2008, 3), Basis.RY))


@pytest.mark.parametrize(
    ("as_of", "basis", "label"),
    [(JAN_09, Basis.RY, "RY to Jan-09"), (Month(2008, 12), Basis.MONTH, "Dec-08")],
)
def test_quarterly_values_have_no_other_months(as_of: Month, basis: Basis, label: str) -> None:
    series = Series.of([10, 20, 30, 40], month_list(Month(2008, 3), 4, 3))
    with pytest.raises(WrongArgument) as refused:
        series.total(Period.of(as_of, basis))
    assert str(refused.value) == (
        f"{label} is not made of whole quarters of these quarterly values, which end in Mar, Jun, Sep, Dec"
    )


def test_quarters_that_do_not_fit_the_year_are_refused() -> None:
    series = Series.of([10, 20, 30], month_list(Month(2008, 4), 3, 3))  # quarters ending April, July, October
    with pytest.raises(WrongArgument, match=r"which end in Jan, Apr, Jul, Oct$"):
        series.total(Period.of(Month(2008, 10), Basis.YTD))


def test_a_blank_month_keeps_a_series_monthly() -> None:
    series = Series.of([10, None, 20], [Month(2008, 9), Month(2008, 10), Month(2008, 12)])
    assert not series.quarterly
    with pytest.raises(MissingData, match=r"^no value for Oct-08, Nov-08 of Oct-Dec 2008$"):
        series.total(Period.of(Month(2008, 12), Basis.QUARTER))


def test_one_month_alone_is_monthly() -> None:
    assert not Series.of([1, 2], [JAN_09, JAN_09]).quarterly
    assert not Series.of([], []).quarterly


# Weeks and years


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        (WeekRule.BY_FIRST_DAY, {Month(2008, 12): 7}),
        (WeekRule.BY_LAST_DAY, {JAN_09: 7}),
        (WeekRule.BY_DAYS, {Month(2008, 12): 3, JAN_09: 4}),
    ],
)
def test_a_week_in_two_months(rule: WeekRule, counted: dict[Month, int]) -> None:
    """Monday 29 December 2008 to Sunday 4 January 2009."""
    assert months_of_week(dt.date(2008, 12, 29), rule) == counted


@pytest.mark.parametrize("rule", [*WeekRule])
def test_every_day_of_a_year_of_weeks_counts_once(rule: WeekRule) -> None:
    first = dt.date(2007, 12, 31)
    counted: dict[Month, int] = {}
    for week in range(53):
        for month, days in months_of_week(first + dt.timedelta(days=7 * week), rule).items():
            counted[month] = counted.get(month, 0) + days
    assert sum(counted.values()) == 7 * 53
    if rule is WeekRule.BY_DAYS:
        assert [counted[Month(2008, month)] for month in range(1, 13)] == [
            31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "rule", "whole"),
    [
        # Weeks from Monday 1 December 2008. The one of 29 December ends on 4 January, that of 26 January on 1 February.
        (dt.date(2008, 12, 22), WeekRule.BY_LAST_DAY, [Month(2008, 12)]),
        (dt.date(2008, 12, 22), WeekRule.BY_FIRST_DAY, []),
        (dt.date(2008, 12, 29), WeekRule.BY_FIRST_DAY, [Month(2008, 12)]),
        (dt.date(2008, 12, 22), WeekRule.BY_DAYS, []),
        (dt.date(2008, 12, 29), WeekRule.BY_DAYS, [Month(2008, 12)]),
        (dt.date(2009, 1, 26), WeekRule.BY_DAYS, [Month(2008, 12), JAN_09]),
        (dt.date(2009, 1, 19), WeekRule.BY_LAST_DAY, [Month(2008, 12), JAN_09]),
    ],
)
def test_months_with_every_week(last: dt.date, rule: WeekRule, whole: list[Month]) -> None:
    assert list(whole_months(dt.date(2008, 12, 1), last, rule)) == whole


@pytest.mark.parametrize("value", [2008, 2008.0, "2008", "mid-2008", "Mid 2008", "2008.0", dt.date(2008, 6, 30)])
def test_a_year(value: object) -> None:
    assert read_year(value) == 2008


@pytest.mark.parametrize(
    ("value", "shown"), [("2008/09", '"2008/09"'), (208, "208"), (True, "True"), (2008.5, "2008.5")]
)
def test_what_is_no_year(value: object, shown: str) -> None:
    with pytest.raises(WrongArgument) as refused:
        read_year(value)
    assert str(refused.value) == f"{shown} is not a year of 1950 to 2100: write a year such as 2008"


def test_values_by_year_are_added_up() -> None:
    values = YearlyValues.of([1, 2, 4, None], [2007, 2007, 2008, None])
    assert (values.latest(Month(2007, 12)), values.latest(JAN_09)) == ((2007, 3), (2008, 4))
    with pytest.raises(WrongArgument, match=r"^2 values beside 1 years: give as many of each$"):
        YearlyValues.of([1, 2], [2007])
