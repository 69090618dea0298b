"""Properties of a document that readers are given: its title and language."""

from cpa_xl.insertion import prefix_of, with_typed_part
from cpa_xl.markup import Edit, escape, splice
from cpa_xl.newsheet import DECLARATION
from cpa_xl.package import Package, relationships_part

LANGUAGE = "en-GB"  # of what this package writes, where the document states none
_PART = "docProps/core.xml"
_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_LINK = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_SPACE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DUBLIN = "http://purl.org/dc/elements/1.1/"


def with_properties(package: Package, title: str) -> Package:
    """The document with that title, and with a language where it states none."""
    package = _with_core(package)
    part = next(link.target for link in package.relationships("") if link.is_a("core-properties"))
    root, text = package.root(part), package.text(part)
    language = next((one for one in root.all("language") if one.text.strip()), None)
    stated = {"title": title} | ({} if language is not None else {"language": LANGUAGE})
    edits = [Edit(one.start, one.end, b"") for one in root.children if one.name in stated]
    made = "".join(f'<dc:{name} xmlns:dc="{_DUBLIN}">{_escaped(value)}</dc:{name}>' for name, value in stated.items())
    if text[: root.inner].endswith(b"/>"):  # a document without properties
        name = text[root.start + 1 : root.inner].split()[0].rstrip(b"/>")
        edits.append(Edit(root.inner - 2, root.inner, b">" + made.encode() + b"</" + name + b">"))
    else:
        edits.append(Edit(root.outer, root.outer, made.encode()))
    return package.with_text(part, splice(text, edits))


def _escaped(value: str) -> str:
    return escape(value).decode()


def _with_core(package: Package) -> Package:
    """The package with its part of core properties, made where there is none."""
    if any(link.is_a("core-properties") and link.target in package for link in package.relationships("")):
        return package
    package = with_typed_part(package, _PART, f'{DECLARATION}<cp:coreProperties xmlns:cp="{_SPACE}"/>'.encode(), _TYPE)
    links = relationships_part("")
    root, text = package.root(links), package.text(links)
    used = {link.id for link in package.relationships("")}
    identity = next(name for number in range(1, len(used) + 2) if (name := f"rId{number}") not in used)
    entry = b'<%sRelationship Id="%s" Type="%s" Target="%s"/>' % (
        *(prefix_of(text, root), identity.encode(), _LINK.encode(), _PART.encode()),
    )
    return package.with_text(links, splice(text, [Edit(root.outer, root.outer, entry)]))
