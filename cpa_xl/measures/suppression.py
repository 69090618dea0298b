"""Suppression: small counts that a published table must not show, and the counts that would reveal them.

A count of 1 to 4 becomes [c]. Readers also know sums (a force total, a rolling year) and can subtract the shown counts
from them. So more counts are hidden, until every small count could have another value. The proof is an alternative: a
set of changes to hidden counts that leaves every known sum as it is. The search finds the alternative that loses least
(Dijkstra's algorithm over the sums that are off).

Alternatives keep small counts between 1 and 4, and the others at 1 or more, so readers who know these rules learn
nothing more. Zeros are shown; they are hidden only if nothing else protects a count.
"""

import heapq
import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

CONFIDENTIAL = "[c]"
SMALLEST, LARGEST = 1, 4  # these counts identify people; zero does not
FEWEST_RESPONDENTS = 30
MOST_TRIED = 20_000  # sets of sums that are off, before the search gives a count up
MOST_OFF = 6  # sums that are off at once: a count is in few sums, and ways over many sums are long
LOSS_OF_ZERO = 1e9  # far above the loss of any count
_STEP = 1e-6  # far below the loss of any count

C = TypeVar("C", bound=Hashable)


def is_small(count: float) -> bool:
    """Whether a count must be suppressed for itself."""
    return SMALLEST <= count <= LARGEST


@dataclass(frozen=True, slots=True)
class Count:
    """A count: whether it is secret, what hiding it loses, and the least and most that it may seem to be."""

    value: float
    secret: bool
    loss: float
    low: float
    high: float = math.inf

    @classmethod
    def of(cls, value: float, loss: float = 0.0) -> "Count":
        """A count that is secret if it is small; hiding it loses the count plus `loss`."""
        if is_small(value):
            return cls(value, secret=True, loss=0.0, low=SMALLEST, high=LARGEST)
        return cls(value, secret=False, loss=loss + (value + 1 if value else LOSS_OF_ZERO), low=min(value, SMALLEST))

    def may_be(self, value: float, *, loose: bool) -> bool:
        """Whether it may seem to have a value; with `loose`, to readers who know only that counts are 0 or more."""
        return value >= 0 if loose else self.low <= value <= self.high


@dataclass(frozen=True)
class Protection(Generic[C]):
    """What to hide, and the proof.

    `hidden` are the counts to hide. Each of `alternatives` is a set of changes that makes another table with the same
    sums. `revealed` are the secret counts without an alternative (or without one within `MOST_TRIED`): the known sums
    reveal them, whatever else is hidden.
    """

    hidden: frozenset[C]
    alternatives: tuple[Mapping[C, int], ...]
    revealed: frozenset[C]

    def together(self) -> tuple[dict[C, int], ...]:
        """The alternatives in as few tables as possible: alternatives that share no count become one."""
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
    """Counts, and the sums that readers know: each adds counts (+1) or subtracts them (-1)."""

    counts: Mapping[C, Count]
    sums: Sequence[Mapping[C, int]]

    @cached_property
    def _apart(self) -> tuple[Mapping[C, int], ...]:
        """Equivalent sums with as few counts in common as possible.

        A year and ten months of it become the ten months and the other two: the search is short if each count is in
        few sums.
        """
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
        """What to hide so that the known sums reveal no secret count."""
        secrets = [cell for cell, count in self.counts.items() if count.secret]
        hidden, revealed = dict.fromkeys(secrets, 0), set[C]()
        found: list[dict[C, int]] = []
        for cell in secrets:
            if hidden[cell]:
                continue
            changes = self._alternative(cell, hidden, loose=False) or self._alternative(cell, hidden, loose=True)
            if changes is None:  # whatever else is hidden
                revealed.add(cell)
                continue
            found.append(changes)
            hidden |= {other: hidden.get(other, 0) + 1 for other in changes}
        return Protection(frozenset(hidden), tuple(found), frozenset(revealed))

    def _alternative(self, start: C, hidden: Mapping[C, int], *, loose: bool) -> dict[C, int] | None:
        """The changes, `start` among them, that keep every sum and lose least; None if there are none."""
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
        """The sums that are off after one more change, each with its amount."""
        amounts = dict(off)
        for number, sign in self._sums_of[cell]:
            amounts[number] = amounts.get(number, 0) + sign * step
        return frozenset((number, amount) for number, amount in amounts.items() if amount)


@dataclass(frozen=True, slots=True)
class _State(Generic[C]):
    """A change after earlier ones, and the sums that are off now."""

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
    """What one search may change, and what each change loses."""

    counts: Mapping[C, Count]
    hidden: Mapping[C, int]  # with the number of alternatives that use each count
    loose: bool

    def loss(self, cell: C) -> float:
        """Next to nothing for a hidden count, so that short ways and counts without an alternative go first."""
        return _STEP * (1 + self.hidden[cell]) if cell in self.hidden else self.counts[cell].loss

    def may_change(self, state: _State[C] | None, cell: C, step: int) -> bool:
        count = self.counts[cell]
        so_far = 0
        while state is not None:
            if state.cell == cell:
                so_far += state.step
            state = state.before
        return math.isfinite(count.loss) and count.may_be(count.value + so_far + step, loose=self.loose)
