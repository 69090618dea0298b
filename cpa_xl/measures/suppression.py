"""Small counts that a published table must not show, and those that would give them away.

A count of 1 to 4 becomes [c]. Readers know sums as well (a force total, a rolling year), and take what is shown from
them; so more counts go, until every small count could be another one: there is an alternative, a set of changes to
hidden counts after which every sum that readers know is what it was. An alternative is the proof that nothing tells a
count, whatever readers work out, and the one that loses least is looked for (Dijkstra over the sums that are off).
Alternatives keep small counts between 1 and 4 and others above nothing, so that readers who know these rules learn no
more; zeros are shown, and hidden only where nothing else can protect.
"""

import heapq
import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

CONFIDENTIAL = "[c]"
SMALLEST, LARGEST = 1, 4  # the counts that identify; zero does not
FEWEST_RESPONDENTS = 30
MOST_TRIED = 20_000  # sets of sums that are off, before a count is given up
MOST_OFF = 6  # sums that are off at once: a count is in few, and ways over many are not the short ones
LOSS_OF_ZERO = 1e9  # beside any count
_STEP = 1e-6  # beside the loss of any count

C = TypeVar("C", bound=Hashable)


def is_small(count: float) -> bool:
    """Whether a count is one to be suppressed for itself."""
    return SMALLEST <= count <= LARGEST


@dataclass(frozen=True, slots=True)
class Count:
    """A count: whether it must not be shown, what hiding it loses, and the values that it may seem to have."""

    value: float
    secret: bool
    loss: float
    low: float
    high: float = math.inf

    @classmethod
    def of(cls, value: float, loss: float = 0.0) -> "Count":
        """One that is secret where it is small; `loss` is added to the count itself, which is what hiding loses."""
        if is_small(value):
            return cls(value, secret=True, loss=0.0, low=SMALLEST, high=LARGEST)
        return cls(value, secret=False, loss=loss + (value + 1 if value else LOSS_OF_ZERO), low=min(value, SMALLEST))

    def may_be(self, value: float, *, loose: bool) -> bool:
        """Whether it may seem to have a value; `loose`: to readers who only know that counts are not below zero."""
        return value >= 0 if loose else self.low <= value <= self.high


@dataclass(frozen=True)
class Protection(Generic[C]):
    """The counts to hide; sets of changes of which each makes another table with the same sums; and those counts
    for which there is none (or none was found: `MOST_TRIED`), as what is known tells them whatever else is hidden."""

    hidden: frozenset[C]
    alternatives: tuple[Mapping[C, int], ...]
    told: frozenset[C]

    def together(self) -> tuple[dict[C, int], ...]:
        """The alternatives in as few tables as will do: those that share no count are one."""
        tables: list[dict[C, int]] = []
        for changes in self.alternatives:
            free = next((table for table in tables if table.keys().isdisjoint(changes)), None)
            if free is None:
                tables.append(dict(changes))
            else:
                free |= changes
        return tuple(tables)


@dataclass(frozen=True)
class Counts(Generic[C]):
    """Counts, and the sums that readers know: each adds counts up, or takes them away (+1, -1)."""

    counts: Mapping[C, Count]
    sums: Sequence[Mapping[C, int]]

    @cached_property
    def _apart(self) -> tuple[Mapping[C, int], ...]:
        """Sums that say the same with as few counts in common as may be: of a year and ten months of it, the ten months
        and the other two. The search is short where a count is in few sums."""
        sums = sorted((dict(terms) for terms in self.sums), key=len)
        holding: dict[C, set[int]] = {}
        for number, terms in enumerate(sums):
            for cell in terms:
                holding.setdefault(cell, set()).add(number)
        for number, terms in enumerate(sums):
            for larger in sorted({other for cell in terms for other in holding[cell] if other > number}):
                rest = {cell: sums[larger].get(cell, 0) - terms.get(cell, 0) for cell in sums[larger] | terms}
                left = {cell: sign for cell, sign in rest.items() if sign}
                if len(left) < len(sums[larger]) and all(abs(sign) == 1 for sign in left.values()):
                    sums[larger] = left
        return tuple(terms for terms in sums if terms)

    @cached_property
    def _sums_of(self) -> Mapping[C, tuple[tuple[int, int], ...]]:
        found: dict[C, list[tuple[int, int]]] = {cell: [] for cell in self.counts}
        for number, terms in enumerate(self._apart):
            for cell, sign in terms.items():
                found[cell].append((number, sign))
        return {cell: tuple(listed) for cell, listed in found.items()}

    def protected(self) -> Protection[C]:
        """What to hide so that no secret count is told."""
        secrets = [cell for cell, count in self.counts.items() if count.secret]
        hidden, told = dict.fromkeys(secrets, 0), set[C]()
        found: list[dict[C, int]] = []
        for cell in secrets:
            if hidden[cell]:
                continue
            changes = self._alternative(cell, hidden, loose=False) or self._alternative(cell, hidden, loose=True)
            if changes is None:  # whatever else is hidden
                told.add(cell)
                continue
            found.append(changes)
            hidden |= {other: hidden.get(other, 0) + 1 for other in changes}
        return Protection(frozenset(hidden), tuple(found), frozenset(told))

    def _alternative(self, start: C, hidden: Mapping[C, int], *, loose: bool) -> dict[C, int] | None:
        """The changes, one of them of `start`, that leave every sum as it was and lose least; None where none do."""
        search, order = _Search(self.counts, hidden, loose), itertools.count()
        queue: list[tuple[float, int, _State[C]]] = []
        for step in (1, -1):
            if search.may_change(None, start, step):
                first = _State(start, step, None, self._off(frozenset(), start, step))
                heapq.heappush(queue, (0.0, next(order), first))
        seen = set[frozenset[tuple[int, int]]]()
        while queue and len(seen) < MOST_TRIED:
            loss, _, state = heapq.heappop(queue)
            if not state.off:
                return dict(state.changes())
            if state.off in seen:
                continue
            seen.add(state.off)
            number, amount = min(state.off)
            for cell, sign in self._apart[number].items():
                step = -sign if amount > 0 else sign
                if cell != start and search.may_change(state, cell, step):
                    off = self._off(state.off, cell, step)
                    if off not in seen and len(off) <= MOST_OFF:
                        more = _State(cell, step, state, off)
                        heapq.heappush(queue, (loss + search.loss(cell), next(order), more))
        return None

    def _off(self, off: frozenset[tuple[int, int]], cell: C, step: int) -> frozenset[tuple[int, int]]:
        """By how much which sums are off after one more change."""
        amounts = dict(off)
        for number, sign in self._sums_of[cell]:
            amounts[number] = amounts.get(number, 0) + sign * step
        return frozenset((number, amount) for number, amount in amounts.items() if amount)


@dataclass(frozen=True, slots=True)
class _State(Generic[C]):
    """A change after others, and the sums that are off now."""

    cell: C
    step: int
    before: "_State[C] | None"
    off: frozenset[tuple[int, int]]

    def changes(self) -> dict[C, int]:
        found: dict[C, int] = {}
        state: _State[C] | None = self
        while state is not None:
            found[state.cell] = found.get(state.cell, 0) + state.step
            state = state.before
        return {cell: change for cell, change in found.items() if change}


@dataclass(frozen=True)
class _Search(Generic[C]):
    """What one search may change, and what that loses."""

    counts: Mapping[C, Count]
    hidden: Mapping[C, int]  # with the number of alternatives that a count has its part in
    loose: bool

    def loss(self, cell: C) -> float:
        """Nothing for what is hidden, but that short ways come first, and counts that have no alternative yet."""
        return _STEP * (1 + self.hidden[cell]) if cell in self.hidden else self.counts[cell].loss

    def may_change(self, state: _State[C] | None, cell: C, step: int) -> bool:
        count = self.counts[cell]
        so_far = 0
        while state is not None:
            if state.cell == cell:
                so_far += state.step
            state = state.before
        return math.isfinite(count.loss) and count.may_be(count.value + so_far + step, loose=self.loose)
