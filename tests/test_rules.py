"""The link rules on invented acts in the law of the frozen graph: what they derive, and above all what they must not.

Each test adds a few lines to the ontology and to the treaties, States, organs and engagement bases of tests/world/, and asks what follows.
Arland (xar) has been a party to CC since 25 September 1998 and to LC since 24 April 2000; Boria (xbo) is none to RC, Cadria (xca) only signed LC.
"""

import functools

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store
from tests import frozen

HEAD = f"""
@prefix ans: <{terms.VOCABULARY}> .
@prefix skos: <{terms.PREFIXES["skos"]}> .
@prefix xsd: <{terms.PREFIXES["xsd"]}> .
@base <{terms.BASE}> .
"""
LAW = ("treaties", "participation", "states", "organs", "bodies", "engagement")
OWL_RULES = inputs.read_queries(PROJECT, "rules/owl")
LINK_RULES = inputs.read_queries(PROJECT, "rules/links")


@functools.cache
def law():
    """Read the files of the law once, as (name, bytes)."""
    folders = {"ontology": PROJECT / "ontology", **{f"data/{name}": frozen.DATA / name for name in LAW}}
    return [
        (f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        for name, folder in folders.items()
        for path in sorted(folder.rglob("*.ttl"))
    ]


def derive(text):
    """Return a function that asks the law together with `text` which pairs a SELECT of two variables finds."""
    store = Store.memory()
    for name, data in [*law(), ("data/test.ttl", (HEAD + text).encode())]:
        store.load(data, format="ttl", graph=terms.graph_of(name), source=name)
    store.copy_named_into_default()
    inference.link(store, LINK_RULES, inference.Reasoning(store, OWL_RULES))

    def ask(where):
        query = f"PREFIX ans: <{terms.VOCABULARY}> BASE <{terms.BASE}> SELECT ?x ?y WHERE {{ {where} }}"
        return {tuple("" if term is None else short(term) for term in row) for row in store.query(query)}

    return ask


def short(term):
    """Write a term as a test would: an IRI of ours without its base, a literal by its text."""
    return term.value.removeprefix(terms.ID).removeprefix(terms.SCHEME)


def act(key="deed", kind="Removal", when='ans:date "2011-06"^^xsd:gYearMonth ;', by="organ/xar-government", more=""):
    """Write an act."""
    return f"""
    <id/act/{key}> a ans:{kind} ; skos:prefLabel "{key}"@en ; {when} ans:hasPerpetrator <id/{by}> {more} .
    """


def engaged(text, name="deed"):
    """Return the provisions of treaties that an act engages, with the State whose duty it is."""
    where = f"<id/act/{name}> ans:engages ?o . ?o ans:binds ?x ; ans:arisesFrom ?y"
    return {
        (state.removeprefix("state/"), provision.removeprefix("provision/")) for state, provision in derive(text)(where)
    }


def test_a_name_in_another_language_gives_no_second_name_to_what_is_derived():
    ask = derive(act(more='; skos:prefLabel "деяние"@ru'))
    label = f"<{terms.PREFIXES['skos']}prefLabel>"
    duties = ask(f"<id/act/deed> ans:engages ?o . ?o {label} ?x ; ans:binds ?y")
    assert "Duty of Arland under CC 3 since 1998-09-25" in {name for name, _ in duties}
    assert all(name.startswith("Duty of Arland ") for name, _ in duties)
    names = ask(f"?y ans:characterises <id/act/deed> ; {label} ?x")
    assert {"deed"} == {name.partition(":")[0] for name, _ in names}


# Dates


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ('"2011-06"^^xsd:gYearMonth', "2011-06-01", "2011-06-30"),
        ('"2012-02"^^xsd:gYearMonth', "2012-02-01", "2012-02-29"),
        ('"1900-02"^^xsd:gYearMonth', "1900-02-01", "1900-02-28"),
        ('"2000-02"^^xsd:gYearMonth', "2000-02-01", "2000-02-29"),
        ('"2009"^^xsd:gYear', "2009-01-01", "2009-12-31"),
        ('"2011-12-16"^^xsd:date', "2011-12-16", "2011-12-16"),
    ],
)
def test_a_date_means_every_day_it_covers(date, first, last):
    ask = derive(act(when=f"ans:date {date} ;"))
    assert {(first, last)} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


def test_a_period_without_an_end_stays_open():
    ask = derive(act(when='ans:startDate "2010"^^xsd:gYear ;'))
    assert {("2010-01-01", "")} == ask("<id/act/deed> ans:beginsOn ?x OPTIONAL { <id/act/deed> ans:endsOn ?y }")


def test_an_act_without_a_date_took_place_when_its_event_did():
    event = '<id/event/e> a ans:Event ; ans:date "2011-06"^^xsd:gYearMonth .'
    ask = derive(event + act(when="ans:isPartOf <id/event/e> ;"))
    assert {("2011-06-01", "2011-06-30")} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


def test_the_nearest_event_dates_an_act():
    events = """<id/event/e> a ans:Event ; ans:date "2011-06"^^xsd:gYearMonth ; ans:isPartOf <id/event/whole> .
    <id/event/whole> a ans:Event ; ans:date "2011"^^xsd:gYear ."""
    ask = derive(events + act(when="ans:isPartOf <id/event/e> ;"))
    assert {("2011-06-01", "2011-06-30")} == ask("<id/act/deed> ans:beginsOn ?x ; ans:endsOn ?y")


# Wholes and parts


def test_a_part_of_a_part_is_a_direct_part_of_what_is_nearest_alone():
    ask = derive("""<id/event/whole> a ans:Event . <id/event/e> a ans:Event ; ans:isPartOf <id/event/whole> .
    <id/act/inner> a ans:Killing ; ans:isPartOf <id/act/outer> . <id/act/outer> a ans:UseOfForce ; ans:isPartOf <id/event/e> .""")
    parts = {("event/e", "event/whole"), ("act/outer", "event/e"), ("act/inner", "act/outer")}
    own = "FILTER (?x IN (<id/event/e>, <id/act/outer>, <id/act/inner>))"
    assert parts == ask(f"?x ans:isDirectPartOf ?y {own}")
    assert ("act/inner", "event/whole") in ask(f"?x ans:isPartOf ?y {own}")


def test_a_part_that_its_source_gives_of_both_the_event_and_the_whole_is_a_direct_part_of_the_event_alone():
    ask = derive("""<id/event/whole> a ans:Event . <id/event/e> a ans:Event ; ans:isPartOf <id/event/whole> .
    <id/act/deed> a ans:Killing ; ans:isPartOf <id/event/whole> , <id/event/e> .""")
    assert {("act/deed", "event/e")} == ask("?x ans:isDirectPartOf ?y FILTER (?x = <id/act/deed>)")


def test_a_passage_and_a_document_have_no_direct_parts():
    ask = derive("<id/document/d> a ans:Document . <id/passage/p> a ans:Passage ; ans:isPartOf <id/document/d> .")
    assert set() == ask("?x ans:isDirectPartOf ?y FILTER (?x = <id/passage/p>)")


# Obligations


def bound(state, provision, text=""):
    """Return since when a State bears the duty of a provision, and until when."""
    where = f"?o a ans:Obligation ; ans:binds <id/state/{state}> ; ans:arisesFrom <id/provision/{provision}> ; ans:beginsOn ?x OPTIONAL {{ ?o ans:endsOn ?y }}"
    return derive(text)(where)


def test_a_party_bears_the_duties_of_a_treaty_since_its_entry_into_force():
    assert {("1998-09-25", "")} == bound("xar", "cc-3")
    assert {("2000-04-24", "")} == bound("xar", "lc-7")
    assert {("1995-12-28", "")} == bound("xbo", "lc-7")


def test_a_signature_alone_binds_nobody():
    assert set() == bound("xca", "lc-7")


def test_a_state_that_is_no_party_bears_no_duty():
    assert set() == bound("xbo", "rc-33")


def test_an_optional_provision_binds_from_the_declaration_on_and_nobody_who_made_none():
    assert {("2008-02-21", "")} == bound("xar", "cc-22")
    assert set() == bound("xbo", "cc-22")
    assert set() == bound("xes", "cc-22")


def test_a_provision_that_bears_no_duty_gives_none():
    assert set() == bound("xar", "cc-1")
    assert set() == bound("xar", "cc-27")


def test_declarations_and_soft_law_give_none():
    where = "?x ans:arisesFrom ?y . ?y ans:isProvisionOf ?i . { ?i a ans:Declaration } UNION { ?i a ans:SoftLaw }"
    assert set() == derive("")(where)


TREATY = """
<id/treaty/t> a ans:Treaty ; ans:inForceFrom "1980-01-01"^^xsd:date .
<id/provision/t-1> a ans:Provision ; ans:isProvisionOf <id/treaty/t> ; ans:bearsDuty true ; ans:shortName "T 1" .
<id/provision/t-1-2> a ans:Provision ; ans:isProvisionOf <id/treaty/t> ; ans:isPartOf <id/provision/t-1> ; ans:bearsDuty true ; ans:shortName "T 1(2)" .
<id/participation/xar-t> a ans:Participation ; ans:isParticipationOf <id/state/xar> ; ans:isParticipationIn <id/treaty/t> ;
    ans:inForceFrom "1990-01-01"^^xsd:date .
<id/basis/b> a ans:EngagementBasis ; ans:coversActClass ans:Removal ; ans:concernsRight <scheme/right/non-refoulement> ; ans:pointsTo <id/provision/t-1> .
"""


def test_a_reservation_that_excludes_an_article_excludes_its_paragraphs():
    reserved = "<id/participation/xar-t> ans:hasReservation <id/reservation/r> . <id/reservation/r> a ans:Reservation ; ans:excludes <id/provision/t-1> ."
    assert {("1990-01-01", "")} == bound("xar", "t-1-2", TREATY)
    assert set() == bound("xar", "t-1", TREATY + reserved)
    assert set() == bound("xar", "t-1-2", TREATY + reserved)


def test_a_reservation_that_only_modifies_leaves_the_obligation():
    reserved = "<id/participation/xar-t> ans:hasReservation <id/reservation/r> . <id/reservation/r> a ans:Reservation ; ans:modifies <id/provision/t-1> ."
    assert {("1990-01-01", "")} == bound("xar", "t-1", TREATY + reserved)


def carried(what, reserved):
    """Return which obligations of Arland, or engagements of them, carry which reservation of one that names T 1."""
    text = (
        TREATY
        + f"""<id/participation/xar-t> ans:hasReservation <id/reservation/r> .
    <id/reservation/r> a ans:Reservation ; ans:{reserved} <id/provision/t-1> ."""
    )
    found = derive(text + act())(f"?x a ans:{what} ; ans:carriesReservation ?y")
    return {(one.partition("/")[2], other) for one, other in found if other == "reservation/r"}


def test_an_obligation_carries_a_reservation_that_narrows_its_provision_and_so_do_its_paragraphs():
    named = {("xar-t-1-1990-01-01", "reservation/r"), ("xar-t-1-2-1990-01-01", "reservation/r")}
    assert named == carried("Obligation", "modifies")
    assert set() == carried("Obligation", "excludes")


def test_an_engagement_carries_the_reservation_of_its_obligation():
    assert {("deed--xar-t-1-1990-01-01", "reservation/r")} == carried("Engagement", "modifies")
    assert set() == carried("Engagement", "excludes")


LAW_OF_ITS_OWN = """
<id/law/l> a ans:NationalLaw ; ans:isLawOf <id/state/xar> .
<id/law-version/l-1> a ans:LawVersion ; ans:isVersionOf <id/law/l> ; ans:inForceFrom "2011-01"^^xsd:gYearMonth .
<id/provision/l-1-1> a ans:Provision ; ans:isProvisionOf <id/law-version/l-1> ; ans:bearsDuty true ; ans:shortName "L 1" .
<id/law/d> a ans:DraftLaw ; ans:isLawOf <id/state/xar> .
<id/provision/d-1> a ans:Provision ; ans:isProvisionOf <id/law/d> ; ans:bearsDuty true ; ans:shortName "D 1" .
"""


def told(state, provision, text=""):
    """Return what an obligation tells of its beginning: from when it may bind, from when for certain, and as printed."""
    where = f"?o a ans:Obligation ; ans:binds <id/state/{state}> ; ans:arisesFrom <id/provision/{provision}>"
    ask = derive(text)
    ways = ("beginsOn", "certainFrom", "inForceFrom", "endsOn", "certainUntil", "inForceUntil")
    found = {way: {y for _, y in ask(f"{where} ; ans:{way} ?y BIND (?o AS ?x)")} for way in ways}
    return {way: values.pop() for way, values in found.items() if len(values) == 1}


def test_a_law_whose_day_is_unknown_binds_possibly_from_the_first_day_of_its_month_and_for_certain_from_the_last():
    assert {"beginsOn": "2011-01-01", "certainFrom": "2011-01-31", "inForceFrom": "2011-01"} == told(
        "xar", "l-1-1", LAW_OF_ITS_OWN
    )


def test_a_law_known_by_its_year_alone_tells_the_year_and_binds_for_certain_from_its_last_day():
    vague = LAW_OF_ITS_OWN.replace('"2011-01"^^xsd:gYearMonth', '"1995"^^xsd:gYear')
    assert {"beginsOn": "1995-01-01", "certainFrom": "1995-12-31", "inForceFrom": "1995"} == told("xar", "l-1-1", vague)


def test_a_repealed_law_of_unknown_day_binds_for_certain_until_the_first_day_it_may_have_ended_and_possibly_to_the_last():
    repeal = '<id/law-version/l-1> ans:inForceUntil "2014-02"^^xsd:gYearMonth .'
    found = told("xar", "l-1-1", LAW_OF_ITS_OWN + repeal)
    ends = {"endsOn": "2014-02-28", "certainUntil": "2014-02-01", "inForceUntil": "2014-02"}
    assert ends == {way: found[way] for way in ends}
    assert "2011-01-31" == found["certainFrom"]


def test_an_obligation_whose_days_are_known_tells_them_and_nothing_vague():
    days = TREATY + '<id/participation/xar-t> ans:inForceUntil "2000-12-31"^^xsd:date .'
    assert {"beginsOn": "1990-01-01", "endsOn": "2000-12-31"} == told("xar", "t-1", days)
    assert {"beginsOn": "1998-09-25"} == told("xar", "cc-3")


def test_a_party_whose_day_is_vague_is_bound_possibly_from_the_first_day_and_for_certain_from_the_last():
    vague = TREATY.replace('"1990-01-01"^^xsd:date', '"1990"^^xsd:gYear')
    assert {"beginsOn": "1990-01-01", "certainFrom": "1990-12-31", "inForceFrom": "1990"} == told("xar", "t-1", vague)


def test_a_declaration_of_vague_day_binds_for_certain_from_its_last_day_and_never_before_the_treaty_does():
    clause = (
        TREATY
        + """<id/provision/t-1> ans:isOptional true . <id/participation/xar-t> ans:hasOptionalDeclaration <id/declaration/d> .
    <id/declaration/d> a ans:OptionalDeclaration ; ans:accepts <id/provision/t-1> ; ans:date "WHEN"^^xsd:gYear ."""
    )
    assert {"beginsOn": "1992-01-01", "certainFrom": "1992-12-31", "inForceFrom": "1992"} == told(
        "xar", "t-1", clause.replace("WHEN", "1992")
    )
    assert {"beginsOn": "1990-01-01"} == told("xar", "t-1", clause.replace("WHEN", "1985"))


def test_a_draft_law_binds_nobody():
    assert set() == bound("xar", "d-1", LAW_OF_ITS_OWN)


# Engagements


def test_an_act_engages_the_duties_in_force_for_the_state_whose_organ_did_it():
    found = engaged(act())
    assert {("xar", "cc-3"), ("xar", "lc-7"), ("xar", "rc-33")} <= found
    assert {"xar"} == {state for state, _ in found}


def test_a_group_that_acts_for_an_organ_engages_its_state():
    group = "<id/group/g> a ans:PersonGroup ; ans:actsFor <id/organ/xar-police> ."
    assert ("xar", "cc-3") in engaged(group + act(by="group/g"))


def test_an_act_before_entry_into_force_engages_nothing_of_that_treaty():
    found = engaged(act(when='ans:date "1999"^^xsd:gYear ;'))
    assert ("xar", "cc-3") in found
    assert {provision for _, provision in found if provision.startswith("lc")} == set()


def test_an_act_on_the_day_before_engages_nothing_and_on_the_day_itself_does():
    before, on = (engaged(act(when=f'ans:date "2000-04-{day}"^^xsd:date ;')) for day in (23, 24))
    assert ("xar", "lc-7") not in before
    assert ("xar", "lc-7") in on


def fit(when):
    """Return the temporal fits of a forced return with LC 7, which bound Arland since 24 April 2000."""
    where = "?x ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/lc-7> ; ans:hasTemporalFit ?y"
    return {y for _, y in derive(act(when=when))(where)}


def test_an_act_dated_by_the_year_of_entry_into_force_fits_only_possibly():
    assert {"temporal-fit/possible"} == fit('ans:date "2000"^^xsd:gYear ;')
    assert {"temporal-fit/certain"} == fit('ans:date "2001"^^xsd:gYear ;')


def test_an_open_period_that_began_before_fits_only_possibly():
    assert {"temporal-fit/possible"} == fit('ans:startDate "1999"^^xsd:gYear ;')
    assert {"temporal-fit/certain"} == fit('ans:startDate "2010"^^xsd:gYear ;')


LAW_BASIS = """<id/basis/l> a ans:EngagementBasis ; ans:coversActClass ans:Removal ;
    ans:concernsRight <scheme/right/non-refoulement> ; ans:pointsTo <id/provision/l-1-1> ."""


def fits(when, law="", more=""):
    """Return the temporal fits of a removal with L 1, in force at some day of January 2011."""
    text = LAW_OF_ITS_OWN + LAW_BASIS + law + act(when=when, more=more)
    where = "?x ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/l-1-1> ; ans:hasTemporalFit ?y"
    return {y.removeprefix("temporal-fit/") for _, y in derive(text)(where)}


def test_an_act_in_the_days_on_which_a_law_only_may_have_bound_fits_possibly():
    assert set() == fits('ans:date "2010-12-31"^^xsd:date ;')
    assert {"possible"} == fits('ans:date "2011-01-01"^^xsd:date ;')
    assert {"possible"} == fits('ans:date "2011-01-30"^^xsd:date ;')
    assert {"certain"} == fits('ans:date "2011-01-31"^^xsd:date ;')


def test_an_act_in_the_days_on_which_a_law_may_have_ended_fits_possibly():
    repeal = '<id/law-version/l-1> ans:inForceUntil "2014-07"^^xsd:gYearMonth .'
    assert {"certain"} == fits('ans:date "2014-07-01"^^xsd:date ;', repeal)
    assert {"possible"} == fits('ans:date "2014-07-31"^^xsd:date ;', repeal)
    assert set() == fits('ans:date "2014-08-01"^^xsd:date ;', repeal)


CONTINUING = "; ans:hasCircumstance <scheme/circumstance/continuing>"
ACROSS = 'ans:startDate "2010-06-01"^^xsd:date ; ans:endDate "2011-06-01"^^xsd:date ;'


def test_an_act_that_went_on_across_the_day_fits_in_part():
    assert {"in-part"} == fits(ACROSS, more=CONTINUING)
    within = ACROSS.replace("2010-06-01", "2011-02-01")
    assert {"certain"} == fits(within, more=CONTINUING)


def test_an_act_across_the_day_that_nobody_says_went_on_fits_only_possibly():
    assert {"possible"} == fits(ACROSS)


def test_a_continuing_act_whose_days_are_vague_fits_only_possibly():
    assert {"possible"} == fits(ACROSS.replace('"2010-06-01"^^xsd:date', '"2010"^^xsd:gYear'), more=CONTINUING)
    assert {"possible"} == fits(ACROSS.replace('ans:endDate "2011-06-01"^^xsd:date ;', ""), more=CONTINUING)


def test_a_continuing_act_that_ended_before_the_law_was_certain_fits_only_possibly():
    assert {"possible"} == fits(ACROSS.replace("2011-06-01", "2011-01-15"), more=CONTINUING)
    assert set() == fits(ACROSS.replace("2011-06-01", "2010-12-31"), more=CONTINUING)


def test_an_act_after_withdrawal_engages_nothing():
    gone = '<id/participation/xar-t> ans:inForceUntil "2000-12-31"^^xsd:date .'
    assert ("xar", "t-1") in engaged(TREATY + gone + act(when='ans:date "2000"^^xsd:gYear ;'))
    assert ("xar", "t-1") not in engaged(TREATY + gone + act(when='ans:date "2001"^^xsd:gYear ;'))


def test_a_period_open_at_its_end_fits_an_ended_duty_only_possibly():
    gone = '<id/participation/xar-t> ans:inForceUntil "2000-12-31"^^xsd:date .'
    where = "?x ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/t-1> ; ans:hasTemporalFit ?y"
    found = derive(TREATY + gone + act(when='ans:startDate "1999"^^xsd:gYear ;'))(where)
    assert {"temporal-fit/possible"} == {y for _, y in found}


def test_a_state_engages_no_duty_of_a_covenant_it_only_signed():
    organ = "<id/organ/xca-x> a ans:StateOrgan ; ans:isOrganOf <id/state/xca> ."
    found = engaged(organ + act(by="organ/xca-x"))
    assert ("xca", "cc-3") in found
    assert {provision for _, provision in found if provision.startswith("lc")} == set()


def test_a_state_engages_no_duty_of_a_convention_it_never_joined():
    found = engaged(act(by="organ/xbo-government"))
    assert ("xbo", "cc-3") in found
    assert {provision for _, provision in found if provision.startswith("rc")} == set()


def test_an_act_engages_the_duties_of_no_other_state():
    found = engaged(act(kind="CriminalTrial", by="organ/xdo-government", when='ans:date "2011"^^xsd:gYear ;'))
    assert ("xdo", "lc-14") in found
    assert {"xdo"} == {state for state, _ in found}


def test_a_private_perpetrator_engages_nothing():
    assert set() == engaged("<id/group/g> a ans:PersonGroup ." + act(by="group/g"))


def test_a_private_perpetrator_with_a_stated_attribution_engages_the_state():
    stated = "; ans:isAttributableTo <id/state/xar> ; ans:hasAttributionBasis <scheme/attribution-basis/acquiescence>"
    assert ("xar", "cc-3") in engaged("<id/group/g> a ans:PersonGroup ." + act(by="group/g", more=stated))


def test_an_act_without_any_date_engages_nothing():
    assert set() == engaged(act(when=""))


def test_a_class_without_a_basis_engages_nothing():
    assert set() == engaged(act(kind="UseOfForce"))


def test_a_basis_covers_the_subclasses_of_its_class():
    basis = "<id/basis/c> a ans:EngagementBasis ; ans:coversActClass ans:IllTreatment ; ans:concernsRight <scheme/right/non-refoulement> ; ans:pointsTo <id/provision/t-1> ."
    assert ("xar", "t-1") in engaged(TREATY + basis + act(kind="Torture"))
    assert ("xar", "t-1") not in engaged(TREATY + basis + act(kind="DetentionConditions"))
    assert ("xar", "t-1") not in engaged(TREATY + basis + act(kind="UseOfForce"))


def test_an_engagement_carries_its_whole_justification():
    ask = derive(act())
    found = ask(
        "?x a ans:Engagement ; ans:characterises <id/act/deed> ; ans:concernsProvision <id/provision/cc-3> ; "
        "ans:concernsState <id/state/xar> ; ans:concernsRight <scheme/right/non-refoulement> ; ans:hasBasis/ans:coversActClass ans:Removal ; ans:matchesActClass ans:Removal ; "
        "ans:isEngagementOf/ans:isGroundedIn ?y ; ans:isGroundedIn ?y ; ans:hasTemporalFit <scheme/temporal-fit/certain> ; "
        'ans:beginsOn "2011-06-01"^^<http://www.w3.org/2001/XMLSchema#date> ; ans:endsOn "2011-06-30"^^<http://www.w3.org/2001/XMLSchema#date>'
    )
    assert {("engagement/deed--xar-cc-3-1998-09-25", "participation/xar-cc")} == found


COMPLAINT = """<id/communication/c> a ans:Communication ; ans:isBroughtUnder <id/provision/UNDER> .
<id/act/deed> ans:affectsCommunication <id/communication/c> ."""


def petitioned(under, when="2011-06"):
    """Return the provisions that a disregard of interim measures engages, for a complaint under this provision."""
    deed = act(kind="InterimMeasuresNotFollowed", when=f'ans:date "{when}"^^xsd:gYearMonth ;')
    return {provision for _, provision in engaged(deed + COMPLAINT.replace("UNDER", under))}


def test_a_disregarded_complaint_engages_the_provision_it_was_brought_under_and_no_other():
    assert {"cc-22"} == petitioned("cc-22")
    assert {"lp-1"} == petitioned("lp-1")


def test_a_disregard_before_the_procedure_was_accepted_engages_nothing():
    assert set() == petitioned("cc-22", when="2007-06")


def test_a_disregard_of_no_known_complaint_engages_nothing():
    assert set() == engaged(act(kind="InterimMeasuresNotFollowed"))


# Found, alleged, engaged: never mixed

FINDING = """<id/finding/f> a ans:Finding ; ans:characterises <id/act/deed> ; ans:invokes <id/provision/cc-3> ;
    ans:concernsState <id/state/xar> ; ans:hasSpeaker <id/SPEAKER> ; ans:hasFindingOutcome <scheme/finding-outcome/breach> ."""
ALLEGATION = """<id/allegation/a> a ans:Allegation ; ans:characterises <id/act/deed> ; WHAT ;
    ans:concernsState <id/state/xar> ; ans:hasSpeaker <id/organisation/rights-watch> ."""


def kinds(text):
    """Return which of the two verdict classes the act is of."""
    return {
        y.removeprefix(terms.VOCABULARY)
        for _, y in derive(text)("?x a ?y FILTER (?x = <id/act/deed> && ?y IN (ans:Violation, ans:AllegedViolation))")
    }


def test_an_engagement_makes_no_violation():
    assert set() == kinds(act())


def test_a_finding_of_a_treaty_body_makes_a_violation_and_no_allegation():
    assert {"Violation"} == kinds(act() + FINDING.replace("SPEAKER", "body/custody-committee"))


def examined(outcome, speaker="body/custody-committee"):
    """Return under what an act was examined, and what it was found to breach, after a finding of this outcome."""
    ask = derive(act() + FINDING.replace("SPEAKER", speaker).replace("outcome/breach", f"outcome/{outcome}"))
    return tuple(
        {y.removeprefix("provision/") for _, y in ask(f"?x ans:{way} ?y FILTER (?x = <id/act/deed>)")}
        for way in ("examinedUnder", "foundToBreach")
    )


@pytest.mark.parametrize(
    ("outcome", "under", "breached"),
    [
        ("breach", {"cc-3"}, {"cc-3"}),
        ("no-breach", {"cc-3"}, set()),
        ("not-reached", set(), set()),
        ("inadmissible", set(), set()),
        ("inadmissible-domestic-remedies", set(), set()),
    ],
)
def test_an_act_was_examined_under_a_provision_where_the_body_decided_either_way(outcome, under, breached):
    assert (under, breached) == examined(outcome)


def test_what_a_body_without_competence_decides_examines_nothing():
    assert (set(), set()) == examined("no-breach", "organisation/rights-watch")


def test_a_finding_on_the_article_alone_says_nothing_of_an_act():
    text = act() + FINDING.replace("SPEAKER", "body/custody-committee").replace("ans:characterises <id/act/deed> ;", "")
    ask = derive(text)
    assert set() == ask("?x ans:examinedUnder ?y") == ask("?x ans:foundToBreach ?y")
    assert set() == kinds(text)


def test_a_finding_by_a_body_without_competence_makes_nothing():
    assert set() == kinds(act() + FINDING.replace("SPEAKER", "organisation/rights-watch"))


@pytest.mark.parametrize("what", ["ans:invokes <id/provision/cc-3>", "ans:invokesRight <scheme/right/non-refoulement>"])
def test_an_allegation_makes_an_alleged_violation_and_no_more(what):
    assert {"AllegedViolation"} == kinds(act() + ALLEGATION.replace("WHAT", what))


def test_an_allegation_of_a_right_names_no_provision():
    ask = derive(act() + ALLEGATION.replace("WHAT", "ans:invokesRight <scheme/right/non-refoulement>"))
    assert set() == ask("?x ans:allegedToBreach ?y FILTER (?x = <id/act/deed>)")
    assert {("act/deed", "right/non-refoulement")} == ask("?x ans:allegedToInfringe ?y FILTER (?x = <id/act/deed>)")


# Promises

PROMISE = """<id/recommendation/r> a ans:Recommendation ; ans:isAddressedTo <id/state/STATE> ; ans:concerns <scheme/right/RIGHT> .
<id/response/p> a ans:Response ; ans:respondsTo <id/recommendation/r> ; ans:hasResponseValue <scheme/response/VALUE> ; ans:date "WHEN"^^xsd:date ."""


def promised(state="xar", right="non-refoulement", value="supported", when="2010-02-16", more=""):
    """Return what the June 2011 act follows, after a recommendation with this response."""
    text = PROMISE.replace("STATE", state).replace("RIGHT", right).replace("VALUE", value).replace("WHEN", when)
    return derive(act() + text + more)("?x ans:followsAcceptedRecommendation ?y FILTER (?x = <id/act/deed>)")


def test_an_act_follows_a_recommendation_accepted_before_on_a_right_it_engages():
    assert {("act/deed", "recommendation/r")} == promised()


@pytest.mark.parametrize("value", ["supported-implemented", "supported-in-process"])
def test_a_recommendation_supported_as_carried_out_or_under_way_is_accepted(value):
    assert {("act/deed", "recommendation/r")} == promised(value=value)


@pytest.mark.parametrize(
    "case",
    [
        {"value": "noted"},
        {"value": "deferred"},
        {"right": "religion"},
        {"state": "xbo"},
        {"when": "2011-07-01"},
        {"when": "2011-06-01"},
    ],
    ids=str,
)
def test_an_act_follows_no_recommendation_that_was_not_accepted_before_on_that_right_by_that_state(case):
    assert set() == promised(**case)


def test_an_acceptance_taken_back_before_the_act_promises_nothing():
    later = """<id/response/q> a ans:Response ; ans:respondsTo <id/recommendation/r> ;
    ans:hasResponseValue <scheme/response/rejected> ; ans:date "WHEN"^^xsd:date ."""
    assert set() == promised(more=later.replace("WHEN", "2010-09-01"))
    assert {("act/deed", "recommendation/r")} == promised(more=later.replace("WHEN", "2012-09-01"))


def test_an_acceptance_repeated_in_a_narrower_form_before_the_act_still_stands():
    again = """<id/response/q> a ans:Response ; ans:respondsTo <id/recommendation/r> ;
    ans:hasResponseValue <scheme/response/supported-in-process> ; ans:date "2010-09-01"^^xsd:date ."""
    assert {("act/deed", "recommendation/r")} == promised(more=again)


# Contests


def contested(standing):
    """Return what is contested when somebody of this standing denies the act."""
    denial = (
        f"<id/statement/s> a ans:Statement ; ans:denies <id/act/deed> ; ans:hasStanding <scheme/standing/{standing}> ."
    )
    return derive(act() + denial)("?x ans:isContestedBy ?y FILTER (?x = <id/act/deed>)")


@pytest.mark.parametrize("standing", ["official", "court"])
def test_a_denial_by_an_official_or_a_court_contests(standing):
    assert {("act/deed", "statement/s")} == contested(standing)


@pytest.mark.parametrize("standing", ["press", "defendant", "own-voice"])
def test_a_denial_by_anybody_else_is_a_statement_and_no_more(standing):
    assert set() == contested(standing)
