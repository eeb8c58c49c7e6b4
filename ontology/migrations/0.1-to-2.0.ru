# Rewrites data of version 0.1 of the ontology for version 2.0, graph by graph; run again, it changes nothing.
# With the named graphs in a store: every old class becomes the class in its place, a reason for no attribution becomes a note
# with the kind "unknown", and a finding gets the outcome "breach", which every finding of version 0.1 had. Conditions of detention that
# were called inhumane stay ill-treatment as well, a basis on the right of petition needs a communication, which the rule of version 0.1
# asked for by itself, and a passage made for a calculation goes where a passage of a document is cited beside it.
# What it cannot know is left to people: the circumstances of acts, the organ behind "government", the act that an omission answers to.

PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>

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

DELETE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } }
INSERT { GRAPH ?graph { ?act ans:nonAttributionNote ?reason ; ans:hasNonAttributionReason <https://w3id.org/answerable/scheme/non-attribution/unknown> } }
WHERE { GRAPH ?graph { ?act ans:nonAttributionReason ?reason } } ;

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
}
