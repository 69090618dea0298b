"""Faults of extracts: what is wrong, where, what was there and what would do.

`docs/extracts.md` lists the codes. `Findings` collects the faults of one file.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cpa_xl.errors import Level, Refusal
from cpa_xl.wording import counted

LISTED = 20  # faults that a refusal prints, and rows with the same fault that are listed one by one
EXAMPLES = 5  # rows that are listed if more than LISTED share a fault


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file, or a fact worth knowing about it.

    `row` is the line of the file in an editor (of a workbook: the row of the sheet), `column` the heading, `was` the
    text of the cell, and `remedy` what would do.
    """

    code: str
    level: Level
    file: str
    message: str
    row: int | None = None
    column: str | None = None
    was: str | None = None
    remedy: str = ""

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.message} ({self.code}).{' ' if self.remedy else ''}{self.remedy}"


class ExtractsRefused(Refusal):
    """cpa_xl cannot use the extracts, and changes nothing. `faults` holds every fault that stops."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        many = f"{len(self.faults)} faults" if len(self.faults) > 1 else "1 fault"
        lines = [f"The extracts cannot be used ({many}); nothing was changed."]
        lines += [f"  {fault}" for fault in self.faults[:LISTED]]
        if (more := len(self.faults) - LISTED) > 0:
            lines.append(f"  and {counted(more, 'more fault')}")
        super().__init__("\n".join(lines))


class FileRefused(Refusal):
    """cpa_xl cannot read a file any further; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass
class Findings:
    """The faults of one file, in the order found; of many rows with the same fault, the first few and the number."""

    file: str
    _faults: list[Fault] = field(default_factory=list)
    _unlisted: Counter[str] = field(default_factory=Counter)
    _apart: set[str | None] = field(default_factory=set)

    def add(
        self,
        code: str,
        message: str,
        remedy: str = "",
        *,
        level: Level = Level.STOP,
        row: int | None = None,
        column: str | None = None,
        was: str | None = None,
    ) -> None:
        """Add one fault of this file."""
        self._faults.append(Fault(code, level, self.file, message, row, column, was, remedy))

    def add_fault(self, fault: Fault) -> None:
        """Add a fault that another room found."""
        self._faults.append(fault)

    def count_apart(self, column: str) -> None:
        """Count the faults of this column apart from those of others with their code."""
        self._apart.add(column)

    def add_unlisted(self, code: str, rows: int) -> None:
        """Count `rows` more rows with a fault of this code."""
        self._unlisted[code] += rows

    def codes(self) -> frozenset[str]:
        """The codes of the faults that stop the file."""
        return frozenset(fault.code for fault in self._faults if fault.level is Level.STOP)

    def listed(self) -> tuple[Fault, ...]:
        """The faults in the order found; of many rows with one code, the first few and how many more."""
        kinds = [(fault.code, fault.column if fault.column in self._apart else None) for fault in self._faults]
        rows = Counter(kind for kind, fault in zip(kinds, self._faults, strict=True) if fault.row is not None)
        last = {code: (code, column) for code, column in rows}
        totals = rows + Counter({last.get(code, (code, None)): number for code, number in self._unlisted.items()})
        shown: list[Fault] = []
        listed: Counter[tuple[str, str | None]] = Counter()
        for kind, fault in zip(kinds, self._faults, strict=True):
            if fault.row is None or totals[kind] <= LISTED:
                shown.append(fault)
                continue
            listed[kind] += 1
            if listed[kind] <= EXAMPLES:
                shown.append(fault)
            if listed[kind] == min(EXAMPLES, rows[kind]):
                left = totals[kind] - listed[kind]
                shown.append(replace(_summary(fault), message=f"{left:,} more rows have faults of this kind"))
        return tuple(shown)


def _summary(fault: Fault) -> Fault:
    return replace(fault, row=None, column=None, was=None, remedy="")
