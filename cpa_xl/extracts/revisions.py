"""Extracts beside what was known before: which months stay, which are revised, and which would go.

An extract may hold only what is new. `with_known` takes the months that the extracts of a source do not bring from
what is known, and compares those that come again (R1, R2, R3).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan, sqrt
from types import MappingProxyType

from cpa_xl.config.model import Cadence, Catalogue, Overlap, SeriesSpec, Source
from cpa_xl.errors import Level
from cpa_xl.extracts.checks import check_shares, share_pairs, shares_under_other_names
from cpa_xl.extracts.counts import absent_is_none
from cpa_xl.extracts.facts import Facts
from cpa_xl.extracts.faults import ExtractsRefused, Fault, Findings
from cpa_xl.extracts.figures.expected import check_unusual_months
from cpa_xl.extracts.figures.neighbours import MonthlyCounts, check_last_month, check_missing, check_silent_places
from cpa_xl.extracts.figures.patterns import known_under_other_names
from cpa_xl.extracts.reading import Extract
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.periods import Month
from cpa_xl.wording import FEWEST, all_or_few, counted

_NOUNS = {1: "month", 3: "quarter", 12: "year"}  # by the number of months from one figure to the next
REVISED, REVISED_FROM = 0.005, 5  # all months together differ by more than both: somebody should ask why
REWRITTEN, REWRITTEN_FROM, REWRITTEN_MONTHS = 0.1, 100, 12  # a year does: another count, or another file
ACCEPT = "If that is meant, refresh it with cpa_xl refresh --accept-revisions."

OTHER = 0.5  # an earlier month or an area that differs by more than this part of the larger figure is another one

UNKNOWN = nan  # under None: some figure of the month is marked as missing, so that the month has no total

Areas = Mapping[str | None, float]  # the figures of a month by area; None: what is in no area
Known = Mapping[str, Mapping[Month, Areas]]  # by series
Brought = Mapping[Month, Sequence[Extract]]  # the months that the files of a source bring, in order, with these files


@dataclass(frozen=True)
class Merged:
    """Facts with what was known before; `gone`: the months, each with its series, that were known and are no more."""

    facts: Facts
    gone: frozenset[tuple[str, Month]] = frozenset()


def with_known(
    catalogue: Catalogue,
    facts: Facts,
    known: Known,
    *,
    as_of: Month,
    accept_revisions: bool = False,
    accepted: Mapping[str, str] = MappingProxyType({}),
) -> Merged:
    """The facts of extracts, with the months up to `as_of` that they do not bring as they were known.

    Raises ExtractsRefused where known figures would go (R2), a year of them differs too much (R1), or the months
    between are missing (K2). `accept_revisions` takes the first two, and says so; `accepted`
    has the stops that somebody accepts (see `Findings`).
    """
    known = {name: {month: areas for month, areas in months.items() if month <= as_of}
             for name, months in known.items() if name in facts.counts}  # fmt: skip
    counts: dict[str, dict[Month, Areas]] = {name: dict(states(facts, name)) for name in facts.counts}
    found: list[Fault] = []
    gone: set[tuple[str, Month]] = set()
    noted = list(facts.extracts)
    for name, months in brought(catalogue, facts).items():
        one = _Compared(catalogue, name, months, facts, known, accepted=accepted)
        one.compare(Level.WARN if accept_revisions else Level.STOP)
        gone |= {(series, month) for series in one.series for month in one.lost}
        counts |= one.merged()
        found += one.findings.listed()
        noted = [one.noted(extract) if extract.source == name else extract for extract in noted]
    for name in facts.counts:
        if catalogue.series[name].of:
            counts[name] = _sums(catalogue, name, facts, known, counts)
            found += _compared_sum(catalogue, name, facts, known, counts[name])
    if stops := [fault for fault in found if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    merged = _with(facts, counts, found)
    again = tuple(_checked_anew(catalogue, merged, known, accepted))
    if stops := [fault for fault in again if fault.level is Level.STOP]:
        raise ExtractsRefused(stops)
    faults = (*_without_shorter(merged.faults, again), *again)
    return Merged(replace(merged, faults=faults, extracts=tuple(noted)), frozenset(gone))


def brought(catalogue: Catalogue, facts: Facts) -> Mapping[str, Brought]:
    """The months that the extracts of each source bring, up to the as-of month.

    Of files that bring the same month, that with the later last month; all of them where each brings a part of it.
    """
    found: dict[str, dict[Month, list[Extract]]] = {}
    for extract in sorted(facts.extracts, key=lambda extract: extract.last, reverse=True):
        source = catalogue.sources[extract.source]
        months = found.setdefault(extract.source, {})
        for after in range(0, extract.last - extract.first + 1, source.cadence.step):
            files = months.setdefault(extract.first + after, [])
            if not files or source.split or source.split_name or source.overlap is Overlap.ADD:
                files.append(extract)
    return {name: dict(sorted(found[name].items())) for name in catalogue.sources if found.get(name)}


def states(facts: Facts, series: str) -> dict[Month, dict[str | None, float]]:
    """The months of a series by area, with UNKNOWN under None in those that have no total."""
    found: dict[Month, dict[str | None, float]] = {}
    for (month, area), number in facts.counts[series].items():
        found.setdefault(month, {})[area] = number
    for month in facts.unknown.get(series, ()):
        found.setdefault(month, {})[None] = UNKNOWN
    return found


def same(one: float, other: float) -> bool:
    """Whether two figures are the same, but for what a file loses of a fraction; both may be UNKNOWN."""
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other)) or (isnan(one) and isnan(other))


def total(areas: Areas, series: SeriesSpec) -> float:
    """The figure of a month without its areas; of medians, which do not add up, that of all places together."""
    return areas.get(None, UNKNOWN) if series.median else sum(areas.values())


class _Compared:
    """A source whose months are compared with what was known."""

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        months: Brought,
        facts: Facts,
        known: Known,
        *,
        accepted: Mapping[str, str],
    ) -> None:
        self.source: Source = catalogue.sources[name]
        self.months = months
        self.series = {key: one for key, one in catalogue.series.items() if one.source == name and key in facts.counts}
        self.now: dict[str, dict[Month, Areas]] = {key: dict(states(facts, key)) for key in self.series}
        self.known = {key: dict(known.get(key, {})) for key in self.series}
        if absent_is_none(self.source) and self.source.areas is None:
            for key, one in self.series.items():
                if not one.median:
                    self._fill(key)
        self.lacking = {key: texts for key, texts in facts.lacking.items() if key in self.series}
        self.findings = Findings(_named(name, months), accepted)
        self.first, self.last = min(months), max(months)

    def _fill(self, key: str) -> None:
        """Give every area that some month names a 0 in the months that do not name it."""
        months = [*self.known[key].values(), *self.now[key].values()]
        none: Areas = {area: 0 for areas in months for area in areas if area is not None}
        for found in (self.known[key], self.now[key]):
            found |= {
                month: {**none, **areas}
                for month, areas in found.items()
                if any(areas) and not isnan(sum(areas.values()))
            }  # fmt: skip

    @cached_property
    def known_months(self) -> list[Month]:
        return sorted({month for months in self.known.values() for month in months})

    @property
    def stay(self) -> list[Month]:
        """Known months before those that the files bring."""
        return [month for month in self.known_months if month < self.first]

    def noted(self, extract: Extract) -> Extract:
        """The extract; its note names the months that were there before, so that readers do not look for them in it."""
        if not self.stay or extract not in self.months[self.first]:
            return extract
        earlier = f"{months_listed(self.stay, self.source.cadence.step)} from earlier extracts"
        return replace(extract, note="; ".join(filter(None, (extract.note, earlier))))

    @property
    def lost(self) -> list[Month]:
        """Known months that no file brings, though files bring earlier ones."""
        return [month for month in self.known_months if month > self.first and month not in self.months]

    def merged(self) -> dict[str, dict[Month, Areas]]:
        """The months of each series: those brought, and the known ones before them."""
        return {
            key: {**{month: areas for month, areas in self.known[key].items() if month < self.first}, **self.now[key]}
            for key in self.series
        }

    def compare(self, going: Level) -> None:
        """Find what stays, is revised, or would go, which is a fault of the level `going`."""
        self.going = going
        self._say_what_stays()
        self._say_what_is_lost()
        self._say_what_is_mixed_up()
        self._say_which_category_is_missing()
        for key, series in self.series.items():
            again = {month: areas for month, areas in self.known[key].items() if month in self.months}
            self._say_what_goes(series, again, self.now[key])
            if again:
                stop = self.going is Level.STOP
                tell_revisions(series, again, self.now[key], self.findings, self.source.cadence.step, stop=stop)

    def _say_what_stays(self) -> None:
        stay = self.stay
        if not stay:
            return
        step = self.source.cadence.step
        title, first = self.source.title, months_listed([self.first], step)
        between = [stay[-1] + after for after in range(step, self.first - stay[-1], step)]
        if between and self.source.cadence is not Cadence.YEARLY:  # a rate takes the latest year that there is
            listed = months_listed(between, step)
            if self.source.many:
                message = f"{title}: no file brings {listed}, and nothing is known of it, so it is unknown"
                self.findings.add("P2", message, level=Level.NOTE)
            else:
                end = months_listed(stay[-1:], step)
                message = f"{title} begins in {first}, and what is known ends in {end}: {listed} is missing"
                self.findings.add(
                    "K2", message, f"Ask for an extract that begins in {months_listed(between[:1], step)} or before."
                )
        message = f"{title} begins in {first}; {months_listed(stay, step)} stay as they were known"
        if len(stay) == 1:
            message = f"{title} begins in {first}; {months_listed(stay, step)} stays as it was known"
        new = [one.title for key, one in self.series.items() if not any(month in stay for month in self.known[key])]
        if new:
            message += f", but {all_or_few(new, FEWEST)} had no figures then"
        self.findings.add("R3", message, level=Level.NOTE)

    def _say_what_is_lost(self) -> None:
        if not self.lost:
            return
        step = self.source.cadence.step
        listed = months_listed(self.lost, step)
        known, it = ("is known", "it") if len(self.lost) == 1 else ("are known", "them")
        message = f"{self.source.title}: {listed} {known}, but no file brings {it}; "
        message += f"the months brought are {months_listed(list(self.months), step)}"
        remedy = f"Put the file with {it} back, or ask for an extract with {it}."
        self._add("R2", message, remedy, [self.known[key].get(month) for key in self.series for month in self.lost])

    def _say_what_is_mixed_up(self) -> None:
        """Known figures under another month, another series or in another unit (R4)."""
        several = {key: one for key, one in self.series.items() if not one.median}
        brought = {
            key: {month: self.now[key][month] for month in self.months if month in self.now[key]} for key in several
        }
        known = {key: self.known[key] for key in several}
        for sentence in known_under_other_names(several, known, brought):
            figures = [areas for months in brought.values() for areas in months.values()]
            self._add("R4", sentence, "Ask for the extract again.", figures)
        for pair in share_pairs(self.source, several):
            before, here = ([{month: total(areas, self.series[name]) for month, areas in figures[name].items()}
                             for name in pair] for figures in (self.known, brought))  # fmt: skip
            titles = self.series[pair[0]].title, self.series[pair[1]].title
            step = self.source.cadence.step
            for sentence in shares_under_other_names(titles, (before[0], before[1]), (here[0], here[1]), step):
                self._add("R4", sentence, "Ask for the extract again.", [*brought[pair[0]].values()])

    def _say_which_category_is_missing(self) -> None:
        """Listed categories that no row holds, of series that had far more when they were known last (D3)."""
        for key, texts in self.lacking.items():
            series = self.series[key]
            before = [total(areas, series) for _, areas in sorted(self.known[key].items())]
            before = [figure for figure in before if not isnan(figure)]
            now = [total(areas, series) for month, areas in self.now[key].items() if month in self.months]
            if not series.median and not isnan(sum(now)):
                check_missing(series.title, texts, before, now, self.findings, most=self.going)

    def _say_what_goes(self, series: SeriesSpec, again: Mapping[Month, Areas], now: Mapping[Month, Areas]) -> None:
        """Months, or areas of a month, that were known and have no figure in a file that covers the month."""
        step = self.source.cadence.step
        none = [month for month, areas in again.items() if not now.get(month) or _total_goes(series, areas, now[month])]
        if none:
            have, are = ("has no figure", "month is") if len(none) == 1 else ("have no figures", "months are")
            message = f"{series.title}: {months_listed(none, step)} {have} any more, though the {are} in the file"
            figures = [again[month] for month in none]
            self._add("R2", message, "Ask for the extract again, with every figure.", figures)
        without: dict[tuple[str, ...], list[Month]] = {}
        for month, areas in again.items():
            lacking = tuple(sorted(map(_area, _lacking(series, areas, now.get(month, {})))))
            if lacking and month not in none:
                without.setdefault(lacking, []).append(month)
        for lacking, months in without.items():
            have = "has no figure" if len(lacking) == 1 else "have no figures"
            message = (
                f"{series.title}: {all_or_few(lacking, FEWEST, 'area')} {have} any more in"
                f" {months_listed(months, step)}"
            )
            figures = [again[month] for month in months]
            self._add("R2", message, "Ask for the extract again, with every area.", figures)

    def _add(self, code: str, message: str, remedy: str, figures: Sequence[Areas | None] = ()) -> None:
        """Add a finding that stops unless it is accepted; `figures` are those that would go."""
        if self.going is Level.STOP:
            shown = [sorted((areas or {}).items(), key=str) for areas in figures]
            self.findings.add(code, message, f"{remedy} {ACCEPT}", figures=shown)
        else:
            self.findings.add(code, message, "It is accepted.", level=self.going)


def tell_revisions(
    series: SeriesSpec,
    known: Mapping[Month, Areas],
    now: Mapping[Month, Areas],
    findings: Findings,
    step: int = 1,
    *,
    stop: bool,
) -> None:
    """Say in one note how the known months of a series differ now (R1); nothing where they do not.

    `step` is the number of months between two figures. `stop`: a year that differs by more than a tenth stops the
    extract.
    """
    both = {
        month: (total(known[month], series), total(now[month], series)) for month in sorted(known) if now.get(month)
    }
    totals = {month: pair for month, pair in both.items() if not any(map(isnan, pair))}
    changed = [month for month, (old, new) in totals.items() if not same(old, new)]
    moved = {
        month: areas
        for month in both
        if month not in changed and (areas := _moved(series, known[month], now[month]))
    }  # fmt: skip
    if not changed and not moved:
        return
    parts, level, remedy = [], Level.NOTE, ""
    if changed:
        parts.append(f"{series.title} is revised{_revised(changed, totals, step, added=not series.median)}")
        whole = [sum(pair) for pair in zip(*totals.values(), strict=True)]
        change = 0 if series.median else abs(whole[1] - whole[0])
        if change > max(REVISED * abs(whole[0]), REVISED_FROM, sqrt(abs(whole[0])) / 3):  # as chance varies it
            level, remedy = Level.WARN, "Ask whether it is real."
        year = [] if series.median or not stop else _rewritten_year(totals, step)
        if year:
            pair = [sum(totals[month][at] for month in year) for at in (0, 1)]
            parts.append(f"the year {months_listed(year, step)} {_from_to(pair[0], pair[1])}")
            level, remedy = Level.STOP, f"Ask whether it is real. {ACCEPT}"
    if stop and not series.median and (other := _other_figures(series, known, now, totals)):
        parts.append(other)
        level, remedy = Level.STOP, f"Ask whether it is real. {ACCEPT}"
    if moved:
        month, areas = next(iter(moved.items()))
        differing = [f"{_area(area)} {_from_to(known[month].get(area, 0), now[month].get(area, 0))}" for area in areas]
        example = all_or_few(differing, FEWEST, "area")
        what = "areas also differ" if changed else f"{series.title}: areas differ"
        where = months_listed([*moved], step) + (f" (in {month.label} {example})" if len(moved) > 1 else "")
        parts.append(f"{what} in {where} and the total does not" + (f": {example}" if len(moved) == 1 else ""))
    differing_figures = [
        (str(month), sorted(known[month].items(), key=str), sorted(now[month].items(), key=str))
        for month in (*changed, *moved)
    ]
    findings.add("R1", "; ".join(parts), remedy, level=level, figures=differing_figures)


def _revised(changed: Sequence[Month], totals: Mapping[Month, tuple[float, float]], step: int, *, added: bool) -> str:
    """In which months, the largest change, and (`added`: if they can be added up) that of all together."""
    largest = max(changed, key=lambda month: abs(totals[month][1] - totals[month][0]))
    most = f"{months_listed([largest], step)} {_from_to(*totals[largest])}"
    if len(totals) == 1:
        return f": {most}"
    of = f" in {len(changed)} of the {counted(len(totals), _NOUNS[step])} known before"
    where = f": {most}" if len(changed) == 1 else f", {months_listed(changed, step)}: most in {most}"
    whole = [sum(pair) for pair in zip(*totals.values(), strict=True)]
    return of + where + (f"; all {len(totals)} together {_from_to(whole[0], whole[1])}" if added else "")


def _rewritten_year(totals: Mapping[Month, tuple[float, float]], step: int) -> list[Month]:
    """The latest twelve months that together differ by more than a tenth; [] if there are none."""
    months = list(totals)
    for last in range(len(months), REWRITTEN_MONTHS // step - 1, -1):
        year = months[last - REWRITTEN_MONTHS // step : last]
        old, new = (sum(totals[month][at] for month in year) for at in (0, 1))
        if abs(new - old) > max(REWRITTEN * abs(old), REWRITTEN_FROM) and year[-1] - year[0] < REWRITTEN_MONTHS:
            return year
    return []


def _other_figures(
    series: SeriesSpec, known: Mapping[Month, Areas], now: Mapping[Month, Areas], totals: Mapping[Month, object]
) -> str:
    """What no late record explains (the last month may be late): an earlier month, or an area, changed by over half."""
    # one figure alone was more likely typed over in the workbook, and comes back
    figures = [(old, now[month].get(area, 0)) for month in {*known} & {*now} for area, old in known[month].items()]
    if len(figures) >= REWRITTEN_MONTHS and sum(not same(*pair) for pair in figures) == 1:
        return ""
    earlier = [month for month in totals if month != max(known)]
    changes = {month.label: (total(known[month], series), total(now[month], series)) for month in earlier}
    for area in sorted({area for month in earlier for area in {*known[month]} & {*now[month]} if area is not None}):
        shared = [month for month in earlier if area in known[month] and area in now[month]]
        old, new = (sum(of[month][area] for month in shared) for of in (known, now))
        changes[f"{area} in these months"] = (old, new)
    found = [
        f"{what} {_from_to(old, new)}"
        for what, (old, new) in changes.items()
        if abs(new - old) > max(OTHER * max(abs(old), abs(new)), REWRITTEN_FROM)
    ]
    return f"more than half of it is other than known: {all_or_few(found, FEWEST)}" if found else ""


def _from_to(old: float, new: float) -> str:
    """The change of a figure: "from 345 to 352 (+2.0%)"."""
    words = f"from {_figure(old)} to {_figure(new)}"
    if not old:
        return words
    change = (new - old) / abs(old)
    return f"{words} ({change:+.1%})" if abs(change) >= REVISED / 10 else f"{words} ({change:+.2%})"


def _figure(number: float) -> str:
    if number == number // 1:
        return f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) >= 1 else plain_number(number)


def _area(area: str | None) -> str:
    return "what is in no area" if area is None else area


def _total_goes(series: SeriesSpec, known: Areas, now: Areas) -> bool:
    """Whether only the total is known no more: no area that is known lacks its figure."""
    return isnan(total(now, series)) and not isnan(total(known, series)) and not any(_lacking(series, known, now))


def _lacking(series: SeriesSpec, known: Areas, now: Areas) -> list[str | None]:
    """The known areas that have no figure now; what is in no area is one of them where it was not 0."""
    rest = known.get(None, 0)
    beside = not series.median and any(known) and rest and not isnan(rest)
    return [area for area in known if area not in now and (area is not None or beside)]


def _moved(series: SeriesSpec, known: Areas, now: Areas) -> list[str | None]:
    """The areas that differ, where both have areas; without those that are unknown in one of the two."""
    if not any(known) or not any(now):
        return []
    shared = series.median or isnan(total(known, series)) or isnan(total(now, series))
    areas = {*known} & {*now} - {None} if shared else {*known, *now}
    return sorted((area for area in areas if not same(known.get(area, 0), now.get(area, 0))), key=_area)


def months_listed(months: Sequence[Month], step: int = 1) -> str:
    """Months as a list in which those that follow each other are a range: "Feb-07 to Oct-08, Dec-08 and Jan-09".

    `step` is the number of months from one to the next; of whole years, the years are listed.
    """
    runs: list[list[Month]] = []
    for month in months:
        if runs and month - runs[-1][-1] == step:
            runs[-1].append(month)
        else:
            runs.append([month])
    named: list[str] = []
    for run in runs:
        names = [str(month.year) if step == 12 else month.label for month in run]
        named += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return all_or_few(named, what=_NOUNS[step])


def _named(source: str, months: Brought) -> str:
    files = list(dict.fromkeys(extract.file for extracts in months.values() for extract in extracts))
    return files[0] if len(files) == 1 else f"{len(files)} files of {source}"


def _sums(
    catalogue: Catalogue, name: str, facts: Facts, known: Known, counts: Mapping[str, Mapping[Month, Areas]]
) -> dict[Month, Areas]:
    """The months of a series that adds up others: of those that the extracts leave out, the sum of what is known.

    What is known of the sum itself counts where a part is not known; also where it is known by area and the parts are
    not, if the total is the same.
    """
    parts = [counts[part] for part in catalogue.parts(name)]
    found: dict[Month, Areas] = dict(known.get(name, {}))
    for month in set.intersection(*map(set, parts)):
        added, before = _added([part[month] for part in parts]), found.get(month, {})
        if any(added) or not any(before) or not same(sum(added.values()), sum(before.values())):
            found[month] = added
    return found | states(facts, name)


def _compared_sum(
    catalogue: Catalogue, name: str, facts: Facts, known: Known, now: Mapping[Month, Areas]
) -> Sequence[Fault]:
    """What the comparison of its parts does not tell of a sum: a part was not known, or not by area as the sum was."""
    parts = [known.get(part, {}) for part in catalogue.parts(name)]
    alone = {
        month: areas
        for month, areas in known.get(name, {}).items()
        if not all(month in part and (any(part[month]) or not any(areas)) for part in parts)
    }
    series, findings = catalogue.series[name], Findings(" and ".join(facts.origins[name].files))
    tell_revisions(series, alone, now, findings, catalogue.source_of(name).cadence.step, stop=False)
    if lost := [month for month, areas in alone.items() if any(areas) and not any(now[month])]:
        own = all_or_few([catalogue.series[part].title for part in catalogue.parts(name)], FEWEST)
        message = (
            f"{series.title}: its areas are known in {months_listed(lost)}, and those of its parts ({own}) are not"
        )
        findings.add("R2", message, "Give an extract of each with these months.")
    return findings.listed()


def _added(parts: Sequence[Areas]) -> dict[str | None, float]:
    """The sum of a month: by area where all parts have areas, else of the totals."""
    if not all(any(part) for part in parts):
        return {None: sum(sum(part.values()) for part in parts)}
    shared = set.intersection(*(set(part) for part in parts)) - {None}
    found: dict[str | None, float] = {area: sum(part[area] for part in parts) for area in shared}
    if any(None in part for part in parts):
        found[None] = sum(part.get(None, 0) for part in parts)
    return found


def _with(facts: Facts, counts: Mapping[str, Mapping[Month, Areas]], found: Sequence[Fault]) -> Facts:
    """The facts with the months of `counts` too, and with what was found in comparing them."""
    return replace(
        facts,
        counts=MappingProxyType({name: {**_flat(counts[name]), **brought} for name, brought in facts.counts.items()}),
        faults=(*facts.faults, *found),
        unknown=MappingProxyType({
            name: frozenset(month for month, areas in counts[name].items() if isnan(sum(areas.values())))
            for name in facts.counts
        }),
    )  # fmt: skip


def _checked_anew(catalogue: Catalogue, facts: Facts, known: Known, accepted: Mapping[str, str]) -> Iterator[Fault]:
    """The checks against months before (V5 to V7), for series of which a file does not hold those itself."""
    for name, months in brought(catalogue, facts).items():
        source = catalogue.sources[name]
        if source.cadence is Cadence.YEARLY:
            continue
        found: list[Fault] = []
        for key, series in catalogue.series.items():
            if series.source == name and any(month < min(months) for month in known.get(key, {})):
                findings = Findings(months[max(months)][-1].file, accepted)
                counts = {place: number for place, number in facts.counts[key].items()
                          if place[0] not in facts.unknown[key] and not (series.median and place[1])}  # fmt: skip
                monthly = source.cadence.counted is Cadence.MONTHLY and not series.median
                short = monthly and check_last_month(series.title, _alike(counts), findings)
                if counts and not short:
                    new = {month for month in months if month not in known.get(key, {})} or {max(months)}
                    check_unusual_months(series, counts, findings, new)
                found += findings.listed()
                found += _silent(catalogue, key, facts.areas(key), months, known=max(known[key]), accepted=accepted)
        own = {key: one for key, one in catalogue.series.items() if one.source == name and key in facts.counts}
        if any(month < min(months) for key in own for month in known.get(key, {})):
            findings = Findings(months[max(months)][-1].file, accepted)
            check_shares(source, own, facts.counts, findings)
            found += findings.listed()
        yield from (fault for fault in found if fault not in facts.faults)


def _silent(
    catalogue: Catalogue,
    name: str,
    areas: Mapping[str, Mapping[Month, float]],
    months: Brought,
    *,
    known: Month,
    accepted: Mapping[str, str],
) -> Sequence[Fault]:
    """Areas of the list that have nothing of a series in a month that the extracts bring (V7)."""
    series, source = catalogue.series[name], catalogue.source_of(name)
    if source.areas is None or series.median or not absent_is_none(source):
        return ()
    findings = Findings(f"{months[max(months)][-1].file}, {series.title}", accepted)
    nothing = [area for area, figures in areas.items() if any(figures.get(month) == 0 for month in months)]
    members = [area for area in nothing if area in catalogue.areas[source.areas].members]
    check_silent_places(areas, members, None, findings, known)
    return findings.listed()


def _without_shorter(faults: Sequence[Fault], longer: Sequence[Fault]) -> Iterator[Fault]:
    """The findings without those on unusual months (V6) of a series on which `longer` has one of more months."""
    told = {fault.message.partition(" is far from ")[0] for fault in longer if fault.code == "V6"}
    yield from (
        fault for fault in faults
        if fault.code != "V6" or fault.message.partition(" is far from ")[0] not in told
    )  # fmt: skip


def _alike(counts: MonthlyCounts) -> MonthlyCounts:
    """The last month and that of the year before, both by area or both as totals."""
    last = max(month for month, _ in counts)
    two: dict[Month, dict[str | None, float]] = {}
    for (month, area), number in counts.items():
        if month in (last - 12, last):
            two.setdefault(month, {})[area] = number
    if any(any(areas) for areas in two.values()) and not all(any(areas) for areas in two.values()):
        return {(month, None): sum(areas.values()) for month, areas in two.items()}
    return _flat(two)


def _flat(months: Mapping[Month, Areas]) -> dict[tuple[Month, str | None], float]:
    """The figures by month and area, without what is UNKNOWN."""
    return {
        (month, area): number for month, areas in months.items() for area, number in areas.items() if not isnan(number)
    }
