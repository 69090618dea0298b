"""The functions of the cells for areas: rates per resident, ranks in a family, targets, the force's figure."""

from typing import Annotated

from cpa_xl import forcetargets, localities
from cpa_xl.arguments import AREAS, BetterCell, Numbers, cell_function
from cpa_xl.cells import Reads, Table, Takes, check_same_size, number
from cpa_xl.errors import MissingData
from cpa_xl.localities import NEXT_RANK, PER, YEARS, AimRule, Bounds, Family
from cpa_xl.targets import Better

Offences = Annotated[float, Reads("offences in the area, of a year", number)]
Residents = Annotated[float, Reads("residents of the area (mid-year estimate)", number)]
Per = Annotated[float, Reads("per how many residents", number)]
Ranked = Annotated[float, Reads("the area's figure", number)]
Peers = Annotated[
    Numbers, Reads("the figures of the areas it is compared with, its own among them or not", number, Takes.RANGE)
]
Rate = Annotated[float, Reads("the area's victimisation rate", number)]
PeerRates = Annotated[
    Numbers, Reads("the rates of the areas of its family, its own among them or not", number, Takes.RANGE)
]
AimCell = Annotated[
    AimRule | None, Reads('next_rank (without one), family_mean, best_quartile, or such as "rank 3"', AimRule.read)
]
Years = Annotated[float, Reads("in how many years it is to be reached", number)]
Floor = Annotated[float, Reads("least improvement to ask for in a year, a fraction", number)]
Cap = Annotated[float, Reads("most improvement to ask for in a year, a fraction", number)]
RateChange = Annotated[float, Reads("change of the rate, a fraction: -0.04 for 4 % less", number)]
ResidentsNow = Annotated[float, Reads("residents that the rate was measured with", number)]
ResidentsThen = Annotated[float, Reads("residents in the year the target is for", number)]
OffencesByArea = Annotated[Numbers, Reads("offences of each area", number, Takes.RANGE)]
AnnualChanges = Annotated[Numbers, Reads("the change asked of each area, a fraction", number, Takes.RANGE)]


@cell_function(AREAS, "number per 1,000 residents, or per as many as asked for")
def CPA_VICTIMISATION(offences: Offences, residents: Residents, per: Per = float(PER)) -> float:
    """Divide offences by residents, per 1,000."""
    return localities.victimisation(offences, residents, per)


@cell_function(AREAS, "rank, 1 the best, and of how many")
def CPA_RANK(value: Ranked, peers: Peers, better: BetterCell = Better.HIGHER) -> Table:
    """Rank an area among its peers; equal figures share the better rank."""
    family = Family.of(value, peers.cells, better)
    return [[family.rank, family.size]]


@cell_function(AREAS, "rate to reach, change a year as a fraction, and floor, cap or model")
def CPA_BOROUGH_TARGET(
    rate: Rate,
    peer_rates: PeerRates,
    rule: AimCell = None,
    years: Years = float(YEARS),
    floor: Floor = 0.0,
    cap: Cap = 1.0,
) -> Table:
    """Find the rate an area should reach in its family (lower is better), and the change a year that leads there."""
    family = Family.of(rate, peer_rates.cells)
    target = localities.area_target(family, rule or NEXT_RANK, years, Bounds(floor, cap))
    return [[target.aspiration, target.change, target.flag]]


@cell_function(AREAS, "fraction: -0.0235 for 2.35 % fewer")
def CPA_COUNT_CHANGE(rate_change: RateChange, residents_now: ResidentsNow, residents_then: ResidentsThen) -> float:
    """Turn the change of a rate into the change of the count, as residents grow."""
    return forcetargets.count_change(rate_change, residents_now, residents_then)


@cell_function(AREAS, "change weighted by offences, plain mean of the changes, and the count that the areas add up to")
def CPA_FORCE_TARGET(offences: OffencesByArea, annual_changes: AnnualChanges) -> Table:
    """Add the targets of all areas up to the force's."""
    check_same_size(offences, annual_changes)
    counts: list[float] = []
    changes: list[float] = []
    for place, (count, change) in enumerate(zip(offences.cells, annual_changes.cells, strict=True), 1):
        if count is None and change is None:
            continue
        if count is None or change is None:
            raise MissingData(f"{'offences' if count is None else 'annual_changes'} is blank for area {place}")
        counts.append(count)
        changes.append(change)
    found = forcetargets.force_target(counts, changes)
    return [[found.weighted, found.plain, found.count]]
