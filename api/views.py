"""Which template and which queries show a kind of thing. A page for another kind is one row here, its template and its queries."""

from __future__ import annotations

from typing import NamedTuple

from kg import terms

SIDES = ("findings", "allegations", "engagements")


class View(NamedTuple):
    """One kind of page: the class of the thing (by its local name), the template and the page queries it needs."""

    kind: str
    template: str
    queries: tuple[str, ...]


# The first row whose class the thing has is taken, so what is more special stands first.
VIEWS = (
    View("Act", "act.html", (*SIDES, "statements", "contested", "recommended", "promised", "aftermath")),
    View("Event", "event.html", ("acts", "statements", "figures", "aftermath", "recommended")),
    View("Provision", "provision.html", ("bound", *SIDES, "bases", "provisions")),
    View("Recommendation", "recommendation.html", ("responses", "assessments", "followed", "repeated")),
    View("Statement", "statement.html", ("rivals", "contested")),
    View("Engagement", "engagement.html", ("engagement",)),
    View("Document", "document.html", ("passages", "remedies", "decided")),
    View("Passage", "passage.html", ("resting",)),
    View("State", "state.html", ("participations", "attributable", "addressed", *SIDES)),
    View("Instrument", "instrument.html", ("provisions", "participations")),
    View("LawVersion", "instrument.html", ("provisions", "participations")),
)
OTHER = View("", "thing.html", ())


def view_of(classes: set[str]) -> View:
    """Choose the page for a thing with these classes (IRIs)."""
    names = {iri.removeprefix(terms.VOCABULARY) for iri in classes}
    return next((view for view in VIEWS if view.kind in names), OTHER)
