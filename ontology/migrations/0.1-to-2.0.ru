# Rewrites data of version 0.1 of the ontology for version 2.0, graph by graph; run again, it changes nothing.
# Every store with named graphs runs it. README.md beside it tells how, what changes, how to check the result, and what is left to people.

PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>

# Three classes that judged became one with a neutral class of version 0.1. Where a basis is about one of them, a circumstance keeps its acts apart.
INSERT { GRAPH ?graph { ?act ans:hasCircumstance <https://w3id.org/answerable/scheme/circumstance/judging-class-before> ; ans:hasCircumstancePassage ?passage } }
WHERE {
  VALUES ?old { ans:ArbitraryKilling ans:ExcessiveForce ans:ArbitraryDetention }
  GRAPH ?graph { ?act a ?old }
  GRAPH ?told { ?act ans:isReportedIn ?passage }
  FILTER EXISTS { GRAPH ?bases { ?basis ans:coversActClass ?old } }
} ;

INSERT { GRAPH ?graph { ?basis ans:needsCircumstance <https://w3id.org/answerable/scheme/circumstance/judging-class-before> } }
WHERE {
  VALUES ?old { ans:ArbitraryKilling ans:ExcessiveForce ans:ArbitraryDetention }
  GRAPH ?graph { ?basis ans:coversActClass ?old }
} ;

# Six classes stood below one that they no longer stand below. A basis about that one gets a copy for each, where none is about it already.
INSERT { GRAPH ?graph { ?copy ?property ?value ; ans:coversActClass ?apart } }
WHERE {
  VALUES (?old ?apart ?name) {
    (ans:DenialOfJustice ans:FailureToInvestigate "inquiry-not-given")
    (ans:DenialOfJustice ans:DenialOfRedress "redress-not-given")
    (ans:DenialOfJustice ans:PublicPresumptionOfGuilt "public-statement-of-guilt")
    (ans:DenialOfJustice ans:InterferenceWithPetition "petition-hindered")
    (ans:DenialOfJustice ans:DisregardOfInterimMeasures "interim-measures-not-followed")
    (ans:DeprivationOfLife ans:DeathPenaltyImposition "death-penalty-imposition")
  }
  GRAPH ?graph { ?basis ans:coversActClass ?old ; ans:pointsTo ?provision ; ?property ?value }
  FILTER (?property != ans:coversActClass)
  FILTER NOT EXISTS { GRAPH ?others { ?other ans:coversActClass ?apart ; ans:pointsTo ?provision } }
  BIND (IRI(CONCAT(STR(?basis), "-for-", ?name)) AS ?copy)
} ;

INSERT { GRAPH ?graph { ?act a ans:OtherIllTreatment } }
WHERE { GRAPH ?graph { ?act a ans:InhumaneDetentionConditions } } ;

DELETE { GRAPH ?graph { ?act a ?old } }
INSERT { GRAPH ?graph { ?act a ?new } }
WHERE {
  VALUES (?old ?new) {
    (ans:DeprivationOfLife ans:Killing)
    (ans:ArbitraryKilling ans:Killing)
    (ans:InhumaneDetentionConditions ans:DetentionConditions)
    (ans:ExcessiveForce ans:UseOfForce)
    (ans:ArbitraryDetention ans:DeprivationOfLiberty)
    (ans:EnforcedDisappearance ans:Disappearance)
    (ans:ForcedReturn ans:Removal)
    (ans:DenialOfAsylumProcedure ans:AsylumProcedure)
    (ans:DenialOfJustice ans:CourtProcess)
    (ans:UnfairTrial ans:CriminalTrial)
    (ans:AdmissionOfCoercedStatement ans:UseOfStatement)
    (ans:FailureToInvestigate ans:InquiryNotGiven)
    (ans:DenialOfRedress ans:RedressNotGiven)
    (ans:PublicPresumptionOfGuilt ans:PublicStatementOfGuilt)
    (ans:InterferenceWithPetition ans:PetitionHindered)
    (ans:DisregardOfInterimMeasures ans:InterimMeasuresNotFollowed)
    (ans:DenialOfMonitoring ans:MonitoringRefused)
    (ans:Discrimination ans:DifferentialTreatment)
    (ans:LegislativeAct ans:LawChange)
  }
  GRAPH ?graph { ?act a ?old }
} ;

# Engagement bases and other things that name a class.
DELETE { GRAPH ?graph { ?thing ?property ?old } }
INSERT { GRAPH ?graph { ?thing ?property ?new } }
WHERE {
  VALUES (?old ?new) {
    (ans:DeprivationOfLife ans:Killing)
    (ans:ArbitraryKilling ans:Killing)
    (ans:InhumaneDetentionConditions ans:DetentionConditions)
    (ans:ExcessiveForce ans:UseOfForce)
    (ans:ArbitraryDetention ans:DeprivationOfLiberty)
    (ans:EnforcedDisappearance ans:Disappearance)
    (ans:ForcedReturn ans:Removal)
    (ans:DenialOfAsylumProcedure ans:AsylumProcedure)
    (ans:DenialOfJustice ans:CourtProcess)
    (ans:UnfairTrial ans:CriminalTrial)
    (ans:AdmissionOfCoercedStatement ans:UseOfStatement)
    (ans:FailureToInvestigate ans:InquiryNotGiven)
    (ans:DenialOfRedress ans:RedressNotGiven)
    (ans:PublicPresumptionOfGuilt ans:PublicStatementOfGuilt)
    (ans:InterferenceWithPetition ans:PetitionHindered)
    (ans:DisregardOfInterimMeasures ans:InterimMeasuresNotFollowed)
    (ans:DenialOfMonitoring ans:MonitoringRefused)
    (ans:Discrimination ans:DifferentialTreatment)
    (ans:LegislativeAct ans:LawChange)
  }
  VALUES ?property { ans:coversActClass ans:matchesActClass }
  GRAPH ?graph { ?thing ?property ?old }
} ;

# The kind of reason is not guessed from its words.
DELETE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } }
INSERT { GRAPH ?graph { ?act ans:nonAttributionNote ?reason ; ans:hasNonAttributionReason <https://w3id.org/answerable/scheme/non-attribution/not-classified> } }
WHERE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } } ;

# An aftermath needs the passage that says "because of"; what remains without one is that the event was later.
DELETE { GRAPH ?graph { ?event ans:isAftermathOf ?earlier } }
INSERT { GRAPH ?graph { ?event ans:isLaterThan ?earlier } }
WHERE {
  GRAPH ?graph { ?event ans:isAftermathOf ?earlier }
  FILTER NOT EXISTS { GRAPH ?other { ?event ans:hasAftermathPassage ?passage } }
} ;

INSERT { GRAPH ?graph { ?finding ans:hasFindingOutcome <https://w3id.org/answerable/scheme/finding-outcome/breach> } }
WHERE {
  GRAPH ?graph { ?finding a ans:Finding }
  FILTER NOT EXISTS { GRAPH ?other { ?finding ans:hasFindingOutcome ?outcome } }
} ;

INSERT { GRAPH ?graph { ?basis ans:needsCommunication true } }
WHERE { GRAPH ?graph { ?basis a ans:EngagementBasis ; ans:concernsRight <https://w3id.org/answerable/scheme/right/petition> } } ;

DELETE { GRAPH ?graph { ?thing ans:isReportedIn ?computed } }
WHERE {
  GRAPH ?made { ?computed ans:hasReading <https://w3id.org/answerable/scheme/reading/computed> }
  GRAPH ?graph { ?thing ans:isReportedIn ?computed }
  GRAPH ?beside { ?thing ans:isReportedIn ?other }
  FILTER NOT EXISTS { GRAPH ?third { ?other ans:hasReading <https://w3id.org/answerable/scheme/reading/computed> } }
} ;

DELETE { GRAPH ?graph { ?computed ?property ?value } }
WHERE {
  GRAPH ?graph { ?computed ans:hasReading <https://w3id.org/answerable/scheme/reading/computed> ; ?property ?value }
  FILTER NOT EXISTS { GRAPH ?citing { ?thing ans:isReportedIn ?computed } }
} ;

# The IRI of a person who is named becomes opaque, in all graphs alike.
INSERT { GRAPH <urn:answerable:opaque> { ?person dcterms:isReplacedBy ?opaque } }
WHERE {
  {
    SELECT DISTINCT ?person
    WHERE { GRAPH ?graph { ?person a ans:Person } GRAPH ?other { ?person ans:publicationBasis ?basis } }
  }
  FILTER (!REGEX(STR(?person), "/person/[0-9a-f]{10}$"))
  BIND (IRI(CONCAT("https://w3id.org/answerable/id/person/", SUBSTR(STRUUID(), 25, 10))) AS ?opaque)
} ;

DELETE { GRAPH ?graph { ?person ?property ?value } }
INSERT { GRAPH ?graph { ?opaque ?property ?value } }
WHERE {
  GRAPH <urn:answerable:opaque> { ?person dcterms:isReplacedBy ?opaque }
  GRAPH ?graph { ?person ?property ?value }
  FILTER (?graph != <urn:answerable:opaque>)
} ;

DELETE { GRAPH ?graph { ?thing ?property ?person } }
INSERT { GRAPH ?graph { ?thing ?property ?opaque } }
WHERE {
  GRAPH <urn:answerable:opaque> { ?person dcterms:isReplacedBy ?opaque }
  GRAPH ?graph { ?thing ?property ?person }
} ;

DROP SILENT GRAPH <urn:answerable:opaque>
