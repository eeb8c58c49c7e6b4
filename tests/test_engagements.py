"""The engagement bases of data/engagement/ on invented acts: what they let an act engage under the real treaties, and above all what not.

One State, Testland, is a party to every treaty of the graph since 1 June 2000 and accepts every optional complaint. All acts stand in one graph,
which the rules are run on once; each test asks for some of them.
"""

import functools
import re

import pytest

from kg import terms
from kg.build import inference, inputs
from kg.config import PROJECT
from kg.store import Store

HEAD = f"""
@prefix ans: <{terms.VOCABULARY}> .
@prefix skos: <{terms.PREFIXES["skos"]}> .
@prefix xsd: <{terms.PREFIXES["xsd"]}> .
@base <{terms.BASE}> .
"""
LAW = ("ontology", "data/treaties", "data/laws", "data/engagement")
REFUGEE = "victim-asylum-seeker-or-refugee"
PARTIES = """
<id/state/t> a ans:State ; ans:isoCode "TTT" ; skos:prefLabel "Testland"@en .
<id/communication/cat> a ans:Communication ; ans:isBroughtUnder <id/provision/cat-22> .
<id/communication/cedaw> a ans:Communication ; ans:isBroughtUnder <id/provision/cedaw-op-1> .
<id/communication/iccpr> a ans:Communication ; ans:isBroughtUnder <id/provision/iccpr-op1-1> .
<id/communication/crc> a ans:Communication ; ans:isBroughtUnder <id/provision/crc-op-ic-5> .
<id/communication/crpd> a ans:Communication ; ans:isBroughtUnder <id/provision/crpd-op-1> .
<id/communication/icescr> a ans:Communication ; ans:isBroughtUnder <id/provision/icescr-op-1> .
<id/communication/cat-inquiry> a ans:Communication ; ans:isBroughtUnder <id/provision/cat-20> .
"""
OPTIONAL = ("cat-22", "icerd-14", "icpped-31")


def act(kind, *circumstances, when="2010", state="t", answers=(), more=""):
    """Describe an act: its classes, its circumstances, its date, who answers for it ("" for nobody), and the acts it fails to answer."""
    return {"kind": kind, "with": circumstances, "when": when, "state": state, "answers": answers, "more": more}


def underlying(kind, *circumstances, **more):
    """Describe an act that an omission fails to answer."""
    return (act(kind, *circumstances, **more),)


def interim(communication, when="2016", state="t"):
    """Describe an act against interim measures asked for a communication of PARTIES."""
    more = f"; ans:affectsCommunication <id/communication/{communication}>"
    return act("InterimMeasuresNotFollowed", when=when, state=state, more=more)


# name: an act, what it engages among the provisions named, and what it does not.
CASES = {
    # Life and force
    "killing": (act("Killing"), "iccpr-6", "iccpr-7 crc-6 crpd-10 cat-16"),
    "private killing": (act("Killing", state=""), "", "iccpr-6"),
    "killing before the treaties": (act("Killing", when="1999"), "", "iccpr-6"),
    "killing of a child": (act("Killing", "victim-child"), "iccpr-6 iccpr-24 crc-6 crc-3", "crc-37-a"),
    "killing of a person with a disability": (act("Killing", "victim-disability"), "crpd-10", "crpd-5 crc-6"),
    "shots that hit nobody": (act("LethalForce"), "iccpr-6 iccpr-9", "iccpr-7 cat-16 iccpr-10"),
    "shots at people who run away": (act("LethalForce", "victim-in-power"), "iccpr-6 iccpr-7 cat-16", "iccpr-10"),
    "force against free people": (act("UseOfForce"), "iccpr-9", "iccpr-7 cat-16 iccpr-10 iccpr-6"),
    "force against a person held": (act("UseOfForce", "victim-held"), "iccpr-7 iccpr-10 cat-16", "iccpr-6"),
    "force that put a life at stake": (act("UseOfForce", "life-at-stake"), "iccpr-6", "iccpr-7"),
    "death sentence": (act("DeathPenaltyImposition"), "iccpr-6 iccpr-op2-1", "iccpr-7"),
    "unfair capital trial": (act("CriminalTrial", "death-sentence"), "iccpr-14 iccpr-6", "iccpr-7"),
    "trial without a death sentence": (act("CriminalTrial"), "iccpr-14 iccpr-14-1", "iccpr-6 crc-40 crpd-13 cedaw-15"),
    # Ill-treatment
    "torture": (act("Torture"), "cat-2-1 iccpr-7", "cat-16 iccpr-10 crc-37-a crpd-15 crpd-17"),
    "torture in custody": (act("Torture", "victim-held"), "cat-2-1 iccpr-7 iccpr-10", "cat-16"),
    "other ill-treatment": (act("OtherIllTreatment"), "cat-16 iccpr-7", "cat-2-1 iccpr-10"),
    "torture of a child": (act("Torture", "victim-child"), "crc-37-a crc-3 iccpr-24", "crc-6 crc-20"),
    "torture of a man with a disability": (act("Torture", "victim-disability"), "crpd-15 crpd-17", "cedaw-2 crpd-6"),
    "violence against a person with a disability": (act("PhysicalViolence", "victim-disability"), "crpd-16 crpd-17", "crpd-15 crpd-6"),
    "torture of a woman": (act("Torture", "victim-woman"), "cat-2-1", "cedaw-2 cedaw-5"),
    "torture of a woman because of sex": (act("Torture", "victim-woman", "ground-sex"), "cedaw-2 cedaw-5 iccpr-26", "icerd-2"),
    "torture of a man because of sex": (act("Torture", "ground-sex"), "iccpr-26", "cedaw-2 cedaw-5"),
    "private violence": (act("PhysicalViolence", "victim-woman", "ground-sex", "in-the-family", state=""), "", "iccpr-9 cedaw-2 cedaw-16"),
    "violence with consent of officials": (act("PhysicalViolence", "official-capacity"), "iccpr-9 iccpr-7 cat-16", "iccpr-10"),
    "violence that the State answers for": (act("PhysicalViolence"), "iccpr-9", "iccpr-7 cat-16"),
    "care refused in prison": (act("CareRefused", "victim-held"), "iccpr-10 cat-16 icescr-12", "iccpr-6 crpd-25 cedaw-12"),
    "care refused to a free person": (act("CareRefused"), "icescr-12", "iccpr-10 iccpr-7 iccpr-6 cat-16"),
    "care in pregnancy refused": (act("CareRefused", "victim-woman", "ground-sex"), "iccpr-7 iccpr-17 iccpr-3 cedaw-12", "crc-24"),
    "sterilisation of a woman with a disability": (
        act("MedicalIntervention", "victim-woman", "victim-disability", "ground-sex"),
        "iccpr-7 iccpr-17 crpd-17 crpd-25 crpd-6 cedaw-12 cedaw-16",
        "crpd-7 cat-16",
    ),
    # Liberty
    "arrest": (act("Arrest"), "iccpr-9", "iccpr-7 iccpr-10 iccpr-12 crc-37-b crpd-14 cat-11"),
    "arrest of a child": (act("Arrest", "victim-child"), "iccpr-9 crc-37-b iccpr-24", "crc-20 crc-22"),
    "incommunicado detention": (act("IncommunicadoDetention"), "iccpr-7 iccpr-9 iccpr-10 cat-11 cat-16 icpped-17", "iccpr-6 iccpr-16 icpped-1"),
    "conditions of detention": (act("DetentionConditions"), "iccpr-10 cat-11 cat-16", "iccpr-7 crc-37-c crpd-14"),
    "monitors refused": (act("MonitoringRefused"), "cat-11", "opcat-4 opcat-14 opcat-20 icpped-17"),
    "national monitors refused": (act("MonitoringRefused", "monitor-national-mechanism"), "cat-11 opcat-20 icpped-17", "opcat-14"),
    "Subcommittee refused": (act("MonitoringRefused", "monitor-subcommittee"), "cat-11 opcat-4 opcat-14", "opcat-20"),
    "disappearance": (act("Disappearance"), "icpped-1 icpped-17-1 iccpr-6 iccpr-7 iccpr-9 iccpr-10 iccpr-16 cat-16", "icpped-25 icpped-24 crc-6"),
    # Removal and asylum
    "extradition to torture": (act("Extradition", "danger-torture"), "cat-3 iccpr-7", "iccpr-6 refugee-convention-33 iccpr-13 icpped-16"),
    "extradition to a place without danger": (act("Extradition"), "", "cat-3 iccpr-7 iccpr-6 refugee-convention-33"),
    "return of a refugee to persecution": (
        act("Removal", REFUGEE, "danger-persecution"), "refugee-convention-33 refugee-protocol-1", "refugee-convention-32 iccpr-13 cat-3",
    ),
    "return of a refugee to a place without danger": (act("Removal", REFUGEE), "", "refugee-convention-33 refugee-protocol-1 refugee-convention-32"),
    "return of nobody's refugee to persecution": (act("Removal", "danger-persecution"), "", "refugee-convention-33 refugee-protocol-1"),
    "expulsion of a lawful resident": (act("Expulsion", "victim-lawfully-present"), "iccpr-13", "refugee-convention-32 cat-3"),
    "return to a death sentence": (act("Removal", "danger-life"), "iccpr-6", "iccpr-7 cat-3"),
    "return to disappearance": (act("Removal", "danger-disappearance"), "icpped-16 iccpr-6 iccpr-7", "cat-3"),
    "return of an unaccompanied child": (act("Removal", "victim-unaccompanied-child"), "crc-3 crc-20 crc-12 iccpr-24", "crc-22 crc-6 crc-37-a"),
    "claim to asylum": (act("AsylumProcedure"), "cat-3 iccpr-7 iccpr-2-3", "refugee-convention-33 crc-22 iccpr-13"),
    "claim of a child": (act("AsylumProcedure", "victim-child"), "crc-22 crc-12 crc-3", "crc-20"),
    "movement": (act("MovementRestriction"), "iccpr-12", "crc-10 refugee-convention-26 crpd-18"),
    # Courts
    "statement used": (act("UseOfStatement"), "cat-15 iccpr-14-3-g iccpr-14-1", "iccpr-14 iccpr-7"),
    "pressure to confess": (act("ForcedConfession"), "iccpr-14-3-g", "cat-15 iccpr-7"),
    "penal law of a later day": (act("PenalLawApplied"), "iccpr-15", "iccpr-14"),
    "second trial": (act("PenalLawApplied", "already-judged"), "iccpr-15 iccpr-14", ""),
    "court and a person with a disability": (act("CourtProcess", "victim-disability"), "iccpr-14-1 crpd-13", "crpd-12 cedaw-3"),
    "court and a woman because of sex": (act("CourtProcess", "victim-woman", "ground-sex"), "cedaw-3 cedaw-15 iccpr-26", "cedaw-16"),
    "court and a refugee": (act("CourtProcess", REFUGEE), "refugee-convention-16 refugee-protocol-1", "refugee-convention-33"),
    # Inquiry, redress, protection
    "torture not inquired into": (act("InquiryNotGiven", answers=underlying("Torture")), "cat-12 iccpr-7 iccpr-2-3", "cat-13 cat-14 cat-16 iccpr-6"),
    "complaint not inquired into": (act("InquiryNotGiven", "complaint-made", answers=underlying("Torture")), "cat-12 cat-13", "cat-14"),
    "complaint of which the act tells": (act("InquiryNotGiven", answers=underlying("Torture", "complaint-made")), "cat-13", ""),
    "old torture not inquired into": (act("InquiryNotGiven", answers=underlying("Torture", when="1999")), "cat-12", "iccpr-7 iccpr-6 iccpr-2-3"),
    "disappearance that goes on": (
        act("InquiryNotGiven", answers=underlying("Disappearance", when=None, more='; ans:startDate "1999"^^xsd:gYear')), "iccpr-6 iccpr-7 icpped-12", "icpped-1",
    ),
    "killing not inquired into": (act("InquiryNotGiven", answers=underlying("Killing")), "cat-12 iccpr-6 iccpr-2-3", "cat-13 cat-16 iccpr-7 icpped-12"),
    "private killing not inquired into": (act("InquiryNotGiven", answers=underlying("Killing", state="")), "iccpr-6 iccpr-2-3", "cat-12 cat-14"),
    "private violence with acquiescence not inquired into": (
        act("InquiryNotGiven", "official-capacity", answers=underlying("PhysicalViolence", state="")), "cat-12 iccpr-7", "cat-13",
    ),
    "ill-treatment not inquired into": (act("InquiryNotGiven", answers=underlying("OtherIllTreatment")), "cat-12 cat-16 iccpr-7", "iccpr-6"),
    "force not inquired into": (act("InquiryNotGiven", answers=underlying("UseOfForce")), "cat-12 iccpr-2-3", "cat-13 iccpr-7 iccpr-6"),
    "lethal force not inquired into": (act("InquiryNotGiven", answers=underlying("LethalForce")), "cat-12 iccpr-6", "cat-13 iccpr-7"),
    "dismissal not inquired into": (act("InquiryNotGiven", "complaint-made", answers=underlying("WorkRestriction")), "", "cat-12 cat-13 iccpr-7 iccpr-2-3"),
    "omission that answers to no act": (act("InquiryNotGiven", "official-capacity", "complaint-made"), "", "cat-12 cat-13 iccpr-6 iccpr-7 iccpr-2-3"),
    "redress for torture": (act("RedressNotGiven", answers=underlying("Torture")), "cat-14 iccpr-7 iccpr-2-3", "cat-12 iccpr-6"),
    "redress for old torture": (act("RedressNotGiven", answers=underlying("Torture", when="1999")), "cat-14", "iccpr-7 iccpr-2-3"),
    "redress for detention": (act("RedressNotGiven", answers=underlying("Arrest")), "iccpr-9 iccpr-2-3", "cat-14 iccpr-7 icescr-2"),
    "redress for dismissal": (act("RedressNotGiven", answers=underlying("WorkRestriction")), "icescr-2", "iccpr-2-3 icescr-6 cat-14"),
    "redress for old dismissal": (act("RedressNotGiven", answers=underlying("WorkRestriction", when="1999")), "", "icescr-2"),
    "redress for a private harm": (act("RedressNotGiven", answers=underlying("PhysicalViolence", state="")), "iccpr-7", "cat-14"),
    "no protection in the family": (
        act("ProtectionNotGiven", "victim-woman", "in-the-family", "ground-sex", answers=underlying("PhysicalViolence", state="")),
        "cedaw-2 cedaw-3 cedaw-5 cedaw-15 cedaw-16 iccpr-7 iccpr-9 cat-16",
        "crc-19 crpd-16",
    ),
    "no protection of a man": (act("ProtectionNotGiven", "in-the-family", answers=underlying("PhysicalViolence", state="")), "iccpr-9", "cedaw-2 cedaw-16"),
    "inquiry into violence because of sex": (
        act("InquiryNotGiven", answers=underlying("SexualViolence", "victim-woman", "ground-sex", state="")), "cedaw-2 cedaw-3 cedaw-5 cedaw-15 iccpr-7", "cat-12 cedaw-16",
    ),
    "violence against a woman not inquired into": (act("InquiryNotGiven", answers=underlying("PhysicalViolence", "victim-woman")), "iccpr-7", "cedaw-2 cedaw-3 cedaw-15"),
    "no redress for violence because of sex": (
        act("RedressNotGiven", answers=underlying("SexualViolence", "victim-woman", "ground-sex", state="")), "cedaw-3 cedaw-5 cedaw-15", "cedaw-16 icescr-2",
    ),
    "no protection of a child": (act("ProtectionNotGiven", "victim-child"), "crc-19 crc-3 iccpr-24 iccpr-9", "crc-6 crc-20"),
    "no protection from a racist attack": (
        act("ProtectionNotGiven", answers=underlying("PhysicalViolence", "ground-race", state="")), "icerd-2 icerd-4 icerd-5 icerd-6", "cedaw-2",
    ),
    "torturer let go": (act("ProsecutionOrExtraditionNotDone"), "cat-5 cat-6 cat-7", "cat-12"),
    "relatives of the executed": (act("RelativesNotTold", answers=underlying("DeathPenaltyImposition")), "iccpr-7", "icpped-24 icpped-18 icpped-20"),
    "relatives of the held": (act("RelativesNotTold", answers=underlying("Arrest")), "icpped-18 icpped-20", "icpped-24"),
    "relatives of the disappeared": (act("RelativesNotTold", answers=underlying("Disappearance")), "iccpr-7 icpped-24 icpped-18 icpped-20", "cat-16"),
    # Migrant workers
    "killing of a migrant worker": (act("Killing", "victim-migrant-worker"), "cmw-9 iccpr-6", "cmw-10 cmw-16"),
    "wages of a migrant worker": (act("WorkRestriction", "victim-migrant-worker"), "cmw-25 icescr-7", "cmw-26 cmw-11"),
    "wages of a national": (act("WorkRestriction"), "icescr-7", "cmw-25"),
    "migrant worker's child kept from school": (act("EducationRefused", "victim-migrant-worker", "victim-child"), "cmw-30 crc-28", "cmw-29"),
    "migrant worker kept from school": (act("EducationRefused", "victim-migrant-worker"), "icescr-13", "cmw-30"),
    "urgent care refused to a migrant worker": (act("CareRefused", "victim-migrant-worker", "life-at-stake"), "cmw-28", "cmw-27"),
    "care refused to a migrant worker": (act("CareRefused", "victim-migrant-worker"), "icescr-12", "cmw-28"),
    "expulsion of a migrant worker": (act("Expulsion", "victim-migrant-worker"), "cmw-22", "cmw-16 iccpr-13"),
    "redress for wages of a migrant worker": (act("RedressNotGiven", answers=underlying("WorkRestriction", "victim-migrant-worker")), "cmw-83", "cmw-25"),
    # Complaints
    "interim measures and CAT": (act("InterimMeasuresNotFollowed", more="; ans:affectsCommunication <id/communication/cat>"), "cat-22", "iccpr-op1-1 icerd-14 icpped-31 icescr-op-1"),
    "petition and the Covenant": (act("PetitionHindered", more="; ans:affectsCommunication <id/communication/iccpr>"), "iccpr-op1-1", "cat-22"),
    "interim measures and CEDAW": (interim("cedaw"), "cedaw-op-1 cedaw-op-5", "crc-op-ic-1 crc-op-ic-6 crpd-op-1 crpd-op-4 icescr-op-5 cat-22"),
    "interim measures for a child": (interim("crc"), "crc-op-ic-1 crc-op-ic-6", "cedaw-op-5 crpd-op-4 icescr-op-5 crc-op-ic-12 crc-op-ic-13"),
    "interim measures and disability": (interim("crpd"), "crpd-op-1 crpd-op-4", "cedaw-op-5 crc-op-ic-6 icescr-op-5"),
    "interim measures and an eviction": (interim("icescr"), "icescr-op-1 icescr-op-5", "cedaw-op-5 crc-op-ic-6 crpd-op-4 icescr-op-10 icescr-op-11"),
    "interim measures in an inquiry under CAT": (interim("cat-inquiry"), "", "cat-22 icescr-op-5 cedaw-op-5 crc-op-ic-6 crpd-op-4"),
    "interim measures of nobody's": (act("InterimMeasuresNotFollowed"), "", "cedaw-op-5 crc-op-ic-6 crpd-op-4 icescr-op-5 cat-22"),
    "interim measures of another State": (interim("cedaw", state=""), "", "cedaw-op-1 cedaw-op-5"),
    "interim measures before the protocol": (interim("icescr", when="2012"), "", "icescr-op-1 icescr-op-5"),
    "petition and CEDAW": (act("PetitionHindered", more="; ans:affectsCommunication <id/communication/cedaw>"), "cedaw-op-1", "cedaw-op-5"),
    "petition without a communication": (act("PetitionHindered"), "", "cat-22 iccpr-op1-1"),
    # Freedoms, equality, social life
    "gathering": (act("AssemblyRestriction"), "iccpr-21", "iccpr-19 iccpr-26 crc-15 kaz-constitution-32"),
    "gathering banned for who gathers": (act("AssemblyRestriction", "ground-other-status"), "iccpr-21 iccpr-26", "icerd-2 cedaw-2 crc-2"),
    "children who may not gather for who they are": (act("AssemblyRestriction", "victim-child", "ground-other-status"), "crc-2 crc-15 iccpr-26", "crc-30"),
    "strike": (act("StrikeRestriction"), "iccpr-22 icescr-8-1-d", "iccpr-21 icescr-8"),
    "religion": (act("ReligionRestriction"), "iccpr-18", "refugee-convention-4 refugee-protocol-1 iccpr-26"),
    "religion of a refugee": (act("ReligionRestriction", REFUGEE), "iccpr-18 refugee-convention-4 refugee-protocol-1", "refugee-convention-3"),
    "dismissal": (act("WorkRestriction"), "icescr-6 icescr-7", "icescr-8 iccpr-22 cedaw-11 crpd-27"),
    "dismissal of strikers": (act("WorkRestriction", "trade-union"), "icescr-8 iccpr-22", "cedaw-11"),
    "association": (act("AssociationRestriction"), "iccpr-22", "icescr-8"),
    "minority's newspaper": (act("ExpressionRestriction", "victim-minority"), "iccpr-19 iccpr-27", "icerd-5"),
    "newspaper": (act("ExpressionRestriction"), "iccpr-19", "iccpr-27 iccpr-26"),
    "difference": (act("DifferentialTreatment"), "iccpr-26", "icerd-2 icerd-5 cedaw-2 crpd-5 crc-2"),
    "difference by race": (act("DifferentialTreatment", "ground-race"), "iccpr-26 icerd-2 icerd-5", "icerd-4 icerd-6 cedaw-2"),
    "racist speech of an official": (act("Incitement", "ground-race"), "icerd-4 iccpr-20", "icerd-6"),
    "racist speech of anybody": (act("Incitement", "ground-race", state=""), "", "icerd-4 iccpr-20"),
    "eviction": (act("Eviction"), "icescr-11 iccpr-17", "icescr-2 icescr-10 crc-27 crpd-28"),
    "eviction for who lives there": (act("Eviction", "ground-other-status"), "icescr-11 icescr-2 iccpr-26", "icerd-5 icescr-10"),
    "eviction with children": (act("Eviction", "victim-child"), "icescr-11 icescr-10 crc-27 crc-16", "crc-28"),
    "father sent away": (act("FamilyInterference"), "iccpr-17 iccpr-23", "crc-9 iccpr-24 cedaw-16 crpd-23"),
    "age set by guess": (act("IdentityInterference", "victim-unaccompanied-child"), "crc-3 crc-8 crc-12 crc-20 iccpr-24", "crc-22 cedaw-9"),
    "accommodation refused": (act("AccommodationRefused", "victim-disability"), "crpd-5 crpd-9 crpd-4", "crpd-19"),
    "support at home refused": (act("AccommodationRefused", "victim-disability", "living-in-community"), "crpd-19", "crpd-14"),
    "guardianship": (act("LegalCapacityRestriction", "victim-disability"), "crpd-12 iccpr-16", "cedaw-15"),
    "vote refused": (act("VotingRestriction"), "iccpr-25", "crpd-29 cedaw-7"),
    "rural woman": (act("DifferentialTreatment", "victim-rural-woman", "ground-sex"), "cedaw-14 cedaw-2 cedaw-5", "cedaw-16"),
    "woman in town": (act("DifferentialTreatment", "victim-woman", "ground-sex"), "cedaw-2", "cedaw-14"),
}  # fmt: skip


def written(key, case):
    """Write an act, and those it fails to answer, as Turtle."""
    below = {f"{key}-below-{n}": answered for n, answered in enumerate(case["answers"])}
    parts = [f'<id/act/{key}> a ans:{case["kind"]} ; skos:prefLabel "{key}"@en']
    parts += [f'ans:date "{case["when"]}"^^xsd:gYear'] if case["when"] else []
    parts += [f"ans:isAttributableTo <id/state/{case['state']}>"] if case["state"] else []
    parts += [f"ans:hasCircumstance <scheme/circumstance/{name}>" for name in case["with"]]
    parts += [f"ans:failsToAnswer <id/act/{name}>" for name in below]
    return (
        " ; ".join(parts) + case["more"] + " .\n" + "".join(written(name, answered) for name, answered in below.items())
    )


def key_of(name):
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


@functools.cache
def engaged():
    """Run the rules over all cases; return for each act's key the keys of the provisions it engages."""
    store = Store.memory()
    for folder in LAW:
        for path in sorted((PROJECT / folder).rglob("*.ttl")):
            name = path.relative_to(PROJECT).as_posix()
            store.load(path.read_bytes(), format="ttl", graph=terms.graph_of(name), source=name)
    treaties = f"SELECT ?treaty WHERE {{ GRAPH ?g {{ ?treaty a <{terms.VOCABULARY}Treaty> }} }}"
    parties = PARTIES
    for key in sorted(row[0].value.rpartition("/")[2] for row in store.select(treaties)):
        parties += f"""<id/participation/t-{key}> a ans:Participation ; ans:isParticipationOf <id/state/t> ; ans:isParticipationIn <id/treaty/{key}> ;
            ans:inForceFrom "{max("2000-06-01", STARTED.get(key, ""))}"^^xsd:date .\n"""
    for provision in OPTIONAL:
        parties += f"""<id/participation/t-{provision.partition("-")[0]}> ans:hasOptionalDeclaration <id/declaration/t-{provision}> .
            <id/declaration/t-{provision}> a ans:OptionalDeclaration ; ans:accepts <id/provision/{provision}> ; ans:date "2000-06-01"^^xsd:date .\n"""
    acts = "".join(written(key_of(name), case) for name, (case, _, _) in CASES.items())
    store.load((HEAD + parties + acts).encode(), format="ttl", graph=terms.graph_of("data/test.ttl"), source="test")
    store.copy_named_into_default()
    inference.link(
        store,
        inputs.read_queries(PROJECT, "rules/links"),
        inference.Reasoning(store, inputs.read_queries(PROJECT, "rules/owl")),
    )
    found = {key_of(name): set() for name in CASES}
    query = f"PREFIX ans: <{terms.VOCABULARY}> SELECT ?act ?provision WHERE {{ ?act ans:engages/ans:arisesFrom ?provision }}"
    for subject, provision in store.select(query):
        found.setdefault(subject.value.rpartition("/")[2], set()).add(provision.value.rpartition("/")[2])
    return found


# Treaties that came into force after Testland joined the others.
STARTED = {
    "icpped": "2010-12-23", "crpd": "2008-05-03", "opcat": "2006-06-22", "icescr-op": "2013-05-05", "cmw": "2003-07-01",
    "cedaw-op": "2000-12-22", "crc-op-ac": "2002-02-12", "crc-op-sc": "2002-01-18", "crc-op-ic": "2014-04-14", "crpd-op": "2008-05-03",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_act_engages_what_the_bases_say_and_nothing_that_they_leave_out(name):
    _, engages, leaves = CASES[name]
    found = engaged()[key_of(name)]
    assert set(engages.split()) - found == set()
    assert set(leaves.split()) & found == set()


def test_each_case_has_its_own_key():
    assert len({key_of(name) for name in CASES}) == len(CASES)
