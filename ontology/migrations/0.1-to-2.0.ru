# Rewrites data of version 0.1 of the ontology for version 2.0, graph by graph; run again, it changes nothing.
# With the named graphs in a store: every old class becomes the class in its place, a reason for no attribution becomes a note
# with the kind "unknown", and a finding gets the outcome "breach", which every finding of version 0.1 had.
# What it cannot know is left to people: the circumstances of acts, the organ behind "government", the act that an omission answers to.

PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>

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

DELETE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } }
INSERT { GRAPH ?graph { ?act ans:nonAttributionNote ?reason ; ans:hasNonAttributionReason <https://w3id.org/answerable/scheme/non-attribution/unknown> } }
WHERE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } } ;

INSERT { GRAPH ?graph { ?finding ans:hasFindingOutcome <https://w3id.org/answerable/scheme/finding-outcome/breach> } }
WHERE {
  GRAPH ?graph { ?finding a ans:Finding }
  FILTER NOT EXISTS { GRAPH ?other { ?finding ans:hasFindingOutcome ?outcome } }
}
