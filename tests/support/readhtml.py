"""Reads a page strictly: every element closed where it was opened, into a tree that tests can ask."""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

VOID = {"meta", "link", "br", "hr", "img", "input"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page")
        self.open = [self.root]
        self.doctype = ""

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        element = SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        last = self.open[-1]
        if len(last):
            last[-1].tail = (last[-1].tail or "") + data
        else:
            last.text = (last.text or "") + data


def read(text: str) -> Element:
    """The <html> element of a page; an AssertionError where the page is not well-formed."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.doctype == "DOCTYPE html"
    assert reader.open == [reader.root], "an element is left open"
    (html,) = reader.root
    return html


def of_class(element: Element, name: str) -> list[Element]:
    """The elements in it with a class."""
    return [one for one in element.iter() if name in one.get("class", "").split()]


def words(element: Element) -> str:
    """The visible text of an element: without text for screen readers only, with single spaces."""
    return " ".join("".join(_seen(element)).split())


def _seen(element: Element) -> list[str]:
    if "unseen" in element.get("class", "").split():
        return []
    parts = [element.text or ""]
    for child in element:
        parts += [*_seen(child), child.tail or ""]
    return parts


def table(html: Element, section: str) -> tuple[list[str], list[list[str]]]:
    """The headings of a section's table, and what is seen in its rows, those of groups left out."""
    (found,) = (one for one in html.iter("section") if one.get("id") == section)
    (made,) = found.iter("table")
    rows = [[words(cell) for cell in row] for row in made.iter("tr") if row.get("class") != "group"]
    return rows[0], rows[1:]
