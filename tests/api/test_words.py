"""Every page in Russian and Kazakh: no English on it but names, quotations, addresses and what is marked as English."""

PAGE = {"Accept": "text/html"}
NAMES = """PREFIX ans: <https://w3id.org/answerable/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?name { ?thing ?property ?name FILTER (ISLITERAL(?name))
VALUES ?property { skos:prefLabel skos:altLabel ans:shortName ans:symbol ans:printed ans:section } }"""
