"""Faults of extracts: what is wrong, where, what was there and what would do.

`docs/extracts.md` lists the codes. `Findings` collects the faults of one file. A stop that judges figures may be right
to stop or not: somebody who knows accepts it by name, and it is then a warning that says who did.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cpa_xl.errors import Level, Refusal
from cpa_xl.wording import counted

LISTED = 20  # faults that a refusal prints, and rows with the same fault that are listed one by one
BEGUN = 60  # letters of a message that is named again
EXAMPLES = 5  # rows that are listed if more than LISTED share a fault
ACCEPTABLE = frozenset({"D3", "R1", "R2", "R4", "S1", "V5", "V6", "V7", "V9"})  # they judge figures, and may be wrong
TO_ACCEPT = (
    "What you answer for you can accept: in the workbook's table Accepted, a row with its code, this text, a reason and"
    " your name."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file, or a fact worth knowing about it.

    `row` is the line of the file in an editor (of a workbook: the row of the sheet), `column` the heading, `was` the
    text of the cell, and `remedy` what would do. `text` names a fault that may be accepted: in a row of the table
    Accepted it accepts this fault, with these figures.
    """

    code: str
    level: Level
    file: str
    message: str
    row: int | None = None
    column: str | None = None
    was: str | None = None
    remedy: str = ""
    text: str = ""

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        said = f"{', '.join(place)}: {self.message} ({self.code}).{' ' if self.remedy else ''}{self.remedy}"
        return said if said.isprintable() else "".join(map(_visible, said))


class ExtractsRefused(Refusal):
    """cpa_xl cannot use the extracts, and changes nothing. `faults` holds every fault that stops."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        many = f"{len(self.faults)} faults" if len(self.faults) > 1 else "1 fault"
        lines = [f"The extracts cannot be used ({many}); nothing was changed."]
        lines += [f"  {fault}" for fault in self.faults[:LISTED]]
        if (more := len(self.faults) - LISTED) > 0:
            lines.append(f"  and {counted(more, 'more fault')}")
        if named := [fault for fault in self.faults[:LISTED] if fault.text]:
            lines.append(TO_ACCEPT)
            lines += [f"  {fault.code}, {fault.text}: {_begun(fault.message)}" for fault in named]
        super().__init__("\n".join(lines))


class FileRefused(Refusal):
    """cpa_xl cannot read a file any further; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass
class Findings:
    """The faults of one file, in the order found; of many rows with the same fault, the first few and the number.

    `accepted` gives for the text of a fault who accepted it, and why: such a stop becomes a warning.
    """

    file: str
    accepted: Mapping[str, str] = field(default_factory=dict)
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
        figures: object = "",
    ) -> None:
        """Add one fault of this file; `figures` are what it is about, as far as the message does not say them all."""
        text = ""
        if level is Level.STOP and code in ACCEPTABLE:
            text = _name(code, message, figures)
            if text in self.accepted:
                level, remedy, text = Level.WARN, f"It is {self.accepted[text]}.", ""
        self._faults.append(Fault(code, level, self.file, message, row, column, was, remedy, text))

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


def _visible(letter: str) -> str:
    """A letter that nobody sees, such as a control character or a space of no width, as its code."""
    return letter if letter.isprintable() or letter in "\n\t" else f"<U+{ord(letter):04X}>"


def _begun(message: str) -> str:
    """The first words of a message, by which people know it again."""
    return message if len(message) <= BEGUN else f"{message[:BEGUN].rsplit(' ', 1)[0]} ..."


def _name(code: str, message: str, figures: object) -> str:
    """A short name of a fault: another fault, or the same with other figures, has another."""
    digest = hashlib.sha256(f"{code} {message} {figures!r}".encode()).hexdigest()
    return f"{code}-{digest[:8]}"


def _summary(fault: Fault) -> Fault:
    return replace(fault, row=None, column=None, was=None, remedy="")
