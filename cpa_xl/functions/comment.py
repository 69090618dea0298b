"""Drafts the comment of a measure, in the sentences of the printed scorecard, with computed figures only.

Each kind of fact (`StatedFact`) is one sentence. A measure lists the facts that it wants, or gets those that fit its
unit. A fact whose months are missing is left out; the headline figure itself must be there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cpa_xl.errors import CellError, EmptyDenominator, MissingData
from cpa_xl.functions.measure_table import CountTables, Headed, MeasureResult, MeasureRow
from cpa_xl.measures import outlook, rates
from cpa_xl.measures.figures import FigureStyle, Style, noise
from cpa_xl.measures.outlook import FigureBounds, Prospect
from cpa_xl.measures.periods import NAMES, SHORT, Basis, Month, Period, Series
from cpa_xl.measures.targets import Better, Rule, Unit, shortfall
from cpa_xl.wording import Word, several

# Numbers of quarters are words, so that the comment has no further figures to check.
SMALL = ("none", "one", "two", "three", "four")


class StatedFact(Word):
    """The facts that a comment can state."""

    PROVISIONAL = "provisional"
    QUARTERS = "quarters"
    PREVIOUS = "previous"
    NEEDED = "needed"
    LAST_MONTH = "last_month"
    ACHIEVED = "achieved"
    YEAR_BEFORE = "year_before"
    COMPONENTS = "components"
    NOTES = "notes"


OF_SURVEYS = (StatedFact.PROVISIONAL, StatedFact.QUARTERS, StatedFact.PREVIOUS, StatedFact.COMPONENTS, StatedFact.NOTES)
OF_COUNTS = (
    StatedFact.LAST_MONTH,
    StatedFact.ACHIEVED,
    StatedFact.NEEDED,
    StatedFact.YEAR_BEFORE,
    StatedFact.COMPONENTS,
    StatedFact.NOTES,
)
OF_NUMBERS = (
    StatedFact.PROVISIONAL,
    StatedFact.LAST_MONTH,
    StatedFact.PREVIOUS,
    StatedFact.ACHIEVED,
    StatedFact.COMPONENTS,
    StatedFact.NOTES,
)
OF_OTHERS = (StatedFact.PROVISIONAL, StatedFact.NEEDED, StatedFact.ACHIEVED, StatedFact.COMPONENTS, StatedFact.NOTES)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a measure, or a related figure; with a denominator it is a rate."""

    label: str
    numerator: str
    denominator: str | None

    @classmethod
    def read(cls, text: str) -> "Component":
        """Read from text: the heading of its counts, "detections / offences" for a rate; "label = " may come first."""
        label, named, counted = text.rpartition("=")
        numerator, rated, denominator = (part.strip() for part in counted.partition(" / "))
        shown = label.strip() if named else denominator or numerator
        return cls(shown, numerator, denominator if rated else None)


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a comment says beside its figures; an empty `said` means the facts that fit the unit."""

    said: tuple[StatedFact, ...] = ()
    components: tuple[Component, ...] = ()
    provisional_from: Month | None = None
    provisional_note: str = ""
    proxy_for: str = ""
    exclusions: str = ""

    @classmethod
    def of(cls, table: Headed, row: int) -> "Remarks":
        """Read from the columns Facts, Components, Provisional from, Provisional note, Proxy for and Exclusions.

        Each column may be missing. Facts and Components are lists with ; between. Raises WrongArgument for a fact that
        is not in `StatedFact`, and for a month that `Month.read` refuses.
        """

        def text(heading: str) -> str:
            return str(table.cell(row, heading) or "").strip()

        def several(heading: str) -> list[str]:
            return [piece.strip() for piece in text(heading).split(";") if piece.strip()]

        since = table.cell(row, "Provisional from")
        return cls(
            tuple(StatedFact.read(piece) for piece in several("Facts")),
            tuple(Component.read(piece) for piece in several("Components")),
            None if since is None else Month.read(since),
            text("Provisional note"),
            text("Proxy for"),
            text("Exclusions"),
        )


@dataclass(frozen=True)
class Subject:
    """A measure, its counts and its result, for a comment."""

    measure: MeasureRow
    counts: CountTables
    result: MeasureResult
    remarks: Remarks

    @cached_property
    def series(self) -> Series:
        """The first of its counts."""
        return self.counts.series(self.measure.counted[0])

    @property
    def target(self) -> float | None:
        """The target; None if the measure has no letter."""
        return self.measure.asked.target if self.result.judged else None

    @property
    def last(self) -> Month:
        """The last month of its figure."""
        return self.result.as_of

    @property
    def year(self) -> str:
        """Its financial year, such as 2008/09."""
        return Period.of(self.last, Basis.FY).label

    def figure(self, as_of: Month, basis: Basis) -> float:
        """The measure's figure over another period."""
        return self.measure.figure(self.counts, Period.of(as_of, basis))

    def text(self, value: float) -> str:
        """A figure in the style of the measure's own."""
        return self.measure.printed(value, self.measure.actual_style)

    def misses(self, value: float, target: float) -> bool:
        """Whether a figure misses a target: it is on the wrong side, or equal where the rule asks for more."""
        worse_by, least = shortfall(value, target, self.measure.better), noise(value, target)
        rule = self.measure.asked.rule
        return worse_by >= -least if rule is not None and rule.strict else worse_by > least


def draft(subject: Subject) -> str:
    """The comment, one line of text: every wanted fact for which the counts are there."""
    makers: Mapping[StatedFact, Callable[[Subject], str]] = {
        StatedFact.PROVISIONAL: _provisional,
        StatedFact.QUARTERS: _quarters,
        StatedFact.PREVIOUS: _previous,
        StatedFact.NEEDED: _needed,
        StatedFact.LAST_MONTH: _last_month,
        StatedFact.ACHIEVED: _achieved,
        StatedFact.YEAR_BEFORE: _year_before,
        StatedFact.COMPONENTS: _components,
        StatedFact.NOTES: _notes,
    }
    sentences = []
    for said in subject.remarks.said or _fitting(subject):
        try:
            sentences.append(makers[said](subject))
        except (MissingData, EmptyDenominator):
            continue
    return " ".join(sentence for sentence in sentences if sentence)


def _fitting(subject: Subject) -> Sequence[StatedFact]:
    if subject.series.quarterly:
        return OF_SURVEYS
    if subject.measure.unit is Unit.COUNT:
        return OF_COUNTS
    return OF_OTHERS if subject.measure.unit.fraction else OF_NUMBERS


def _provisional(subject: Subject) -> str:
    since, note = subject.remarks.provisional_from, subject.remarks.provisional_note
    if since is None or since > subject.last:
        return ""
    return f"Data from {since.label} onwards is provisional{f' ({note})' if note else ''}."


def _quarters(subject: Subject) -> str:
    """Each quarter of the financial year, compared with the target."""
    start = Period.of(subject.last, Basis.FY).start
    ends = [start + back for back in (2, 5, 8, 11) if start + back <= subject.last]
    if not ends:
        return ""
    values = [subject.figure(end, Basis.QUARTER) for end in ends]
    pieces = [
        f"{subject.text(value)} [{SHORT[(end - 2).month - 1]} - {SHORT[end.month - 1]}]"
        for value, end in zip(values, ends, strict=True)
    ]
    listed, many = several(pieces), len(values) > 1
    target = subject.target
    missed = 0 if target is None else sum(subject.misses(value, target) for value in values)
    if many and target is not None and missed in (0, len(values)):
        side = "below" if subject.measure.better is Better.HIGHER else "above"
        level = f"been {side} target level" if missed else "met the target"
        return f"Each quarter in {subject.year} has {level}, at {listed}."
    if not many:
        return f"Quarter of {subject.year}: {listed}."
    on_target = f" ({SMALL[len(values) - missed]} of {SMALL[len(values)]} on target)" if target is not None else ""
    least, most = subject.text(min(values)), subject.text(max(values))
    return f"Quarters of {subject.year} range from {least} to {most}{on_target}: {listed}."


def _previous(subject: Subject) -> str:
    """The twelve-month figure compared with that of a month earlier (of a survey: a quarter earlier)."""
    before = subject.last - (3 if subject.series.quarterly else 1)
    if subject.measure.basis is not Basis.RY:
        return ""
    figure = subject.figure(before, Basis.RY)
    difference = subject.result.actual - figure
    if not subject.measure.unit.fraction:
        size = subject.text(abs(difference))
        moved = f"{_way(difference)} {size}" if size != subject.text(0.0) else "unchanged"
    else:
        moved = Style.read("movement_points").text(difference)
    return (
        f"Data for 12 months to {subject.last.label} is {moved} on the year to {before.label} [{subject.text(figure)}]."
    )


def _achieved(subject: Subject) -> str:
    """Rolling year and year to date, both compared with the target."""
    target = subject.target
    if target is None or not subject.measure.unit.any_length:
        return ""
    to_date = subject.figure(subject.last, Basis.YTD)
    year, ytd = subject.misses(subject.figure(subject.last, Basis.RY), target), subject.misses(to_date, target)
    if year == ytd:
        over = f"{'missed' if ytd else 'achieved'} over both the rolling year and the YTD"
    else:
        words = ("missed", "achieved") if year else ("achieved", "missed")
        over = f"{words[0]} over the rolling year but {words[1]} over the YTD"
    return f"Target is being {over} ({Period.of(subject.last, Basis.YTD).label}: {subject.text(to_date)})."


def _needed(subject: Subject) -> str:
    """What the months left of the financial year must bring if the year to date misses the target.

    Or that the target is met already, or out of reach.
    """
    target, ytd = subject.target, Period.of(subject.last, Basis.YTD)
    left = Period.of(subject.last, Basis.FY).end - subject.last
    if target is None or not left or subject.measure.unit not in (Unit.PERCENT, Unit.CHANGE, Unit.COUNT):
        return ""
    required, bounds = _required(subject, target, ytd, left)
    found = outlook.feasible(required, _history(subject), subject.measure.better, bounds)
    months = _months_left(subject.last, left)
    if found.prospect is Prospect.SECURED:
        return f"This target is met for {subject.year} whatever {months} may bring."
    if not subject.misses(subject.figure(subject.last, Basis.YTD), target):
        return ""
    if found.prospect is Prospect.IMPOSSIBLE:
        return f"This target can no longer be met in {subject.year}."
    noun = {Unit.PERCENT: "rate", Unit.CHANGE: "change"}.get(subject.measure.unit, "number")
    past = "quarter" if subject.series.quarterly else "month"
    often = f"at best {_each(subject, found.best, 1)}"
    if found.prospect is Prospect.NEVER_DONE:
        done = f"a {noun} that has not been achieved in any previous {past}, {often}"
    else:
        done = f"a {noun} achieved in {found.times} of {found.months} {past}s, {often}"
    need = _each(subject, required, 0)
    return f"Performance in {months} would now need to be around {need} for this target to be met ({done})."


def _each(subject: Subject, value: float, decimals: int) -> str:
    """The figure of a single month; a rate or change gets `decimals` decimals."""
    if subject.measure.unit is Unit.COUNT:
        return f"{subject.text(value)} a month"
    kind = FigureStyle.PERCENT if subject.measure.unit is Unit.PERCENT else FigureStyle.CHANGE
    return Style(kind, decimals).text(value)


def _required(subject: Subject, target: float, ytd: Period, left: int) -> tuple[float, FigureBounds]:
    """What the months left must reach, and the bounds of what is possible."""
    now, year = subject.series, Period.of(ytd.end - 12, Basis.FY)
    so_far = rates.total(now, ytd)
    if subject.measure.unit is Unit.COUNT:
        return outlook.required_count(so_far, target * 12, left), outlook.COUNTS
    base = rates.total(now, year)
    if subject.measure.unit is Unit.CHANGE:
        base_left = base - rates.total(now, ytd.previous)
        return outlook.required_change(so_far, base, base_left, target), outlook.CHANGES
    whole = subject.counts.series(subject.measure.counted[1])
    before, after = rates.total(whole, ytd.previous), rates.total(whole, ytd)
    if before == 0:
        raise EmptyDenominator(f"{ytd.previous.label} has a total of 0, and nothing can be expected from it")
    expected = (rates.total(whole, year) - before) * after / before
    return outlook.required_rate(so_far, after, expected, target), outlook.SHARES


def _history(subject: Subject) -> list[float]:
    """The figure of each past month that has one (of a survey: each quarter)."""
    basis = Basis.QUARTER if subject.series.quarterly else Basis.MONTH
    found = []
    for month in subject.series.rows:
        if month <= subject.last:
            try:
                found.append(subject.figure(month, basis))
            except CellError:  # a month before the first year, or one with nothing to divide by
                continue
    return found


def _months_left(last: Month, left: int) -> str:
    """The months left, such as "February and March 2009"."""
    first, final = NAMES[(last + 1).month - 1], last + left
    end = f"{NAMES[final.month - 1]} {final.year}"
    if left == 1:
        return end
    start = first if (last + 1).year == final.year else f"{first} {(last + 1).year}"
    return f"{start} {'and' if left == 2 else 'to'} {end}"


def _last_month(subject: Subject) -> str:
    """The last month compared with the month before it."""
    if subject.series.quarterly or subject.measure.unit is Unit.POINTS:
        return ""
    unit, before = subject.measure.unit, subject.last - 1
    counted = unit in (Unit.CHANGE, Unit.COUNT)
    values = [
        rates.total(subject.series, Period.of(month, Basis.MONTH)) if counted else subject.figure(month, Basis.MONTH)
        for month in (before, subject.last)
    ]
    first, then = (Style.read("number").text(value) if counted else subject.text(value) for value in values)
    what = "rate" if unit is Unit.PERCENT else "number" if counted else "figure"
    if first == then:
        return f"The {what} was {then} in both {before.label} and {subject.last.label}."
    verb = "rose" if values[1] > values[0] else "fell"
    return f"The {what} {verb} from {first} in {before.label} to {then} in {subject.last.label}."


def _year_before(subject: Subject) -> str:
    """The figure compared with the monthly average of the previous financial year."""
    if subject.measure.unit is not Unit.COUNT:
        return ""
    before = Period.of(subject.last - 12, Basis.FY)
    average = rates.monthly_average(subject.series, before)
    text, now = subject.text(average), subject.text(subject.result.actual)
    if text == now:
        return f"Unchanged from a monthly average of {text} in {before.label}."
    return f"{_way(subject.result.actual - average).capitalize()} from a monthly average of {text} in {before.label}."


def _way(difference: float) -> str:
    return "up" if difference > 0 else "down"


def _components(subject: Subject) -> str:
    """For each component its change in percent and number, its rate, or its monthly average."""
    period = subject.result.period
    changes, shares, averages = [], [], []
    for part in subject.remarks.components:
        label, counts = small(part.label), subject.counts.series(part.numerator)
        if part.denominator is not None:
            rate = rates.rate(counts, subject.counts.series(part.denominator), period)
            shares.append(f"{label} {Style.read('percent').text(rate)}")
        elif subject.measure.unit is Unit.COUNT:
            averages.append(f"{label} {subject.text(rates.monthly_average(counts, period))}")
        else:
            moved = Style.read("movement").text(rates.change(counts, period))
            volume = Style.read("number").text(abs(rates.change_volume(counts, period)))
            changes.append(f"{label} {moved} ({volume})")
    over = f"over the {period.label}" if period.basis is Basis.RY else f"in {period.label}"
    made = []
    if changes:
        first = several(changes)
        made.append(f"{first[0].upper()}{first[1:]} {over}.")
    for name, pieces in (("Rates", shares), ("Monthly averages", averages)):
        if pieces:
            made.append(f"{name} {over}: {several(pieces)}.")
    return " ".join(made)


def _notes(subject: Subject) -> str:
    made = []
    if subject.measure.asked.rule is Rule.BASELINE_YEAR:
        made.append(f"{subject.year} will create a baseline for future years.")
    if subject.remarks.proxy_for:
        made.append(f"Proxy measure for {small(subject.remarks.proxy_for)}.")
    if subject.remarks.exclusions:
        made.append(f"Excludes {small(subject.remarks.exclusions)}.")
    return " ".join(made)


def small(text: str) -> str:
    """Text for the middle of a sentence: without its capital, unless it begins with an abbreviation."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text
