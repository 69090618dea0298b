"""Elements of a page: built as a tree and written by the standard library, so that no text goes out unescaped."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None

# No page may hold them (control characters but for tab and line feed); a cell can, as _x000B_ and the like.
_CONTROLS = {code: None for code in range(32) if code not in (9, 10)}


def tag(name: str, /, *children: Child, **attributes: str) -> Element:
    """An element with its content in order; None is left out.

    Attributes are written as Python can: class_ for class, aria_label for aria-label.
    """
    element = Element(name, {key.rstrip("_").replace("_", "-"): _clean(value) for key, value in attributes.items()})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif child is not None and last is None:
            element.text = (element.text or "") + _clean(child)
        elif child is not None and last is not None:
            last.tail = (last.tail or "") + _clean(child)
    return element


def written(root: Element) -> str:
    """The page as HTML, with its doctype."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def listed(items: Iterable[Child], **attributes: str) -> Element:
    """A list of items."""
    return tag("ul", *(tag("li", item) for item in items), **attributes)


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)
