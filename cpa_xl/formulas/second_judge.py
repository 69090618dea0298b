"""The second judge: formulon calculates each formula again, and a value counts only where both engines agree.

It gets the formula's own text, the workbook's tables and names, and resolves references by itself: so a fault of the
resolver shows as a difference too. It takes no Python functions. A call of a cell function reaches it as the value that
the call gave, and the arguments that are formulas themselves are judged one by one.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from cpa_xl.errors import CellError
from cpa_xl.formulas.engine import Call, CallSite, call_sites, shown
from cpa_xl.formulas.graph import CellIndex, CellValue, FormulaBook, Place, cells_in_block
from cpa_xl.formulas.references import (
    CellBlock,
    Formula,
    FormulaTextError,
    Token,
    TokenKind,
    function_name,
    read_tokens,
)
from cpa_xl.formulas.second_engine import Answer, SecondEngine
from cpa_xl.measures.figures import REST_OF_SUBTRACTION, REWORKED, same_figure
from cpa_xl.ooxml.tables import table_bounds
from cpa_xl.workbook.closed import cell_error

_LONGEST_TEXT = 255  # characters of a text inside a formula
_WITH_CRITERIA = frozenset(["COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"])
_ERROR_TEXT = re.compile(r'"[<>=]*#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)"', re.IGNORECASE)
_YEARS_1900 = (0, 1900)
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')  # a text in quotes, and a sign that stands for itself or for a space
_ODD_COMMA = re.compile(r"(?<![#0?,]),|,(?=[#0?]{1,2}(?![#0?]))")
_ELAPSED = re.compile(r"\[(h|m|s)+\](?=.*\1)|(h|m|s)(?=.*\[\2+\])", re.IGNORECASE)  # a unit in brackets and without
_ODD_COLUMN = re.compile(r"(?![#@\[])(?=.*[,:@])[^\[]*\]")  # which the second engine takes for a list or a range
_BRACKETS = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|h{1,2}|m{1,2}|s{1,2})\]", re.IGNORECASE)
_TAKE_RANGES: Mapping[str, Callable[[int], bool]] = {
    **dict.fromkeys(["SUM", "AVERAGE", "MAX", "MIN", "COUNT", "COUNTA", "PRODUCT", "MEDIAN"], lambda _: True),
    **dict.fromkeys(["SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS"], lambda at: at == 0 or at % 2 == 1),
    "COUNTIFS": lambda at: at % 2 == 0,
    **dict.fromkeys(["SUMIF", "COUNTIF", "AVERAGEIF"], lambda at: at != 1),
    **dict.fromkeys(["LARGE", "SMALL", "INDEX"], lambda at: at == 0),
    **dict.fromkeys(["MATCH", "VLOOKUP", "HLOOKUP"], lambda at: at == 1),
    "XLOOKUP": lambda at: at in (1, 2),
    "AGGREGATE": lambda at: at > 1,
}
_LOSE_NAMED_RANGES = frozenset(  # in the second engine: they take a table's column or a name for one value, or none
    ["SUMPRODUCT", "AGGREGATE", "ROW", "ROWS", "COLUMN", "COLUMNS"]
)
_TAKE_ARRAYS = frozenset(["SUMPRODUCT", "LOOKUP", "AGGREGATE", "MMULT"])
_TEXTS = re.compile(r'"(?:[^"]|"")*"')
_FIGURES = re.compile(
    r"(?P<sign>[<>=]*)\s*(?P<day>\d{1,2})(?:[-/]|\.(?=.*\.))(?P<month>\d{1,2})(?:[-/.](?P<year>\d{4}|\d{2}))?(?:\s+\d.*)?"
)
_ODD_FIGURE = re.compile(  # money, commas in odd places, a sign at the end
    r"[<>=]*[-+( ]*(?:[£$€]\s*[-+]?[\d,]+(?:\.\d*)?\s*[)-]?|[\d,]+(?:\.\d*)?\s*[£$€-]"
    r"|(?!\d{1,3}(?:,\d{3})+(?:\.|$))\d+(?:,\d*)+(?:\.\d*)?)\s*"
)
_FIGURES_FORMAT = re.compile(r"[dm]{1,2}[-/.][dm]{1,2}(?:[-/.]y{2,4})?", re.IGNORECASE)
_MONTH_IN_WORDS = re.compile(
    r"[<>=]*(?:m{3,4}[- ]?y{2}(?:yy)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2})",
    re.IGNORECASE,
)
_BY_ORDER = "it reads a date in figures, which means another day where months come first"
_POISONS: tuple[CellValue, ...] = (cell_error("#NULL!"), "\u2620", -8.1e99)  # no workbook shows them
_ONE_TOKEN = frozenset([TokenKind.AREA, TokenKind.NUMBER, TokenKind.TEXT, TokenKind.ERROR])


def worked_out(formula: Formula, own: Collection[str]) -> dict[int, list[int]]:
    """For each call of a cell function in a formula, the arguments that are formulas themselves, by place from 0."""
    return {
        number: [at for at, (start, end) in enumerate(site.arguments) if not _plain(formula.tokens[start:end])]
        for number, site in enumerate(call_sites(formula.tokens, own))
    }


def _plain(tokens: Sequence[Token]) -> bool:
    """Whether an argument is a reference, a constant or nothing."""
    pieces = [token for token in tokens if token.kind is not TokenKind.SPACE]
    if len(pieces) > 1 and pieces[0].text == "-":
        pieces = pieces[1:]
    return not pieces or (len(pieces) == 1 and (pieces[0].kind in _ONE_TOKEN or pieces[0].text in ("TRUE", "FALSE")))


@dataclass(frozen=True)
class Doubt:
    """Why a value does not count, and what each engine gets (as text, "" for nothing)."""

    reason: str
    first: str = ""
    second: str = ""


@dataclass
class _Question:
    """What to ask about one cell: its formula's text (None: nothing to ask), and arguments with their values."""

    text: str | None = None
    arguments: list[tuple[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class SecondJudge:
    """Asks the second engine about values of the first.

    Args:
        book: the workbook.
        own: the names of the cell functions.
        calls: their calls, as the first engine remembers them for the arguments of `worked_out`.
        values: new values of cells.
        rests: after `doubts`, cells where the first engine leaves the rest of a subtraction and the second gets 0.
    """

    book: FormulaBook
    own: Collection[str]
    calls: Mapping[tuple[Place, int], Call]
    values: Mapping[Place, CellValue] = field(default_factory=dict)
    rests: dict[Place, CellValue] = field(default_factory=dict)

    def doubts(self, found: Mapping[Place, list[list[CellValue]]], *, alone: bool = False) -> dict[Place, Doubt]:
        """The formula cells whose values do not count.

        found: what the first engine gets for each, row by row. alone: from what the input cells show; without it
        these formulas also read each other's new values.
        """
        doubts: dict[Place, Doubt] = {}
        questions: dict[Place, _Question] = {}
        for place in found:
            fault = shared_fault(self.book.formulas[place], found[place], self._value) or self._odd_figure(
                place, found[place]
            )
            question = fault or self._question(place)
            if isinstance(question, str):
                doubts[place] = Doubt(question, _rows_shown(found[place]))
            elif question.text is not None or question.arguments:
                questions[place] = question
        if not questions:
            return doubts
        texts = {place: question.text for place, question in questions.items() if question.text is not None}
        arrays = [place for place in texts if works_on_many(self.book.formulas[place])]
        engine = SecondEngine(self.book, {} if alone else texts, self.values, questions, arrays)
        for place, question in questions.items():
            doubt = self._doubt(engine, place, question, found[place])
            if doubt is not None:
                doubts[place] = doubt
        return doubts

    def moved(self, found: Mapping[Place, list[list[CellValue]]], kept: Collection[Place]) -> list[Place]:
        """The formulas that may read a cell of `kept`: they give something else when something else is put there.

        found: their values.
        """
        questions = {place: question for place in found if isinstance(question := self._question(place), _Question)}
        texts = {place: question.text for place, question in questions.items() if question.text is not None}
        cells = [cell for place in kept for cell in cells_in_block(self.book.fills.get(place, _block_of(place)))]
        still = set(texts)
        for poison in _POISONS if texts else ():
            engine = SecondEngine(self.book, {}, {**self.values, **dict.fromkeys(cells, poison)}, texts)
            answers = {place: engine.alone(place, texts[place]) for place in still}
            still = {
                place
                for place, answer in answers.items()
                if not isinstance(answer, str) and _alike(found[place], answer)
            }
        return [place for place in found if place not in still]

    def opinions(self, places: Collection[Place], values: Mapping[Place, CellValue]) -> dict[Place, str]:
        """What the second engine gets for formulas without cell functions, as text; `values` are new ones of cells."""
        asked = {place: self._text(place, self._tokens(place), {}) for place in places if not self._calls_own(place)}
        engine = SecondEngine(self.book, {}, values, asked) if asked else None
        answers = {place: engine.alone(place, text) for place, text in asked.items()} if engine else {}
        return {place: _rows_shown(answer) for place, answer in answers.items() if not isinstance(answer, str)}

    def _value(self, place: Place) -> CellValue:
        return self.values[place] if place in self.values else self.book.value(place)

    def _calls_own(self, place: Place) -> bool:
        return not self.book.formulas[place].functions.isdisjoint(self.own)

    def _cells(self, place: Place, rows: list[list[CellValue]]) -> Iterator[tuple[Place, CellValue]]:
        area = self.book.fills.get(place)
        cells = cells_in_block(area) if area else (place,)
        yield from zip(cells, (value for row in rows for value in row), strict=False)

    def _tokens(self, place: Place) -> Sequence[Token]:
        """The formula's own text, or the resolved one where only that has the calls and references in it."""
        formula = self.book.formulas[place]
        try:
            text = tuple(read_tokens(self.book.texts[place]))
        except FormulaTextError:
            return formula.tokens
        sites = len(call_sites(text, self.own)), len(call_sites(formula.tokens, self.own))
        named = any(token.kind in (TokenKind.TABLE, TokenKind.NAME) for token in text)
        lost = named and (formula.computed or not formula.functions.isdisjoint(_LOSE_NAMED_RANGES))
        return formula.tokens if formula.rewritten or lost or sites[0] != sites[1] else text

    def _question(self, place: Place) -> _Question | str:
        """What to ask about a cell; a text says why nothing can be asked."""
        tokens = self._tokens(place)
        sites = call_sites(tokens, self.own)
        if not sites:
            return _Question(self._text(place, tokens, {}))
        question, written = _Question(), {}
        for number, site in enumerate(sites):
            call = self.calls.get((place, number))
            if call is None:
                written[number] = "NA()"  # the formula did not come so far
                continue
            if not call.steady:
                return "it calls a cell function more than once, with other arguments each time"
            text = _literal(call.result)
            if text is None and (site.start, site.end) != (0, len(tokens) - 1):
                return "what a cell function gives in it cannot be handed to the second calculator"
            written[number] = text or "NA()"
        for number, site in enumerate(sites):
            for at, value in self.calls[place, number].arguments.items() if (place, number) in self.calls else ():
                start, end = site.arguments[at]
                question.arguments.append((self._text(place, tokens[start:end], written, sites, start), value))
        if (sites[0].start, sites[0].end) != (0, len(tokens) - 1):
            question.text = self._text(place, tokens, written, sites)
        return question

    def _text(
        self,
        place: Place,
        tokens: Sequence[Token],
        written: Mapping[int, str],
        sites: Sequence[CallSite] = (),
        start: int = 0,
    ) -> str:
        """The tokens, which begin at `start`, as text for the second engine.

        It knows neither a table's bare name nor a reference without one, and takes a totals row for nothing.
        """
        tables = {name.casefold() for name in self.book.places.tables}
        by_start = {site.start - start: (site.end - start, written[number]) for number, site in enumerate(sites)}
        pieces, at = [], 0
        while at < len(tokens):
            token = tokens[at]
            if at in by_start:
                at, text = by_start[at]
                pieces.append(text)
            elif token.kind is TokenKind.NAME and token.text.casefold() in tables:
                pieces.append(f"{token.text}[#Data]")
            elif token.kind is TokenKind.TABLE:
                pieces.append(self._of_table(place, token.text))
            else:
                pieces.append(token.text)
            at += 1
        return "".join(pieces).strip()

    def _reads_figures(self, place: Place) -> bool:
        """Whether a date in figures, such as 01/02/2009, is in the formula or in a cell that it reads."""
        formula = self.book.formulas[place]
        texts = (token.text[1:-1] for token in formula.tokens if token.kind is TokenKind.TEXT)
        if any(_FIGURES.fullmatch(text) or _FIGURES_FORMAT.fullmatch(text) for text in texts):
            return True
        return any(self._dates_in_text.first_in(area) is not None for area in formula.areas.values())

    def _odd_figure(self, place: Place, rows: Sequence[Sequence[CellValue]]) -> str:
        """Why a value does not count that comes of a text which Excel may take for a number; both engines do not."""
        formula = self.book.formulas[place]
        refused = any(isinstance(value, CellError) and value.code == "#VALUE!" for row in rows for value in row)
        if not refused and formula.functions.isdisjoint(_WITH_CRITERIA):
            return ""
        texts: list[CellValue] = [token.text[1:-1] for token in formula.tokens if token.kind is TokenKind.TEXT]
        texts += [self._value((area.sheet, area.first_row, area.first_col))
                  for area in formula.areas.values() if area.one_cell]  # fmt: skip
        odd = next((text for text in texts if isinstance(text, str) and _ODD_FIGURE.fullmatch(text)), None)
        return "" if odd is None else f"it reads {shown(odd)}, which Excel may take for a number"

    @cached_property
    def _dates_in_text(self) -> CellIndex:
        shown = {(sheet, *at): cell.value for sheet, cells in self.book.sheets.items() for at, cell in cells.items()}
        texts = shown | dict(self.values)
        return CellIndex(place for place, text in texts.items() if isinstance(text, str) and _FIGURES.fullmatch(text))

    @staticmethod
    def _by_order(engine: SecondEngine, place: Place, text: str) -> list[Answer] | None:
        """What a formula gives where days come first: as it is, and with dates that everybody reads alike.

        None where it does not matter whether days or months come first.
        """
        months, days = engine.alone(place, text), engine.alone(place, _in_spanish(text), day_first=True)
        if not isinstance(months, str) and not isinstance(days, str) and _alike(months, days):
            return None
        return [days, engine.alone(place, _year_first(text))]

    def _of_table(self, place: Place, reference: str) -> str:
        """A reference with its table's name; one to a totals row by its cells, one to an odd column in two brackets."""
        named = self._table_around(place) + reference if reference.startswith("[") else reference
        name, _, rest = named.partition("[")
        if _ODD_COLUMN.fullmatch(rest):
            rest = rest.replace("'@", "@")
            return f"{name}[[{rest}]"
        tables = {known.casefold(): table for known, table in self.book.places.tables.items()}
        table = tables.get(name.casefold())
        if table is None or "#totals" not in rest.casefold():
            return named
        found = table_bounds(table, f"[{rest}", place[0], place[1])
        return named if isinstance(found, str) else CellBlock(table.sheet, *found).a1

    def _table_around(self, place: Place) -> str:
        sheet, row, column = place
        for table in self.book.places.tables.values():
            inside = table.first_row <= row <= table.last_row and table.first_col <= column <= table.last_col
            if table.sheet == sheet and inside:
                return table.name
        return ""

    def _doubt(
        self, engine: SecondEngine, place: Place, question: _Question, rows: list[list[CellValue]]
    ) -> Doubt | None:
        for text, value in question.arguments:
            doubt = self._argument_doubt(engine, place, text, value)
            if doubt is not None:
                return doubt
        return None if question.text is None else self._result_doubt(engine, place, question.text, rows)

    def _argument_doubt(self, engine: SecondEngine, place: Place, text: str, value: object) -> Doubt | None:
        answer = engine.alone(place, text)
        given = value if isinstance(value, list) else [[value]]
        if isinstance(answer, str):
            return Doubt(answer, _rows_shown(given))
        if not _alike(given, answer):
            return _differing(_rows_shown(given), _rows_shown(answer), f" for {text}")
        if self._reads_figures(place) and self._by_order(engine, place, text) is not None:
            return Doubt(f"{_BY_ORDER}, in {text}", _rows_shown(given), _rows_shown(answer))
        return None

    def _result_doubt(self, engine: SecondEngine, place: Place, text: str, rows: list[list[CellValue]]) -> Doubt | None:
        if self._reads_figures(place):
            orders = self._by_order(engine, place, text)
            if orders is not None:
                unlike = [other for other in orders if isinstance(other, str) or not _alike(rows, other)]
                return Doubt(_BY_ORDER, _rows_shown(rows), _answer_shown(unlike[0])) if unlike else None
        if month_in_words(self.book.formulas[place].tokens):
            return Doubt(
                "a criterion names a month without its day, which not every Excel reads alike", _rows_shown(rows)
            )
        answer = engine.answer(place, text)
        if isinstance(answer, str):
            return Doubt(answer, _rows_shown(rows))
        if not _alike(rows, answer):
            return _differing(_rows_shown(rows), _rows_shown(answer))
        for (cell, value), other in zip(self._cells(place, rows), (one for row in answer for one in row), strict=False):
            if value and isinstance(other, float) and other == 0:
                self.rests[cell] = 0.0
        return None


def shared_fault(formula: Formula, rows: Sequence[Sequence[CellValue]], value: Callable[[Place], CellValue]) -> str:
    """Why a value does not count although both engines may get it: here both differ from Excel. "" where they do not.

    `value` gives what a cell shows.
    tests/formulas/differences.yaml has the cases.
    """
    look_ups = call_sites(formula.tokens, ["VLOOKUP", "HLOOKUP"])
    codes = {value.code for row in rows for value in row if isinstance(value, CellError)}
    if "#CALC!" in codes:
        return "it gives #CALC! (nothing passes a filter, for example), which older programs do not show"
    if codes & {"#VALUE!", "#REF!"} and any(not _plain_column(formula, site) for site in look_ups):
        return "which error a look-up in an odd column gives is not known well enough"
    tokens = [token for token in formula.tokens if token.kind is not TokenKind.SPACE]
    for token, following in pairwise(tokens):
        if token.text == "DATE(" and following.kind is TokenKind.NUMBER and float(following.text) in _YEARS_1900:
            return "the calculators do not know Excel's 29 February 1900"
    for site in call_sites(formula.tokens, ["MODE", "MODE.SNGL"]):
        if any(end != start + 1 or start not in formula.areas or formula.areas[start].one_cell
               for start, end in site.arguments):  # fmt: skip
            return "MODE of single values is not done as Excel does it"
    if formula.functions & _WITH_CRITERIA and any(_ERROR_TEXT.fullmatch(token.text) for token in tokens):
        return "a criterion that names an error is not done as Excel does it"
    odd = next((form for form in _formats(formula, value) if not plain_format(form)), None)
    return "" if odd is None else f"TEXT with the format {shown(odd)} is not done as Excel does it"


def _plain_column(formula: Formula, site: CallSite) -> bool:
    """Whether a look-up names its column as a whole number above 0."""
    start, end = site.arguments[2] if len(site.arguments) > 2 else (0, 0)
    text = "".join(token.text for token in formula.tokens[start:end]).strip()
    return text.isdigit() and int(text) > 0


def _formats(formula: Formula, value: Callable[[Place], CellValue]) -> Iterator[str]:
    """The formats that a formula gives TEXT, as a text or in a cell."""
    inside: list[str] = []
    before = ""
    for at, token in enumerate(formula.tokens):
        last, before = before, token.text if token.kind is not TokenKind.SPACE else before
        if token.kind is TokenKind.CALL or token.text in ("(", "{"):
            inside.append(token.text)
        elif token.text in (")", "}") and inside:
            inside.pop()
        elif inside and inside[-1] == "TEXT(" and last == ",":
            area = formula.areas.get(at)
            form = value((area.sheet, area.first_row, area.first_col)) if area else None
            if token.kind is TokenKind.TEXT:
                yield token.text[1:-1].replace('""', '"')
            elif isinstance(form, str):
                yield form


def plain_format(form: str) -> bool:
    """Whether both engines do a number format as Excel does: its commas are for thousands, and brackets for colours."""
    bare = _QUOTED.sub("", form)
    if _ODD_COMMA.search(bare) or _ELAPSED.search(bare):
        return False
    rest = _BRACKETS.sub("", bare)
    return rest.isprintable() and "[" not in rest


def works_on_many(formula: Formula) -> bool:
    """Whether the second engine has to be told that a formula works on many values, which Excel does in any formula.

    It has lists such as {1,2}, or functions that take arrays; and each range is in an argument that takes a range.
    """
    if not any(token.text == "{" or token.text[:-1] in _TAKE_ARRAYS for token in formula.tokens):
        return False
    inside: set[int] = set()
    for site in call_sites(formula.tokens, _TAKE_RANGES):
        takes = _TAKE_RANGES[function_name(formula.tokens[site.start].text[:-1])]
        inside |= {start for at, (start, end) in enumerate(site.arguments) if end == start + 1 and takes(at)}
    for site in call_sites(formula.tokens, _TAKE_ARRAYS):
        inside |= set(range(site.start, site.end))
    return all(area.one_cell or at in inside for at, area in formula.areas.items())


def month_in_words(tokens: Sequence[Token]) -> bool:
    """Whether a criterion may be a text such as "Jan-09": a month of 2009, or a ninth of January."""
    for site in call_sites(tokens, _WITH_CRITERIA):
        texts = [token.text[1:-1] for token in tokens[site.start : site.end] if token.kind is TokenKind.TEXT]
        if any(_MONTH_IN_WORDS.fullmatch(text) for text in texts):
            return True
    return False


def _year_first(text: str) -> str:
    """A formula with each date in figures in its texts, and each such format, in the order year, month, day."""

    def turned(match: re.Match[str]) -> str:
        inside = match[0][1:-1]
        if _FIGURES_FORMAT.fullmatch(inside):
            return '"yyyy-mm-dd"'
        date = _FIGURES.fullmatch(inside)
        if date is None or date["year"] is None:
            return match[0]
        return f'"{date["sign"]}{_year(date["year"])}-{int(date["month"]):02}-{int(date["day"]):02}"'

    return _TEXTS.sub(turned, text)


def _in_spanish(text: str) -> str:
    """A formula with formats of dates in figures as a Mexican Excel writes them."""
    return _TEXTS.sub(
        lambda match: match[0].lower().replace("y", "a") if _FIGURES_FORMAT.fullmatch(match[0][1:-1]) else match[0],
        text,
    )


def _answer_shown(answer: Answer) -> str:
    return "" if isinstance(answer, str) else _rows_shown(answer)


def _year(digits: str) -> int:
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < 30 else 1900)


def _block_of(place: Place) -> CellBlock:
    return CellBlock(place[0], place[1], place[2], place[1], place[2])


def _differing(first: str, second: str, where: str = "") -> Doubt:
    return Doubt(f"the calculator gets {first}{where}, and the second one {second}", first, second)


def _rows_shown(rows: Sequence[Sequence[object]]) -> str:
    """The values as a text: one, or the first of many."""
    first = shown(rows[0][0]) if rows and rows[0] else "nothing"
    count = sum(len(row) for row in rows)
    return first if count < 2 else f"{first} and {count - 1:,} more"


def _alike(first: Sequence[Sequence[object]], second: Sequence[Sequence[object]]) -> bool:
    sizes = [[len(row) for row in rows] for rows in (first, second)]
    return sizes[0] == sizes[1] and all(
        _same(one, other)
        for row, others in zip(first, second, strict=True)
        for one, other in zip(row, others, strict=True)
    )


def _same(first: object, second: object) -> bool:
    """Whether two engines come to the same value; a blank is 0 or an empty text to a cell that shows it."""
    if first is None or second is None:
        return (first or second) in (None, 0.0, "") and not isinstance(first or second, bool)
    if isinstance(first, CellError) or isinstance(second, CellError):
        return isinstance(first, CellError) and isinstance(second, CellError) and first.code == second.code
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return same_figure(first, second, REWORKED, rest=REST_OF_SUBTRACTION)
    return type(first) is type(second) and first == second


def _literal(value: object) -> str | None:
    """A value as formulas write it; None for what they cannot write."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(float(value)) if value >= 0 else f"({float(value)!r})"
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT:
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, list | tuple):
        return _array(value)
    return None


def _array(value: list[Any] | tuple[Any, ...]) -> str | None:
    rows = value if all(isinstance(row, list | tuple) for row in value) else [value]
    written = [[_literal(item) for item in row] for row in rows]
    if not written or len({len(row) for row in written}) != 1 or not written[0]:
        return None
    if any(item is None or item.startswith("{") for row in written for item in row):
        return None
    return "{" + ";".join(",".join(str(item).strip("()") for item in row) for row in written) + "}"
