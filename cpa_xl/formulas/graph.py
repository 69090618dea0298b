"""A workbook for a calculation: its cells, its resolved formulas, and which formulas a change reaches.

`Dependencies` follows a change directly and through other formulas; `FormulaBook` holds a workbook's formulas.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from cpa_xl.errors import CellError
from cpa_xl.formulas.references import CellBlock, Formula, Places, Resolver, Token, TokenKind
from cpa_xl.ooxml.a1 import MAX_COLUMN, bounds
from cpa_xl.workbook.closed import Cell, ClosedWorkbook, Table

Place = tuple[str, int, int]
"""A cell: sheet, row, column."""
CellValue = None | bool | float | str | CellError
_ALWAYS_CHANGING = frozenset(["TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY"])
_FINDS_ITS_CELLS = frozenset(["INDIRECT", "OFFSET"])
_OUTSIDE = frozenset(  # they may follow any cell: through a pivot table, a data model, another program
    [
        *("CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER", "CUBESET", "CUBESETCOUNT"),
        *("CUBEVALUE", "GETPIVOTDATA", "PY", "RTD", "STOCKHISTORY", "WEBSERVICE", "COPILOT", "CALL", "REGISTER.ID"),
        *("SQL.REQUEST", "TABLE"),
    ]
)
_MORE_THAN_VALUES = frozenset(  # of cells: formulas, formats, the order of sheets; or the world outside
    [
        *("CELL", "FORMULATEXT", "INFO", "ISFORMULA", "PHONETIC", "SHEET", "SHEETS"),
        *("DETECTLANGUAGE", "EUROCONVERT", "FIELDVALUE", "IMAGE", "TRANSLATE"),
    ]
)
_FUNCTIONS_OF_EXCEL = """
    ABS ACCRINT ACCRINTM ACOS ACOSH ACOT ACOTH ADDRESS AGGREGATE AMORDEGRC AMORLINC ANCHORARRAY AND ARABIC AREAS
    ARRAYTOTEXT ASC ASIN ASINH ATAN ATAN2 ATANH AVEDEV AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS BAHTTEXT BASE BESSELI
    BESSELJ BESSELK BESSELY BETA.DIST BETA.INV BETADIST BETAINV BIN2DEC BIN2HEX BIN2OCT BINOM.DIST BINOM.DIST.RANGE
    BINOM.INV BINOMDIST BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING CEILING.MATH CEILING.PRECISE CELL
    CHAR CHIDIST CHIINV CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHITEST CHOOSE CHOOSECOLS
    CHOOSEROWS CLEAN CODE COLUMN COLUMNS COMBIN COMBINA COMPLEX CONCAT CONCATENATE CONFIDENCE CONFIDENCE.NORM
    CONFIDENCE.T CONVERT COPILOT CORREL COS COSH COT COTH COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COUPDAYBS COUPDAYS
    COUPDAYSNC COUPNCD COUPNUM COUPPCD COVAR COVARIANCE.P COVARIANCE.S CRITBINOM CSC CSCH CUBEKPIMEMBER CUBEMEMBER
    CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT CUBEVALUE CUMIPMT CUMPRINC DATE DATEDIF DATEVALUE
    DAVERAGE DAY DAYS DAYS360 DB DBCS DCOUNT DCOUNTA DDB DEC2BIN DEC2HEX DEC2OCT DECIMAL DEGREES DELTA DETECTLANGUAGE
    DEVSQ DGET DISC DMAX DMIN DOLLAR DOLLARDE DOLLARFR DPRODUCT DROP DSTDEV DSTDEVP DSUM DURATION DVAR DVARP
    ECMA.CEILING EDATE EFFECT ENCODEURL EOMONTH ERF ERF.PRECISE ERFC ERFC.PRECISE ERROR.TYPE EVEN EXACT EXP EXPAND
    EXPON.DIST EXPONDIST F.DIST F.DIST.RT F.INV F.INV.RT F.TEST FACT FACTDOUBLE FALSE FDIST FILTER FILTERXML FIND
    FINDB FINV FISHER FISHERINV FIXED FLOOR FLOOR.MATH FLOOR.PRECISE FORECAST FORECAST.ETS FORECAST.ETS.CONFINT
    FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT FREQUENCY FTEST FV FVSCHEDULE GAMMA
    GAMMA.DIST GAMMA.INV GAMMADIST GAMMAINV GAMMALN GAMMALN.PRECISE GAUSS GCD GEOMEAN GESTEP GETPIVOTDATA GROUPBY
    GROWTH HARMEAN HEX2BIN HEX2DEC HEX2OCT HLOOKUP HOUR HSTACK HYPERLINK HYPGEOM.DIST HYPGEOMDIST IF IFERROR IFNA IFS
    IMABS IMAGE IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMCOSH IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2
    IMPOWER IMPRODUCT IMREAL IMSEC IMSECH IMSIN IMSINH IMSQRT IMSUB IMSUM IMTAN INDEX INDIRECT INFO INT INTERCEPT
    INTRATE IPMT IRR ISBLANK ISERR ISERROR ISEVEN ISFORMULA ISLOGICAL ISNA ISNONTEXT ISNUMBER ISO.CEILING ISODD
    ISOMITTED ISOWEEKNUM ISPMT ISREF ISTEXT JIS KURT LAMBDA LARGE LCM LEFT LEFTB LEN LENB LET LINEST LN LOG LOG10
    LOGEST LOGINV LOGNORM.DIST LOGNORM.INV LOGNORMDIST LOOKUP LOWER MAKEARRAY MAP MATCH MAX MAXA MAXIFS MDETERM
    MDURATION MEDIAN MID MIDB MIN MINA MINIFS MINUTE MINVERSE MIRR MMULT MOD MODE MODE.MULT MODE.SNGL MONTH MROUND
    MULTINOMIAL MUNIT N NA NEGBINOM.DIST NEGBINOMDIST NETWORKDAYS NETWORKDAYS.INTL NOMINAL NORM.DIST NORM.INV
    NORM.S.DIST NORM.S.INV NORMDIST NORMINV NORMSDIST NORMSINV NOT NOW NPER NPV NUMBERVALUE OCT2BIN OCT2DEC OCT2HEX
    ODD ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD OFFSET OR PDURATION PEARSON PERCENTILE PERCENTILE.EXC PERCENTILE.INC
    PERCENTOF PERCENTRANK PERCENTRANK.EXC PERCENTRANK.INC PERMUT PERMUTATIONA PHI PHONETIC PI PIVOTBY PMT POISSON
    POISSON.DIST POWER PPMT PRICE PRICEDISC PRICEMAT PROB PRODUCT PROPER PV PY QUARTILE QUARTILE.EXC QUARTILE.INC
    QUOTIENT RADIANS RAND RANDARRAY RANDBETWEEN RANK RANK.AVG RANK.EQ RATE RECEIVED REDUCE REGEXEXTRACT REGEXREPLACE
    REGEXTEST REPLACE REPLACEB REPT RIGHT RIGHTB ROMAN ROUND ROUNDDOWN ROUNDUP ROW ROWS RRI RSQ RTD SCAN SEARCH
    SEARCHB SEC SECH SECOND SEQUENCE SERIESSUM SHEET SHEETS SIGN SIN SINGLE SINH SKEW SKEW.P SLN SLOPE SMALL SORT
    SORTBY SQRT SQRTPI STANDARDIZE STDEV STDEV.P STDEV.S STDEVA STDEVP STDEVPA STEYX STOCKHISTORY SUBSTITUTE SUBTOTAL
    SUM SUMIF SUMIFS SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 SWITCH SYD T T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T
    T.TEST TAKE TAN TANH TBILLEQ TBILLPRICE TBILLYIELD TDIST TEXT TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TIME
    TIMEVALUE TINV TOCOL TODAY TOROW TRANSLATE TRANSPOSE TREND TRIM TRIMMEAN TRIMRANGE TRUE TRUNC TTEST TYPE UNICHAR
    UNICODE UNIQUE UPPER USDOLLAR VALUE VALUETOTEXT VAR VAR.P VAR.S VARA VARP VARPA VDB VLOOKUP VSTACK WEBSERVICE
    WEEKDAY WEEKNUM WEIBULL WEIBULL.DIST WORKDAY WORKDAY.INTL WRAPCOLS WRAPROWS XIRR XLOOKUP XMATCH XNPV XOR YEAR
    YEARFRAC YIELD YIELDDISC YIELDMAT Z.TEST ZTEST _TRO_ALL _TRO_LEADING _TRO_TRAILING
"""
EXCEL_FUNCTIONS = frozenset(_FUNCTIONS_OF_EXCEL.split())  # any other is a macro's or another add-in's
_PASS_HIDDEN_ROWS = frozenset(["SUBTOTAL", "AGGREGATE"])
_COUNTING = frozenset(["ROW", "ROWS", "COLUMN", "COLUMNS"])
_MOST_NUMBERS = 2_000  # that ROW and COLUMN give, in an array in a formula
_KEPT_AS = "_formulas"  # what a closed workbook keeps its resolved formulas as
MOST_CELLS = 5_000_000  # in one range; a list of as many takes Python about 200 MB


class Dependencies:
    """Which formula cells of a workbook read which cells.

    Args:
        reads: for each formula cell the areas it reads.
        fills: for formula cells that fill more than themselves (array formulas), the area they fill.
    """

    def __init__(self, reads: Mapping[Place, Iterable[CellBlock]], fills: Mapping[Place, CellBlock]) -> None:
        self._fills = fills
        self._readers: dict[CellBlock, list[Place]] = defaultdict(list)
        for place, areas in reads.items():
            for area in set(areas):
                self._readers[area].append(place)

    def reached(self, changed: Iterable[Place]) -> dict[Place, Place]:
        """The formula cells that a change reaches, each with the changed cell that reaches it.

        A changed cell is among them only when it reads a changed cell (itself, in a circle).
        """
        reached: dict[Place, Place] = {}
        waiting = _Waiting(self._readers)
        queue: deque[tuple[Place, Place]] = deque()

        def hit(area: CellBlock, origin: Place) -> None:
            for reader in self._readers[area]:
                if reader not in reached:
                    reached[reader] = origin
                    queue.append((reader, origin))

        for area, origin in waiting.meeting(CellIndex(self._all_cells(changed))):
            hit(area, origin)
        while queue:
            place, origin = queue.popleft()
            for cell in self._all_cells([place]):
                for area in waiting.holding(cell):
                    hit(area, origin)
        return reached

    def _all_cells(self, places: Iterable[Place]) -> Iterator[Place]:
        for place in places:
            area = self._fills.get(place)
            if area is None:
                yield place
            else:
                yield from cells_in_block(area)


class CellIndex:
    """Cells by column, to find fast whether an area holds one of them."""

    def __init__(self, places: Iterable[Place]) -> None:
        rows: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for sheet, row, col in places:
            rows[sheet][col].append(row)
        for columns in rows.values():
            for found in columns.values():
                found.sort()
        self._rows = rows

    def first_in(self, area: CellBlock) -> Place | None:
        """A cell of the index that the area holds."""
        columns = self._rows.get(area.sheet, {})
        asked = range(area.first_col, area.last_col + 1)
        for col in asked if len(asked) < len(columns) else [col for col in columns if col in asked]:
            rows = columns.get(col, [])
            at = bisect_left(rows, area.first_row)
            if at < len(rows) and rows[at] <= area.last_row:
                return area.sheet, rows[at], col
        return None


class _Waiting:
    """Areas that no change has reached yet; each comes out once."""

    def __init__(self, areas: Iterable[CellBlock]) -> None:
        self._cells: dict[Place, CellBlock] = {}
        self._blocks: dict[str, list[CellBlock]] = defaultdict(list)
        for area in sorted(areas, key=_first_row):
            if area.one_cell:
                self._cells[area.sheet, area.first_row, area.first_col] = area
            else:
                self._blocks[area.sheet].append(area)

    def meeting(self, index: CellIndex) -> list[tuple[CellBlock, Place]]:
        """The waiting areas that hold a cell of the index, each with such a cell."""
        waiting = [*self._cells.values(), *(area for blocks in self._blocks.values() for area in blocks)]
        met = [(area, cell) for area in waiting if (cell := index.first_in(area)) is not None]
        gone = {area for area, _ in met}
        self._cells = {cell: area for cell, area in self._cells.items() if area not in gone}
        for sheet, blocks in self._blocks.items():
            self._blocks[sheet] = [area for area in blocks if area not in gone]
        return met

    def holding(self, cell: Place) -> list[CellBlock]:
        """The waiting areas that hold the cell."""
        sheet, row, _ = cell
        single = self._cells.pop(cell, None)
        blocks = self._blocks.get(sheet, [])
        above = blocks[: bisect_left(blocks, row + 1, key=_first_row)]
        held = [area for area in above if area.holds(*cell)]
        if held:
            self._blocks[sheet] = [area for area in above if area not in held] + blocks[len(above) :]
        return held if single is None else [single, *held]


class CalculableWorkbook(Places, Protocol):
    """What a calculation needs of a workbook."""

    @property
    def date1904(self) -> bool: ...
    def hidden_rows(self, sheet: str) -> Collection[int]: ...
    def cells(self, sheet: str) -> Mapping[tuple[int, int], Cell]: ...


@dataclass(frozen=True)
class WorkbookView:
    """A workbook as a calculation sees it; what differs is overridden."""

    workbook: CalculableWorkbook

    @property
    def sheet_names(self) -> tuple[str, ...]:
        return self.workbook.sheet_names

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.workbook.tables

    @property
    def names(self) -> Mapping[str, str]:
        return self.workbook.names

    @property
    def own_names(self) -> Mapping[tuple[str, str], str]:
        return self.workbook.own_names

    @property
    def date1904(self) -> bool:
        return self.workbook.date1904

    def hidden_rows(self, sheet: str) -> Collection[int]:
        return self.workbook.hidden_rows(sheet)

    def cells(self, sheet: str) -> Mapping[tuple[int, int], Cell]:
        return self.workbook.cells(sheet)


@dataclass(frozen=True)
class _Read:
    """The formulas of a workbook: those that fill areas, their texts, and resolved."""

    fills: dict[Place, CellBlock]
    texts: dict[Place, str]
    formulas: dict[Place, Formula]


def _read(workbook: CalculableWorkbook, sheets: Mapping[str, Mapping[tuple[int, int], Cell]]) -> _Read:
    """The formulas of these sheets. Those of a closed workbook, which never changes, are read once and kept with it."""
    known = vars(workbook).get(_KEPT_AS) if isinstance(workbook, ClosedWorkbook) else None
    if isinstance(known, _Read):
        return known
    fills = {
        (sheet, *at): CellBlock(sheet, *bounds(cell.array))
        for sheet, cells in sheets.items()
        for at, cell in cells.items()
        if cell.formula is not None and cell.array is not None
    }
    resolver = Resolver(workbook, fills)
    read = _Read(fills, {}, {})
    for sheet, cells in sheets.items():
        for (row, col), cell in cells.items():
            if cell.formula is not None:
                read.texts[sheet, row, col] = cell.formula
                read.formulas[sheet, row, col] = counted(resolver.resolve(cell.formula, sheet, row, col))
    if isinstance(workbook, ClosedWorkbook):
        vars(workbook)[_KEPT_AS] = read
    return read


class FormulaBook:
    """A workbook with its formulas resolved. Reads all its cells at once, and raises as reading them does.

    `added` names the functions that a spreadsheet has only with our add-in.
    """

    def __init__(self, workbook: CalculableWorkbook, added: Collection[str] = ()) -> None:
        self.places = workbook
        self._hidden_rows: dict[str, Collection[int]] = {}
        self.added = frozenset(added)
        self._able = (EXCEL_FUNCTIONS | self.added) - _OUTSIDE - _MORE_THAN_VALUES
        self.date1904 = workbook.date1904
        self.sheets = {sheet: workbook.cells(sheet) for sheet in workbook.sheet_names}
        read = _read(workbook, self.sheets)
        self.fills, self.texts = read.fills, read.texts
        self.formulas = {place: self._limited(formula) for place, formula in read.formulas.items()}

    def _limited(self, formula: Formula) -> Formula:
        """The formula with a doubt where it calls what the calculators cannot do, whatever they seem to get."""
        if formula.functions <= self._able:
            return formula
        unknown = formula.functions - self.added - EXCEL_FUNCTIONS - _OUTSIDE - _MORE_THAN_VALUES
        beyond = formula.functions & (_OUTSIDE | _MORE_THAN_VALUES)
        why = [f"the calculators do not know {name}" for name in sorted(unknown)]
        why += [f"{name} looks at more than the values of cells" for name in sorted(beyond)]
        # As in Excel, a macro's function changes with the cells that it is given; without any, at any time.
        computed = formula.computed or bool(unknown and not formula.areas) or bool(beyond & _OUTSIDE)
        return replace(formula, doubts=(*formula.doubts, *why), computed=computed)

    def strange(self, formula: Formula) -> list[str]:
        """Its functions that no calculator has: of macros, of other add-ins, of what is outside the workbook."""
        return sorted(formula.functions - self.added - (EXCEL_FUNCTIONS - _OUTSIDE))

    @cached_property
    def filled(self) -> frozenset[Place]:
        """Cells whose value comes from an array formula in another cell."""
        return frozenset(cell for place, area in self.fills.items() for cell in cells_in_block(area) if cell != place)

    @cached_property
    def dependencies(self) -> Dependencies:
        reads = {place: formula.areas.values() for place, formula in self.formulas.items()}
        return Dependencies(reads, self.fills)

    @cached_property
    def untouched(self) -> bool:
        """Whether no formula was ever calculated: libraries that write workbooks leave 0, "" or nothing as results."""
        left = ((type(None), None), (str, ""), (float, 0.0))
        shown = (self.value(place) for place in self.formulas)
        return all((type(value), value) in left for value in shown)

    @cached_property
    def kin(self) -> Mapping[tuple[str, int, str], list[Place]]:
        """Formula cells that show a value, by sheet, column and kinship."""
        found: dict[tuple[str, int, str], list[Place]] = defaultdict(list)
        for place, formula in self.formulas.items():
            if self.shows(place):
                found[place[0], place[2], formula.kinship].append(place)
        return found

    @cached_property
    def _ends(self) -> Mapping[str, tuple[int, int]]:
        """By sheet, the last row and the last column with a cell."""
        return {
            sheet: (max((row for row, _ in cells), default=0), max((col for _, col in cells), default=0))
            for sheet, cells in self.sheets.items()
        }

    @cached_property
    def _columns(self) -> Mapping[str, frozenset[int]]:
        """By sheet, the columns with a cell."""
        return {sheet: frozenset(col for _, col in cells) for sheet, cells in self.sheets.items()}

    def reads_too_much(self, formula: Formula) -> bool:
        """Whether a range (whole columns, a stray cell at the end) has too many cells for the engine."""
        for area in formula.areas.values():
            rows, columns = area.size
            last_row, last_col = self._ends[area.sheet]
            if min(rows, last_row) * min(columns, last_col) > MOST_CELLS:
                return True
        return False

    def reads_hidden_rows(self, formula: Formula) -> str:
        """The function that leaves hidden rows out and reads some; "" where there is none."""
        for name in sorted(formula.functions & _PASS_HIDDEN_ROWS):
            for area in formula.areas.values():
                hidden = self._hidden(area.sheet)
                if any(area.first_row <= row <= area.last_row for row in hidden):
                    return name
        return ""

    def _hidden(self, sheet: str) -> Collection[int]:
        if sheet not in self._hidden_rows:
            self._hidden_rows[sheet] = self.places.hidden_rows(sheet)
        return self._hidden_rows[sheet]

    def cell(self, place: Place) -> Cell | None:
        return self.sheets.get(place[0], {}).get(place[1:])

    def value(self, place: Place) -> CellValue:
        cell = self.cell(place)
        return None if cell is None else cell.value

    @cached_property
    def nameless(self) -> frozenset[Place]:
        """Cells that show #NAME? because a spreadsheet without the add-in recalculated them or their input cells."""
        showing = {place for place in self.formulas if _is_nameless(self.value(place))}
        calling = {place for place in showing if self.formulas[place].functions & self.added}
        return frozenset(calling | (showing & self.dependencies.reached(calling).keys()))

    def shows(self, place: Place) -> bool:
        """Whether a formula cell has a value to compare with; "" may mean that it was never calculated."""
        return not self.untouched and self.value(place) not in (None, "") and place not in self.nameless

    def block(self, place: Place) -> list[list[CellValue]]:
        """The values of a formula cell: its own, and those of the cells that it fills."""
        area = self.fills.get(place)
        if area is None:
            return [[self.value(place)]]
        columns = range(area.first_col, area.last_col + 1)
        return [
            [self.value((area.sheet, row, col)) for col in columns] for row in range(area.first_row, area.last_row + 1)
        ]

    def columns_read(self, places: Iterable[Place]) -> dict[str, set[int]]:
        """By sheet, the columns that formulas read; the engine needs no others."""
        formulas = [self.formulas[place] for place in places]
        anything = any(has_dynamic_references(formula) for formula in formulas)
        spans: dict[str, set[tuple[int, int]]] = {
            sheet: {(1, MAX_COLUMN)} if anything else set() for sheet in self.sheets
        }
        for formula in formulas:
            for area in formula.areas.values():
                spans[area.sheet].add((area.first_col, area.last_col))
        return {
            sheet: {col for col in self._columns[sheet] if any(first <= col <= last for first, last in found)}
            for sheet, found in spans.items()
            if found
        }


def counted(formula: Formula) -> Formula:
    """The formula with numbers for ROWS(B$1:B2), COLUMN(C5) and their like, which read no cell's value."""
    if formula.functions.isdisjoint(_COUNTING):
        return formula
    tokens, areas = formula.tokens, formula.areas
    out: list[Token] = []
    kept: dict[int, CellBlock] = {}
    at = 0
    while at < len(tokens):
        area = areas.get(at + 1)
        closed = at + 2 < len(tokens) and tokens[at + 2].text == ")"
        number = _count(tokens[at].text, area) if closed and area is not None else None
        if number is None:
            if at in areas:
                kept[len(out)] = areas[at]
            out.append(tokens[at])
            at += 1
        else:
            out.append(Token(TokenKind.NUMBER, number))
            at += 3
    return replace(formula, tokens=tuple(out), areas=kept)


def _count(call: str, area: CellBlock) -> str | None:
    """The number that a call gives for an area, or the numbers as an array."""
    rows, columns = area.size
    match call:
        case "ROWS(":
            return str(rows)
        case "COLUMNS(":
            return str(columns)
        case "ROW(" if rows <= _MOST_NUMBERS:
            found = ";".join(str(row) for row in range(area.first_row, area.last_row + 1))
        case "COLUMN(" if columns <= _MOST_NUMBERS:
            found = ",".join(str(col) for col in range(area.first_col, area.last_col + 1))
        case _:
            return None
    return found if found.isdigit() else f"{{{found}}}"


def restless(formula: Formula) -> str:
    """Why a formula's value may change although no cell has changed; "" where it cannot."""
    changing = sorted(formula.functions & _ALWAYS_CHANGING)
    return f"{', '.join(changing)} gives another value each time" if changing else ""


def has_dynamic_references(formula: Formula) -> bool:
    """Whether a formula finds the cells that it reads only while it is calculated."""
    return formula.computed or bool(formula.functions & _FINDS_ITS_CELLS)


def cells_in_block(area: CellBlock) -> Iterator[Place]:
    """Every cell of an area."""
    for row in range(area.first_row, area.last_row + 1):
        for col in range(area.first_col, area.last_col + 1):
            yield area.sheet, row, col


def _first_row(area: CellBlock) -> int:
    return area.first_row


def _is_nameless(value: CellValue) -> bool:
    return isinstance(value, CellError) and value.code == "#NAME?"
