"""Pages: the texts of queries/pages/, the templates, and what a template can call.

Text from the data is escaped, and only http and https addresses become links. A page links to this site by path; it names
itself by its permanent IRI.
"""

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from api.http.negotiate import PARAMETER, Visit
from api.render import assets, untranslated
from kg import catalogue, picture, png, rows, terms
from kg.answer import citation, permalink
from kg.answer.names import Label
from kg.answer.opened import OpenRelease
from kg.catalogue import Things
from kg.languages import DEFAULT, LANGUAGES, Language, speak
from kg.quotations import open_at
from kg.release import Release
from kg.rows import Row
from kg.symbols import address_of
from kg.terms import Iri, Term
from kg.wording import Listing, Wording

Pairs = Iterable[tuple[Iri, Iri]]

PLAIN = {
    "rdf:type": "kind",
    "skos:prefLabel": "name",
    "skos:altLabel": "also called",
    "skos:exactMatch": "the same as",
    "skos:definition": "definition",
}
AGES = "ages"  # the query of the foot of every page
# What the forms for a new issue call the subject and the body of a message, by a part of their address: GitLab, then GitHub and Forgejo.
ISSUE_FORMS = {"/-/issues/new": ("issue[title]", "issue[description]"), "/issues/new": ("title", "body")}
NAMES = tuple(terms.PREFIXES["skos"] + name for name in ("prefLabel", "altLabel"))


class Page:
    """One page of one release; `prefix` stands before its paths: the path of the site, and the release if one is pinned.

    Its links name the language where the address of the page does.
    """

    term, full_iri, short_iri = staticmethod(terms.term), staticmethod(terms.full_iri), staticmethod(terms.short_iri)
    languages = LANGUAGES
    citations = tuple(citation.FORMS.values())

    def __init__(
        self,
        opened: OpenRelease,
        prefix: str,
        labels: Mapping[str, Label],
        visit: Visit = Visit(),
        retell: Callable[[str], rows.Cell | None] = lambda text: None,
    ) -> None:
        self.opened = opened
        self.visit = visit
        self.language = visit.language
        self.release = opened.id
        self.prefix = prefix
        self.root = prefix.removesuffix(f"/release/{opened.id}")
        self.labels, self.retell = labels, retell
        self.named: dict[str, None] = {}  # what the page has named so far, in order: its words are explained at its end

    def at(self, path: str, **values: Any) -> str:
        """Write the address of a path of this site with parameters, in the same release and language as the page."""
        root = self.root if path.startswith(("/release/", "/static/")) else self.prefix
        address = quote(root + path, safe="/#?&=%:-_.~+,;@!$'()*")
        if self.visit.is_chosen and not path.startswith("/static/"):
            values[PARAMETER] = self.language.code
        return add_query(address, query_string(values))

    def whole(self, path: str, **values: Any) -> str:
        """Write the whole address of a path of this site with parameters, for those who open it elsewhere."""
        return self.opened.base + self.at(path, **values).removeprefix(self.root).lstrip("/")

    def is_at(self, *starts: str) -> bool:
        """Say whether the address of this page is one of these paths or lies beneath one."""
        here = self.visit.here.partition("?")[0].removeprefix(self.prefix)
        return any(here == start or here.startswith(f"{start}/") for start in starts)

    @property
    def ages(self) -> list[Row] | None:
        """How old the records are; None before a page of the release asked for it."""
        return self.opened.once.stored(("rows", AGES))

    def report(self, about: Any) -> str:
        """Write the address to report an error at: a message about this page, or /contact, which shows it, where the server names no address."""
        contact = self.opened.contact
        if not contact:
            of = f"/{self.short_iri(about.canonical)}" if about else self.visit.here.removeprefix(self.prefix)
            return self.at("/contact", of=of)
        texts = self.message(*(about.title, about.canonical) if about else (self.visit.here,) * 2)
        if not contact.startswith(("http://", "https://")):
            contact = f"mailto:{quote(contact, safe='@')}"
        names = next((names for end, names in ISSUE_FORMS.items() if end in contact), ("subject", "body"))
        return add_query(contact, urlencode(dict(zip(names, texts, strict=True)), quote_via=quote))

    def message(self, title: str, address: str) -> tuple[str, str]:
        """Write the subject and the body of a report about the page at an address, for somebody to fill in."""
        _ = self.language.gettext
        pinned = citation.pin(address, self.release)
        facts = {
            _("Page:"): address,
            _("Release:"): self.release,
            _("Language:"): self.languages[self.language.code],
            _("Permanent address:"): pinned if pinned != address else "",  # a page that is not there has none
        }
        lines = [f"{name} {value}" for name, value in facts.items() if value]
        lines += ["", _("What is wrong:"), "", "", _("What it should say, and which source says so:"), ""]
        return _("Error in Answerable: %(title)s") % {"title": _(title)}, "\r\n".join(lines)

    def path(self, iri: str, **values: Any) -> str | None:
        """Write the address at which a thing is shown here, with parameters; None for what is not ours."""
        path = terms.path_of(iri)
        return path and self.at("/doc" + path.removeprefix("/id") if path.startswith("/id/") else path, **values)

    def name(self, iri: str) -> str:
        """Name a thing: its label, else the last part of its IRI."""
        self.named[iri] = None
        label = self.labels.get(iri)
        return label.spell(self.language) if label and label.name else terms.shorten(iri).removeprefix(terms.BASE)

    def short(self, iri: str) -> str:
        """Name a thing by its short name where it has one."""
        label = self.labels.get(iri)
        return label.short if label and label.short else self.name(iri)

    def link(self, iri: str, text: str | None = None, css: str = "") -> Markup:
        """Link a thing by its name, or by `text`; what is not an address on the web is shown as text."""
        name = self.name(iri) if text is None else text
        address, rel = self.path(iri), ""
        if address is None:
            if not iri.startswith(("http://", "https://")):
                return escape(name)
            address, rel = iri, ' rel="external"'
        start = f'<a class="{css}"' if css else "<a"
        return Markup(f'{start} href="{escape(address)}"{rel}{self.spoken(iri, name)}>{escape(name)}</a>')

    def spoken(self, iri: str, text: str) -> Markup:
        """Write the attribute `lang` of a name that is in another language than the page."""
        if isinstance(text, rows.Cell) and text.language:  # a text that stands for the name
            return self.lang(text.language)
        label = self.labels.get(iri)
        return self.lang(label.language if label is not None and text == label.name else "")

    def tongue(self, cell: rows.Cell | None) -> Markup:
        """Write the attribute `lang` of a text that is in another language than the page."""
        return self.lang(getattr(cell, "language", ""))

    def lang(self, code: str) -> Markup:
        """Write the attribute `lang` of a text in this language, where the page is in another; nothing for no language."""
        return Markup("") if code in ("", self.language.code) else Markup(' lang="{}"').format(code)

    def links(self, iris: Iterable[str]) -> Markup:
        """Link several things, divided by commas."""
        return Markup(", ".join(self.link(iri) for iri in iris))

    def names(self, iris: Iterable[str]) -> str:
        """Name several things, divided by commas."""
        return ", ".join(self.name(iri) for iri in iris)

    def cite(self, passages: Iterable[str] | str | None) -> Markup:
        """Link the passages in which a fact is written."""
        passages = [passages] if isinstance(passages, str) else passages or ()
        return Markup(" ".join(self.link(iri, css="cite") for iri in passages))

    def by_name(self, table: Iterable[Row], *columns: str) -> list[Row]:
        """Sort rows by the names of the things in some columns."""
        return sorted(table, key=lambda row: [self.name(row[column]) for column in columns])

    def value(self, cell: rows.Cell) -> Markup:
        """Show one value: an IRI as a link, a date at its precision, anything else as text."""
        if cell.is_iri:
            return self.link(cell)
        if not cell.datatype and cell.language in ("", DEFAULT):
            cell = self.retell(cell) or cell
        if cell.datatype.endswith("#anyURI") and cell.startswith(("http://", "https://")):
            return Markup('<a href="{}" rel="external">{}</a>').format(cell, cell)
        if cell.datatype.endswith(("#date", "#gYearMonth", "#gYear")):
            return escape(self.language.day(cell))
        if cell.datatype.endswith(("#integer", "#decimal")):
            return escape(self.language.amount(cell))
        if lang := self.tongue(cell):
            return Markup("<span{}>{}</span>").format(lang, cell)
        return escape(self.language.translate(cell))

    def term_value(self, term: Mapping[str, str]) -> Markup:
        """Show a value in the form of SPARQL's JSON results; a boolean as yes or no."""
        if isinstance(term["value"], Wording | Listing):
            return escape(self.language.translate(term["value"]))
        cell = rows.make_cell(term)
        if cell.datatype.endswith("#boolean"):
            _ = self.language.gettext
            return escape(_("yes") if cell.is_true else _("no"))
        return self.value(cell)

    def label(self, iri: str) -> str:
        """Name a property: by its label where it is ours, else by prefix and name."""
        short = terms.shorten(iri)
        return self.name(iri) if iri.startswith(terms.BASE) else PLAIN.get(short, short)


def put(query: str, variables: str, terms_of_rows: Iterable[Iterable[Term]]) -> str:
    """Put rows into a query where it leaves room for them: an empty VALUES of these variables."""
    written = " ".join(f"({' '.join(map(terms.write, row))})" for row in terms_of_rows)
    return query.replace(f"VALUES ({variables}) {{}}", f"VALUES ({variables}) {{ {written} }}")


def describe(source: Release, path: str, topic: str, suffix: str) -> Things:
    """Describe the RDF document at a path, in the format of a suffix: its topic, its source and when it was made.

    It has an IRI of its own: that of the page, or with its suffix where page and thing share one. A release never changes, so
    what is made of it is as old as the release.
    """
    own = terms.BASE + path.lstrip("/")
    facts: dict[str, Term] = {
        "rdf:type": catalogue.iri("foaf:Document"),
        "foaf:primaryTopic": Iri(topic),
        "void:inDataset": Iri(catalogue.DATASET),
        "prov:wasDerivedFrom": Iri(terms.RELEASE + source.id),
        "prov:generatedAtTime": catalogue.typed(source.manifest["created"], "dateTime"),
        "dcterms:license": Iri(terms.LICENCE),
        "dcterms:publisher": Iri(catalogue.PUBLISHER),
    }
    return {own if own != topic else f"{own}.{suffix}": facts}


def other_names(facts: Iterable[Row], code: str = DEFAULT) -> list[rows.Cell]:
    """List what else a thing is called, each name once: in other languages than the page, or in another spelling."""
    named = [(row["property"], row["value"]) for row in facts if row["property"] in NAMES]
    names = [name for property, name in named if property == NAMES[0]]
    by_tongue = rows.by(({"name": name, "tongue": name.language.partition("-t-")[0]} for name in names), "tongue")
    shown = {str(row["name"]) for row in by_tongue[code] or by_tongue[DEFAULT]}
    return [*{str(name): name for _, name in named if str(name) not in shown}.values()]


def narrowest(classes: Iterable[str], above: Container[tuple[str, str]]) -> list[str]:
    """List those of our classes, each once, that are above none of the others; `above` are pairs of a class and one above it."""
    ours = [*dict.fromkeys(iri for iri in classes if iri.startswith(terms.VOCABULARY))]
    return [iri for iri in ours if not any((other, iri) in above for other in ours)]


def brief(text: str) -> str:
    """Cut the details from the subject of a provision, so that it can follow the provision's name: "ICCPR 6, the right to life"."""
    start = re.split("[;:.]", text, maxsplit=1)[0].strip()
    return start[:1].lower() + start[1:] if not start[1:2].isupper() else start


def query_string(values: Mapping[str, Any]) -> str:
    """Write parameters for an address, leaving out what is empty."""
    return urlencode({name: value for name, value in values.items() if value not in (None, "")}, safe="/:")


def add_query(address: str, query: str) -> str:
    """Put parameters into an address, behind those that it has and before its fragment."""
    address, mark, part = address.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{query}{mark}{part}" if query else f"{address}{mark}{part}"


def sentence(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


class _Codes(FileSystemBytecodeCache):
    """The code of the templates, one for all languages; it is kept beside them where that is possible, as Python keeps its own."""

    def __init__(self) -> None:
        folder = assets.TEMPLATES / "__pycache__"
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
        made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
        super().__init__(str(folder), f"%s-{made_by}.cache")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def environment(language: Language = speak(DEFAULT)) -> Environment:
    """Make the template environment of a language: text is escaped, and an undefined name is an error."""
    templates = Environment(
        loader=FileSystemLoader(assets.TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a template that changes under a running server would not fit its code
        bytecode_cache=_Codes(),
        optimized=False,  # what a filter makes of a constant is not the same in all languages
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        *(address_of, brief, citation.pin, permalink.of_answer, other_names, sentence, terms.local_name),
        *(rows.by, rows.by_amount, rows.by_number, rows.gather, rows.in_order, rows.in_time, rows.spread),
        *(rows.natural_join, rows.total, rows.without_parts),
    )
    templates.filters |= {function.__name__: function for function in filters}
    templates.filters |= {
        "when": language.when,
        "size": language.size,
        "footnotes": citation.write_footnotes,
        "open_at": open_at,
        "inflect": language.inflect,
    }
    templates.filters["amount"] = lambda number: language.amount(str(number))
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_callables(*untranslated.marking(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    templates.globals.update(
        when=language.when,
        licence=terms.LICENCE,
        services=catalogue.SERVICES,
        about_data=catalogue.ABOUT,
        style=assets.path("style.css"),
        suggest=assets.path("suggest.js"),
        copy=assets.path("copy.js"),
        query_string=query_string,
        add_query=add_query,
    )
    return templates


def fill(template: str, *, page: Page, **context: Any) -> bytes:
    """Fill a template in the language of its page."""
    text = environment(page.language).get_template(template).render(page=page, **context)
    return untranslated.show(text).encode()


def warm() -> None:
    """Make ready what all pages need, in all languages, so that no reader waits for it."""
    for code in LANGUAGES:
        templates = environment(speak(code))
        for name in templates.list_templates(["html", "xml", "svg"]):
            templates.get_template(name)


@cache
def code_tag() -> str:
    """Fingerprint the code and the templates; it is part of every ETag, since new code gives new pages of an old release."""
    digest = hashlib.sha256()
    suffixes = (".html", ".xml", ".txt", ".ttl", ".svg", ".json", ".css", ".js", ".py", ".jinja", ".toml")
    files = (path for folder in (assets.API, Path(picture.__file__).parent) for path in folder.rglob("*"))
    for path in (Path(png.__file__), *sorted(path for path in files if path.suffix in suffixes)):
        if "node_modules" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
