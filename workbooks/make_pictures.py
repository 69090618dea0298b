"""Makes the pictures of README and docs from the demo: `python run.py workbooks.make_pictures [NAME ...]`.

Sheets are printed by LibreOffice and cut out by poppler and ImageMagick; the page is taken by Chromium without a
screen. Where a program is missing, it says which. The two pictures of a window of Calc are made by hand: start
`soffice` on a screen of 1340 pixels with the extension installed, and follow their captions.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cpa_xl.cli.main import main as command
from cpa_xl.config.load import load
from cpa_xl.errors import Refusal
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.publish.pdf import make_pdf
from cpa_xl.publish.pipeline import release
from workbooks.make_scorecard import CONFIG, HERE

PROGRAMS = ("pdftoppm", "convert", "chromium")
DPI = "130"
BODY = "100%x95%+0+0"  # of a page, without its footer


@dataclass(frozen=True)
class Print:
    """A sheet of the demo, or of its published copy, on paper: one of its pages, without margins, so many pixels wide."""

    sheet: str
    width: int
    page: int = 1
    height: int = 0  # cut off below; 0: all
    published: bool = False


@dataclass(frozen=True)
class Screen:
    """The page in a window of this size."""

    width: int
    height: int
    dark: bool = False


PICTURES: Mapping[str, Print | Screen] = {
    "scorecard": Print("Scorecard", 1500),
    "trends": Print("Trends", 1320),
    "boroughs": Print("Boroughs", 1400),
    "proposed_targets": Print("Proposed targets", 1400, height=640),
    "cover": Print("Cover", 1100, published=True),
    "page": Screen(1280, 860),
    "page_phone": Screen(500, 860, dark=True),
}


def main(names: Sequence[str] = ()) -> int:
    """Make these pictures, or all, and say where."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    unknown = [name for name in names if name not in PICTURES]
    if missing or unknown:
        known = f"; there are {', '.join(PICTURES)}" if unknown else ""
        sys.stderr.write(f"not found: {', '.join([*missing, *unknown])}{known}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="cpa_xl-") as folder:
        out, catalogue = Path(folder), load(CONFIG)
        command(["demo", "--out", folder], standalone_mode=False)
        book = out / catalogue.workbooks["cpa_scorecard"].file
        copy = release(book, catalogue, out, with_page=True).workbook
        for name in names or PICTURES:
            made, wanted = HERE / f"{name}.png", PICTURES[name]
            if isinstance(wanted, Print):
                take_print(copy if wanted.published else book, wanted, out, made)
            else:
                take_screen(copy.with_suffix(".html"), wanted, made)
            sys.stdout.write(f"made {made}\n")
    return 0


def take_print(book: Path, wanted: Print, out: Path, made: Path) -> None:
    """One page of a sheet."""
    make_pdf(book, out / "sheet.pdf", find_office(), [wanted.sheet])
    page = str(wanted.page)
    run(
        "pdftoppm", "-r", DPI, "-png", "-singlefile", "-f", page, "-l", page, str(out / "sheet.pdf"), str(out / "sheet")
    )
    cut = ["-crop", f"{wanted.width}x{wanted.height}+0+0", "+repage"] if wanted.height else []
    small = ["-resize", f"{wanted.width}x", *cut, "-bordercolor", "white", "-border", "8", "-colors", "64"]
    run("convert", str(out / "sheet.png"), "-crop", BODY, "+repage", "-trim", "+repage", *small, f"PNG8:{made}")


def take_screen(page: Path, wanted: Screen, made: Path) -> None:
    """The page as a browser shows it."""
    dark = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if wanted.dark else []
    size = f"--window-size={wanted.width},{wanted.height}"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", size, *dark, f"--screenshot={made}"]
    run("chromium", *options, page.resolve().as_uri())
    run("convert", str(made), "-colors", "128", f"PNG8:{made}")


def run(program: str, *arguments: str) -> None:
    """Run a program that was found. Raises `Refusal` with its output where it fails."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # found on the path
    if done.returncode:
        raise Refusal(f"{program} failed: {done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
