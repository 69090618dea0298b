"""Finds which files of a folder belong to which source, and opens them.

In: a folder and the sources. Out: each source's files, sheets and members of archives, opened; or faults of the files
themselves (F3, F4, F5).
"""

import re
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from cpa_xl.config.model import Source
from cpa_xl.errors import Level, Refusal
from cpa_xl.extracts.faults import Fault, FileRefused
from cpa_xl.extracts.files.columns import ExtractFile, has_most, recognises
from cpa_xl.extracts.files.database import TableFile
from cpa_xl.extracts.files.readers import TextFile
from cpa_xl.extracts.files.sheets import JSON_LINES, PARQUET, SUFFIXES, JsonLinesFile, ParquetFile, Workbook
from cpa_xl.measures.periods import SHORT, Month

ARCHIVES = (".zip",)
MOST_BYTES = 20 * 1024**3  # an archive that says it holds more is no download of this field
_TEXT = (".csv", ".txt", ".tsv")
_KNOWN = (*_TEXT, *SUFFIXES, *PARQUET, *JSON_LINES)
_WILD = re.compile(r"[*?\[]")
_MONTH_NUMBERS = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?(0[1-9]|1[0-2])(?![-_.]?[0-9])")
_MONTH_NAME = re.compile(rf"(?i)(?<![a-z])({'|'.join(SHORT)})[a-z]*[-_ ]?((?:19|20)[0-9]{{2}})(?![0-9])")


@dataclass(frozen=True)
class Found:
    """A file that may be an extract: where it is, its name as messages give it, and whether it lies deeper down.

    `archive` is the archive that it was taken from.
    """

    path: Path
    name: str
    deeper: bool = False
    archive: str | None = None

    @property
    def suffix(self) -> str:
        """The end of its name, in small letters."""
        return PurePosixPath(self.name).suffix.casefold()


@dataclass
class Folder:
    """A folder of extracts with its sub-folders and archives. Members of archives are unpacked into a folder that goes.

    Use it in a with statement. Raises Refusal if the folder does not exist.
    """

    path: Path
    faults: list[Fault] = field(default_factory=list)

    def __enter__(self) -> "Folder":
        if self.path.is_file():
            raise Refusal(f"{self.path} is a file; name the folder that holds it, {self.path.absolute().parent}")
        if not self.path.is_dir():
            raise Refusal(f"{self.path}: there is no such folder; name the folder that holds the extracts")
        self._unpacked = TemporaryDirectory(prefix="cpa_xl-")
        return self

    def __exit__(self, *_: object) -> None:
        self._unpacked.cleanup()

    def files(self, patterns: Collection[str] | None = None) -> list[Found]:
        """Its files, those of sub-folders and archives last; of archives only members that fit one of `patterns`."""
        found = [Found(path, path.name) for path in sorted(_files_in(self.path))]
        below = sorted(path for folder in self.path.iterdir() if folder.is_dir() for path in _files_below(folder))
        found += [Found(path, path.relative_to(self.path).as_posix(), deeper=True) for path in below]
        archives = [file for file in found if file.suffix in ARCHIVES]
        return [*found, *(member for file in archives for member in self._members(file, patterns))]

    def _members(self, archive: Found, patterns: Collection[str] | None) -> Iterable[Found]:
        try:
            with zipfile.ZipFile(archive.path) as packed:
                members = [
                    one for one in packed.infolist()
                    if not one.is_dir() and _is_extract(one.filename) and _fits_any(one.filename, patterns)
                ]  # fmt: skip
                for inner in packed.namelist():
                    if PurePosixPath(inner).suffix.casefold() in ARCHIVES and _is_extract(inner):
                        message = f"it holds the archive {inner}, which is not read"
                        remedy = "Unpack it into the folder if its files count."
                        self.faults.append(Fault("F3", Level.WARN, archive.name, message, remedy=remedy))
                if (size := sum(one.file_size for one in members)) > MOST_BYTES:
                    message = f"the archive would unpack to {size / 1024**3:,.0f} GB"
                    self._refuse(archive, message, "Unpack the files that are needed into the folder.")
                    return
                for number, one in enumerate(sorted(members, key=lambda one: one.filename)):
                    place = Path(self._unpacked.name) / f"{abs(hash(archive.name))}-{number}"
                    place.mkdir(exist_ok=True)
                    path = place / PurePosixPath(one.filename).name
                    if not path.exists():
                        with packed.open(one) as source, path.open("wb") as target:
                            while chunk := source.read(1 << 20):
                                target.write(chunk)
                    yield Found(path, f"{archive.name}/{one.filename}", True, archive.name)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            self._refuse(archive, f"the archive cannot be read ({error})", "Download it again.")

    def _refuse(self, archive: Found, message: str, remedy: str) -> None:
        self.faults.append(Fault("F4", Level.STOP, archive.name, message, remedy=remedy))


def choose_files(
    sources: Mapping[str, Source], wanted: Collection[str], folder: Folder, *, by_headings: bool = False
) -> tuple[Mapping[str, tuple[ExtractFile, ...]], tuple[Fault, ...]]:
    """The opened files of each wanted source (several for `many`), and the faults of files (F3, F4, F5).

    A file belongs to a source if its name fits; if the names of two sources fit, its headings decide. Files of a source
    of `many` may lie in sub-folders and archives. With `by_headings`, a source without a file by name takes those that
    have its headings.
    """
    tables, faults = _tables({name: sources[name] for name in wanted if sources[name].url is not None}, folder.path)
    wanted = [name for name in wanted if sources[name].url is None]
    patterns = {pattern for name in wanted for pattern in sources[name].patterns}
    paths = [path for path in folder.files(None if by_headings else patterns) if path.suffix not in ARCHIVES]
    claims: dict[str, list[ExtractFile]] = {name: [] for name in wanted}
    for path in paths:
        names = [name for name, source in sources.items() if fits(path, source) and _may_lie(path, source)]
        if not any(name in wanted for name in names):
            continue
        try:
            for name, files in _claim(path, names, sources, faults).items():
                if name in claims:
                    claims[name] += files
        except FileRefused as refused:
            faults.append(refused.fault)
    faults += folder.faults
    if by_headings:
        _claim_by_headings(sources, claims, paths, {fault.file for fault in faults})
    for name, files in claims.items():
        claims[name] = _without_copies(files, faults) if sources[name].many else files
    chosen = {name: tuple(files) for name, files in claims.items() if len(files) == 1 or (files and sources[name].many)}
    faults += [_two_files(sources[name], files) for name, files in claims.items() if files and name not in chosen]
    contested = {fault.file for fault in faults}  # each is named already: nothing to say about its sources
    for name, files in claims.items():
        if (
            not files
            and sources[name].url is None
            and not any(fits(Found(Path(file), file), sources[name]) for file in contested)
        ):
            faults.append(_no_file(name, sources[name], folder.path, [path for path in paths if not path.deeper]))
    return {**chosen, **tables}, tuple(faults)


def _tables(sources: Mapping[str, Source], folder: Path) -> tuple[Mapping[str, tuple[ExtractFile, ...]], list[Fault]]:
    """The rows of the sources that are tables of a database."""
    found: dict[str, tuple[ExtractFile, ...]] = {}
    faults: list[Fault] = []
    for name, source in sources.items():
        try:
            found[name] = (TableFile(source, folder),)
        except FileRefused as refused:
            faults.append(refused.fault)
    return found, faults


def files_that_fit(folder: Folder, patterns: Collection[str]) -> list[Found]:
    """The files of a folder, its sub-folders and archives whose names fit one of the patterns."""
    every = (file for file in folder.files(patterns) if file.suffix not in ARCHIVES)
    return [file for file in every if _fits_any(file.name, patterns)]


def open_file(path: Found, source: Source | None = None) -> list[ExtractFile]:
    """The opened file, or the sheets of a workbook that the source's `sheet` names.

    Raises FileRefused if it cannot be read.
    """
    try:
        if path.suffix in SUFFIXES:
            return [*_sheets(Workbook(path.path, path.name), source)]
        if path.suffix in PARQUET:
            return [ParquetFile(path.path, path.name)]
        if path.suffix in JSON_LINES:
            return [JsonLinesFile(path.path, path.name)]
        return [TextFile(path.path, path.name, source.encoding if source else "auto")]
    except OSError as error:
        message = f"the file cannot be read ({error.strerror or error})"
        raise FileRefused(Fault("F4", Level.STOP, path.name, message, remedy="Close it where it is open.")) from None


def fits(path: Found, source: Source) -> bool:
    """Whether the name of a file fits a source."""
    return _fits_any(path.name, source.patterns)


def month_in_name(name: str) -> Month | None:
    """The last month in a file's name ("recorded_crime_2009-01.csv", "Crime Jan 2009.csv"); None if it has none."""
    numbers = [Month(int(year), int(month)) for year, month in _MONTH_NUMBERS.findall(name)]
    named = [Month(int(year), SHORT.index(month.title()) + 1) for month, year in _MONTH_NAME.findall(name)]
    return max(numbers + named, default=None)


def _files_in(folder: Path) -> list[Path]:
    """The files of a folder that may be extracts."""
    return [path for path in folder.iterdir() if path.is_file() and _is_extract(path.name)]


def _is_extract(name: str) -> bool:
    """Whether a file may be an extract: not hidden, and not what Excel and macOS keep beside a file."""
    path = PurePosixPath(name)
    return not path.name.startswith(("~$", ".")) and "__MACOSX" not in path.parts


def _files_below(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, at any depth; hidden folders are left out."""
    if folder.name.startswith("."):
        return []
    deeper = (path for below in folder.iterdir() if below.is_dir() for path in _files_below(below))
    return [*_files_in(folder), *deeper]


def _may_lie(path: Found, source: Source) -> bool:
    """Only sources of many files are read from sub-folders; an archive in the folder is no sub-folder."""
    return source.many or not path.deeper or (path.archive is not None and "/" not in path.archive)


def _fits_any(name: str, patterns: Collection[str] | None) -> bool:
    plain = PurePosixPath(name).name.casefold()
    return patterns is None or any(fnmatchcase(plain, pattern.casefold()) for pattern in patterns)


def _sheets(workbook: Workbook, source: Source | None) -> Iterable[ExtractFile]:
    """The sheets to be read: by name, by pattern, or the one with the headings.

    A sheet that fits a pattern and has most of the headings is read too, so that what it lacks is said.
    """
    names = workbook.sheets
    wanted = source.sheet if source else "*"
    if wanted is not None and not _WILD.search(wanted):
        if wanted not in names:
            raise workbook.lacks(wanted)
        return [workbook.sheet(wanted)]
    if wanted is None:
        every = [workbook.sheet(name) for name in names]
        with_headings = [sheet for sheet in every if source and recognises(source, sheet)] if len(every) > 1 else []
        if len(with_headings) > 1:
            raise workbook.has_several([sheet.sheet for sheet in with_headings])
        return with_headings or every[:1]
    fitting = [name for name in names if fnmatchcase(name.casefold(), wanted.casefold())]
    if not fitting:
        raise workbook.lacks(wanted)
    sheets = [workbook.sheet(name, alone=len(names) == 1) for name in fitting]
    if source is None:
        return sheets
    return [sheet for sheet in sheets if has_most(source, sheet)] or sheets[:1]


def _claim(
    path: Found, names: Sequence[str], sources: Mapping[str, Source], faults: list[Fault]
) -> Mapping[str, list[ExtractFile]]:
    """The sources of a file; if its name fits several, those whose headings it has."""
    files = {name: open_file(path, sources[name]) for name in names}
    if len(names) == 1:
        return files
    claimed = {name: found for name, found in files.items() if any(recognises(sources[name], file) for file in found)}
    if len(claimed) > 1:
        titles = " and ".join(f"{sources[name].named} ({name})" for name in claimed)
        message = f"two sources take this file: its name and its headings fit {titles}"
        faults.append(Fault("F3", Level.STOP, path.name, message, remedy="Narrow `files` in sources.yaml."))
        return {}
    return claimed or {names[0]: files[names[0]]}


def _claim_by_headings(
    sources: Mapping[str, Source],
    claims: dict[str, list[ExtractFile]],
    paths: Sequence[Found],
    refused: Collection[str],
) -> None:
    """Give each source without a file those that have its headings."""
    for name in [name for name, files in claims.items() if not files]:
        for path in paths:
            if path.suffix in _KNOWN and path.name not in refused and _may_lie(path, sources[name]):
                claims[name] += _with_headings(path, sources[name])


def _with_headings(path: Found, source: Source) -> list[ExtractFile]:
    try:
        return [file for file in open_file(path, source) if recognises(source, file)]
    except FileRefused:
        return []


def _without_copies(files: Sequence[ExtractFile], faults: list[Fault]) -> list[ExtractFile]:
    """The files without those that are another one, byte for byte; each is noted."""
    first: dict[tuple[str, str | None], ExtractFile] = {}
    for file in files:
        key = file.sha256, getattr(file, "sheet", None)
        if key in first:
            message = f"it is {first[key].name} once more, byte for byte; it counts once"
            faults.append(Fault("F3", Level.NOTE, file.name, message))
        first.setdefault(key, file)
    return list(first.values())


def _two_files(source: Source, files: Sequence[ExtractFile]) -> Fault:
    names = " and ".join(file.name for file in files)
    message = f"{len(files)} files fit {source.named} ({source.title}): {names}"
    return Fault("F3", Level.STOP, files[0].name, message, remedy="Leave the one to be read in the folder.")


def _no_file(name: str, source: Source, folder: Path, paths: Sequence[Found]) -> Fault:
    """The fault of a source without a file; the remedy names a file that has its headings, if there is one."""
    message = f"no file fits {source.named} ({source.title})"
    for path in paths:
        if path.suffix in _KNOWN and _with_headings(path, source):
            alike = any(PurePosixPath(pattern).suffix.casefold() in ("", path.suffix) for pattern in source.patterns)
            do = "rename it, or change" if alike else "add its name to"
            remedy = f"{path.name} has its headings: {do} `files` of {name} in sources.yaml."
            return Fault("F3", Level.STOP, folder.name, message, remedy=remedy)
    names = ", ".join(path.name for path in paths[:10]) or "no file"
    return Fault("F3", Level.STOP, folder.name, message, remedy=f"Put it in the folder, which holds {names}.")
