"""A small force with a measure of each kind of number: totals, money, ratios, means, shares within a limit.

Two areas, 24 months to January 2009. The figures are few and alike from month to month, so that paper is enough to work
out what the scorecard must say; the last month differs from the others.
"""

import datetime as dt
from pathlib import Path

from cpa_xl.config.load import load
from cpa_xl.measures.periods import Month
from workbooks.make_scorecard import make

AREAS = """
areas:
  areas:
    title: Two areas
    members: {North: [], South: []}
"""
SOURCES = """
sources:
  calls:
    title: Calls
    files: "calls*.csv"
    shape: records
    columns:
      reference: {header: Reference, type: text}
      received: {header: Received, type: date}
      area: {header: Area, type: area}
      seconds: {header: Time to answer, type: duration, format: "mm:ss", optional: true}
      seized: {header: Cash seized, type: money}
    month: received
    area: area
    areas: areas
    keys: [reference]
  staff:
    title: Staff on duty
    files: "staff*.csv"
    shape: counts
    columns:
      month: {header: Month, type: month}
      area: {header: Area, type: area}
      officers: {header: Officers, type: count}
    month: month
    area: area
    areas: areas
    keys: [month, area]
  demand:
    title: Emergency calls
    files: "demand*.csv"
    shape: counts
    cadence: weekly
    weeks: by_days
    week_date: first_day
    columns:
      week: {header: Week beginning, type: date}
      area: {header: Area, type: area}
      calls: {header: Emergency calls, type: count}
    month: week
    area: area
    areas: areas
    keys: [week, area]
  population:
    title: Residents
    files: "population*.csv"
    shape: counts
    cadence: yearly
    columns:
      year: {header: Year, type: year}
      area: {header: Area, type: area}
      residents: {header: Residents, type: count}
    month: year
    area: area
    areas: areas
    keys: [year, area]
"""
MEASURES = """
series:
  calls: {title: Calls, source: calls, count: rows}
  timed: {title: Timed calls, source: calls, count: seconds}
  in_time: {title: Calls answered in 10 seconds, source: calls, count: rows, where: "seconds <= 10"}
  waited: {title: Seconds waited, source: calls, sum: seconds}
  middle: {title: Median seconds, source: calls, median: seconds}
  cash: {title: Cash seized, source: calls, sum: seized}
  residents: {title: Residents, source: population, sum: residents}
  demand: {title: Emergency calls, source: demand, sum: calls}
  officers: {title: Officers, source: staff, sum: officers}
measures:
  - id: "1"
    title: Calls answered in 10 seconds
    objective: Answer calls
    cpa: Answer calls quickly
    unit: percent
    better: higher
    basis: RY
    figure: {kind: rate, numerator: in_time, denominator: timed}
    print: {actual: percent, target: percent}
    targets: [{status: agreed, year: 2008/09, rule: absolute, amount: 0.62}]
    comment: Fewer answered in the last month.
  - id: "2"
    title: Mean time to answer
    objective: Answer calls
    cpa: Answer calls quickly
    unit: mean
    better: lower
    basis: RY
    figure: {kind: mean, numerator: waited, denominator: timed}
    print: {actual: average, target: average}
    target_text: "{target} seconds"
    targets: [{status: agreed, year: 2008/09, rule: absolute, amount: 15}]
    comment: "{three_months} seconds in three months."
    facts:
      - {id: three_months, title: Mean of three months, kind: mean, numerator: waited, denominator: timed,
         basis: QUARTER}
  - id: "3"
    title: Calls for each officer
    objective: Use what we have
    cpa: Use what we have well
    unit: ratio
    better: lower
    basis: YTD
    figure: {kind: ratio, numerator: calls, denominator: officers}
    print: {actual: average2, target: average2}
    targets: [{status: agreed, year: 2008/09, rule: uplift, amount: -0.5, baseline: 2.4}]
  - id: "4"
    title: Cash seized
    objective: Use what we have
    cpa: Take the profit out of crime
    unit: total
    better: higher
    basis: RY
    figure: {kind: total, numerator: cash}
    print: {actual: money, target: money}
    targets: [{status: agreed, year: 2008/09, rule: absolute, amount: 90000}]
    comment: "{in_month} in {as_of}."
    facts:
      - {id: in_month, title: Cash seized in the month, kind: total, numerator: cash, basis: MONTH}
  - id: "5"
    title: Calls
    objective: Use what we have
    cpa: Know the demand
    unit: total
    better: lower
    basis: YTD
    figure: {kind: total, numerator: calls}
    print: {actual: number, target: number}
    targets: [{status: agreed, year: 2008/09, rule: baseline_year}]
  - id: "6"
    title: Median time to answer
    objective: Answer calls
    cpa: Answer calls quickly
    unit: median
    better: lower
    basis: MONTH
    figure: {kind: median, numerator: middle}
    print: {actual: average, target: average}
    comment: "It was {before} the month before: one long wait does not move it."
    facts: [{id: before, title: Median of the month before, kind: median, numerator: middle, back: 1}]
    targets: [{status: agreed, year: 2008/09, rule: absolute, amount: 10}]
  - id: "7"
    title: Calls for every 1,000 residents
    objective: Use what we have
    cpa: Know the demand
    unit: rate_per
    better: lower
    basis: RY
    figure: {kind: rate_per, numerator: calls, denominator: residents, per: 1000}
    print: {actual: average, target: average}
    targets: [{status: agreed, year: 2008/09, rule: absolute, amount: 20}]
    comment: "{month} in {as_of}, {each} for each officer."
    facts:
      - {id: month, title: Calls for every 1000 residents, kind: rate_per, numerator: calls, denominator: residents,
         per: 1000, basis: MONTH}
      - {id: each, title: Calls for each officer, kind: ratio, numerator: calls, denominator: officers}
  - id: "8"
    title: Emergency calls a month
    objective: Use what we have
    cpa: Know the demand
    unit: count
    better: lower
    basis: RY
    figure: {kind: monthly_average, numerator: demand}
    print: {actual: average, target: average}
    targets: [{status: agreed, year: 2008/09, rule: monthly_average, amount: 7320}]
"""
WORKBOOKS = """
workbooks:
  kinds:
    file: kinds.xlsx
    as_of: as_of
    scorecard:
      sheet: Scorecard
      columns: {id: Id, measure: Measure, better: Better, basis: Basis, as_of: As of, target_rule: Rule,
                target: Target, actual: Actual, rag: RAG, unit: Unit, period: Period, target_text: Target in words,
                latest: Latest data, status: Status, reason: Reason, comment: Comments}
    facts:
      sheet: Comment facts
      columns: {measure: Id, fact: Fact, value: Value, unit: Unit, period: Period, text: As printed}
    publish: {title: Kinds, leave_out: [RefreshLog], leave_out_if_there: [Sign-off, Borough measures]}
    tables:
      Monthly: {rows: months, key: Month, series: [calls, timed, in_time, waited, middle, cash, officers, demand]}
      Areas: {rows: areas, key: Month, area: Area,
              series: [calls, timed, in_time, waited, middle, cash, officers, demand]}
      Population: {rows: years, key: Year, series: [residents]}
      PopulationByArea: {rows: years, key: Year, area: Area, series: [residents]}
      Trend: {rows: months, key: Month, last: 13}
      Measures: {rows: measures}
      ProposedTargets: {rows: proposals}
      TargetRegister: {rows: register}
      Milestones: {rows: milestones}
      Extracts: {rows: extracts}
      RefreshLog: {rows: log}
"""
FIRST, LAST = Month(2007, 2), Month(2009, 1)
MONTHS = tuple(FIRST + step for step in range(LAST - FIRST + 1))
# Seconds to answer the calls of a month, by area; None where nobody noted the time.
SECONDS = {"North": (5, 10, 30), "South": (8, 20, None)}
SECONDS_LAST = {"North": (5, 12, 30), "South": (8, 20, None)}  # of the last month
CASH = {"North": (1000.1, 1999.9, 0.0), "South": (4000.0, 0.0, 250.5)}  # pounds, of each call
FIRST_WEEK, WEEKS, A_WEEK = dt.date(2007, 1, 29), 106, {"North": 70, "South": 70}  # 10 a day in each area
RESIDENTS = {2006: (1500, 2300), 2007: (1600, 2400), 2008: (1250, 2350), 2010: (9000, 9000)}
OFFICERS = {"North": 2, "South": 3}


def configuration(folder: Path) -> Path:
    """The four files."""
    folder.mkdir(exist_ok=True)
    for name, text in {"areas": AREAS, "sources": SOURCES, "measures": MEASURES, "workbooks": WORKBOOKS}.items():
        (folder / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    return folder


def extracts(folder: Path) -> Path:
    """The files that the sources read."""
    folder.mkdir(exist_ok=True)
    calls, staff = ["Reference,Received,Area,Time to answer,Cash seized"], ["Month,Area,Officers"]
    for month in MONTHS:
        for area, seconds in (SECONDS_LAST if month == LAST else SECONDS).items():
            for second, cash in zip(seconds, CASH[area], strict=True):
                waited = "" if second is None else f"00:{second:02d}"
                calls.append(f"C{len(calls):05d},{month}-{13 + len(calls) % 15},{area},{waited},£{cash:.2f}")
            staff.append(f"{month},{area},{OFFICERS[area]}")
    residents = ["Year,Area,Residents"]
    residents += [
        f"mid-{year},{area},{number}"
        for year, held in RESIDENTS.items()
        for area, number in zip(SECONDS, held, strict=True)
    ]
    demand = ["Week beginning,Area,Emergency calls"]
    for week in range(WEEKS):
        monday = FIRST_WEEK + dt.timedelta(days=7 * week)
        demand += [f"{monday},{area},{number}" for area, number in A_WEEK.items()]
    for name, lines in {
        "population.csv": residents,
        "demand_2009-01.csv": demand,
        "calls_2009-01.csv": calls,
        "staff_2009-01.csv": staff,
    }.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def force(folder: Path) -> Path:
    """The template `kinds.xlsx` in a folder, with the configuration and the extracts beside it."""
    catalogue = load(configuration(folder / "config"))
    extracts(folder / "extracts")
    path = folder / "kinds.xlsx"
    make(path, catalogue, catalogue.workbooks["kinds"])
    return path
