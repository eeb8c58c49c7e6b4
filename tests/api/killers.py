"""Twenty-four queries that hang an engine or eat its memory, and how each may end."""

TIME, MEMORY, LARGE, REFUSED = "query-timeout", "query-out-of-memory", "answer-too-large", "query-refused"

PRODUCT = "?a ?p ?x . ?b ?q ?y . ?c ?r ?z"
ANY = "!<urn:none>"  # a path of any property

_ROWS = " ".join(f"VALUES ?v{i} {{ {' '.join(str(n) for n in range(60))} }}" for i in range(6))
_DOUBLE = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))
_REPLACE = " ".join(f"BIND(REPLACE(?x{i}, 'a', 'aa') AS ?x{i + 1})" for i in range(40))
_SUBSELECTS = " ".join(f"{{ SELECT ?s{i} {{ ?s{i} ?p{i} ?o{i} }} }}" for i in range(4))

# Name, query, and the ends that are right; which of time and memory comes first depends on the machine.
KILLERS = {
    "product": (f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}", {TIME, MEMORY}),
    "product of VALUES": (f"SELECT (COUNT(*) AS ?n) {{ {_ROWS} }}", {TIME, MEMORY}),
    "product of subselects": (f"SELECT (COUNT(*) AS ?n) {{ {_SUBSELECTS} }}", {TIME, MEMORY}),
    "product that no row passes": (
        f"ASK {{ {PRODUCT} FILTER(CONCAT(STR(?x), STR(?y), STR(?z)) = 'none') }}",
        {TIME, MEMORY},
    ),
    "product as a graph": (f"CONSTRUCT {{ ?a ?q ?z }} {{ {PRODUCT} }}", {TIME, MEMORY, LARGE}),
    "product as rows": (f"SELECT * {{ {PRODUCT} }}", {TIME, MEMORY, LARGE}),
    "path": (f"SELECT (COUNT(*) AS ?n) {{ ?a ({ANY})* ?b . ?c ({ANY})* ?d }}", {TIME, MEMORY}),
    "path of paths": (f"SELECT (COUNT(*) AS ?n) {{ ?a ((({ANY})*)*)* ?b . ?b (({ANY})+)* ?c }}", {TIME, MEMORY}),
    "path both ways": (f"SELECT (COUNT(*) AS ?n) {{ ?a ({ANY}|^({ANY}))+ ?b }}", {TIME, MEMORY}),
    "sort": (f"SELECT * {{ {PRODUCT} }} ORDER BY ?x ?y ?z LIMIT 1", {TIME, MEMORY}),
    "distinct": (f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT ?x ?y ?z {{ {PRODUCT} }} }}", {TIME, MEMORY}),
    "groups": (f"SELECT ?x ?y (COUNT(*) AS ?n) {{ {PRODUCT} }} GROUP BY ?x ?y ?z", {TIME, MEMORY}),
    "group into a text": (f"SELECT (GROUP_CONCAT(?x) AS ?n) {{ {PRODUCT} }}", {TIME, MEMORY, LARGE}),
    "doubling by CONCAT": (f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('aaaaaaaa' AS ?x0) {_DOUBLE} }}", {TIME, MEMORY}),
    "doubling by REPLACE": (f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('aaaaaaaa' AS ?x0) {_REPLACE} }}", {TIME, MEMORY}),
    "hashes": (
        f"SELECT (COUNT(?h) AS ?n) {{ {PRODUCT} BIND(SHA512(CONCAT(STR(?x), STR(?y))) AS ?h) }}",
        {TIME, MEMORY},
    ),
    "patterns of text": (f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} FILTER REGEX(STR(?x), '(a+)+b') }}", {TIME, MEMORY}),
    "absence": (
        f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} FILTER NOT EXISTS {{ ?d ?s ?w FILTER(?w = CONCAT(?x, ?y)) }} }}",
        {TIME, MEMORY},
    ),
    "difference": (f"SELECT (COUNT(*) AS ?n) {{ {{ {PRODUCT} }} MINUS {{ ?a ?p ?y . ?d ?s ?z }} }}", {TIME, MEMORY}),
    "900 patterns": (
        f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'?s{i} ?p{i} ?o{i} .' for i in range(900))} }}",
        {TIME, MEMORY, REFUSED},
    ),
    "700 OPTIONALs": (f"SELECT * {{ {' '.join(f'OPTIONAL {{ ?a ?p{i} ?o{i} }}' for i in range(700))} }}", {REFUSED}),
    "deep braces": (f"SELECT * {'{' * 2215}{'}' * 2215}", {REFUSED}),
    "deep parentheses": (f"SELECT * {{ FILTER({'(' * 3000}1{')' * 3000}) }}", {REFUSED}),
    "UNION of UNIONs": (f"SELECT * {{ {' UNION '.join(['{ ?a ?b ?c }'] * 1500)} }}", {REFUSED}),
}
