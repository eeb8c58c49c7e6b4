"""The description of the interface: true of every route, whatever is sent.

Schemathesis makes requests out of the description, valid and not, and looks whether the answers are as described.
"""

import re
import zlib

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from api.app import create_app
from kg.config import Settings
from kg.partner.process import FORMATS
from tests.api.serving import serve

# What is left out, and why:
# - positive_data_acceptance: a text is a valid parameter and still no SPARQL, or the name of nothing;
# - negative_data_rejection: the SPARQL Protocol lets unknown parameters be ignored, and pages do the same;
# - ignored_auth, use_after_free, ensure_resource_availability, missing_required_header: there is no secret, nothing is
#   made or deleted, and no header is required.
CHECKS = (
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
)
ACCEPTS = ("*/*", "text/html", "application/json", "text/turtle, */*;q=0.1", "image/png", "text/csv;q=0.5, ,;q=x")
# The same each time, few and without a search for smaller failures: it is a walk over the routes, not a hunt.
WALK = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/sparql-query", *FORMATS.values())
def write_query(context, value):
    """Send a query as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def server(shipped):
    """Serve the shipped data, of which the examples of the description are."""
    with serve(shipped.path.parent, deadline=20) as server:
        yield server


@pytest.fixture(scope="module")
def walked(release):
    """Serve the frozen graph, in which every class has a thing; a session there, its address, and the requests that were sent."""
    # Time enough for a whole graph on a busy machine.
    with serve(release.path.parent, deadline=20) as server, requests.Session() as session:
        session.trust_env = False  # it would look for proxies before each request
        yield session, server.url, set()


@pytest.fixture(scope="module")
def schema():
    """Read the description as Schemathesis does."""
    schema = schemathesis.openapi.from_dict(create_app(Settings.load(env={})).openapi())
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return schema


@pytest.fixture
def name_of_node(request):
    """Give a test the attribute from which Schemathesis names its operations, and which pytest has no longer."""
    request.node._nodeid = request.node.nodeid


# From a fixture, so that its requests are made where they are sent, and not by each process that collects this file.
@schemathesis.pytest.from_fixture("schema").parametrize()
@WALK
def test_every_answer_is_as_described(name_of_node, walked, case):
    accept = ACCEPTS[zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % len(ACCEPTS)]
    session, url, sent = walked
    request = repr((case.method, case.formatted_path, case.query, case.headers, case.media_type, case.body))
    if request in sent:  # different cases may come to the same request
        return
    sent.add(request)
    answer = case.call(base_url=url, session=session, headers={"Accept": accept})
    # OpenAPI 3.1 has no word for the method QUERY, which /sparql takes and no other route.
    undeclared = answer.request.method == "QUERY" and case.path == "/sparql"
    wanted = [check for check in CHECKS if not undeclared or check is not checks.unsupported_method]
    if answer.status_code != 503:  # described, and so the one server error that may be
        wanted.append(not_a_server_error)
    case.validate_response(answer, checks=wanted)
    assert answer.headers["x-release"]


def test_the_server_describes_itself_so_with_an_operation_for_each_question(server, schema):
    with server.client() as client:
        described = client.get("/openapi.json").json()
        questions = {
            f"/questions/{one['name']}": one for one in client.get("/questions?format=json").json()["questions"]
        }
    operations = {path: one["get"] for path, one in described["paths"].items() if path in questions}
    assert questions.keys() == operations.keys() != set()
    general = {path: one for path, one in described["paths"].items() if path not in questions}
    assert general == schema.raw_schema["paths"]
    for path, operation in operations.items():
        own = {one["name"]: one for one in operation["parameters"]}
        parameters = questions[path]["parameters"]
        assert {one["name"]: one["example"] for one in parameters}.items() <= {
            name: one.get("example") for name, one in own.items()
        }.items()
        assert questions[path]["title"] == operation["summary"]
        assert questions[path]["question"] in operation["description"]
        row = described["components"]["schemas"][_schema_name(operation) + "Row"]["properties"]
        assert [one["name"] for one in questions[path]["columns"]] == [*row]


def _schema_name(operation):
    """Name the schema of an operation's answer in JSON."""
    return operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


def test_each_answer_in_json_has_a_schema(schema):
    bare = []
    for path, methods in schema.raw_schema["paths"].items():
        for method, operation in methods.items():
            content = operation["responses"].get("200", {}).get("content", {})
            bare += [
                (method, path) for kind, one in content.items() if kind == "application/json" and not one["schema"]
            ]
    assert [] == bare


def test_every_operation_has_a_name_of_its_own_that_a_program_can_have(schema):
    names = [one["operationId"] for methods in schema.raw_schema["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    assert [] == [name for name in names if not re.fullmatch("[a-z][a-z0-9_]*", name)]


def test_every_example_has_an_answer_in_a_form_that_is_described(server, schema):
    own = {"/questions/{name}": "treaties-in-force", "/crosswalks/{name}": "rights-sdg.tsv"}
    needed = {"/reconcile/preview": "?id=id/state/kaz", "/reconcile/properties": "?type=State"}
    needed |= {"/reconcile/suggest/{suggested}": "?prefix=kaz"}
    release = server.health()["release"]
    with server.client() as client:
        word = client.get("/questions/coverage.json").json()["permanent"].rpartition("/")[2]
        for path, methods in schema.raw_schema["paths"].items():
            operation = methods["get"]
            examples = {
                one["name"]: one["schema"].get("examples", [None])[0] for one in operation.get("parameters", ())
            }
            examples |= {"name": own.get(path, examples.get("name")), "release": release, "word": word}
            address = path
            for name, example in examples.items():
                address = address.replace("{" + name + "}", str(example))
            answer = client.get(address + needed.get(path, ""))
            if path == "/changes/{old}/{new}":  # there is one release, and so nothing to compare
                assert 404 == answer.status_code
                continue
            described = operation["responses"]
            status = "200" if "200" in described else min(set(described) & {"302", "303"})
            assert answer.status_code == int(status), path
            forms = described[status].get("content", {})
            assert not forms or answer.headers["content-type"].partition(";")[0] in forms, path
