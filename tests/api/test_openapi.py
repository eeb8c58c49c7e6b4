"""The description of the interface: true of every route, whatever is sent.

Schemathesis makes requests out of the description, valid and not, and looks whether the answers are as described.
"""

import json
import zlib

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from api.app import create_app
from api.description import DESCRIPTION
from api.routes import ROUTES
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
    """Serve the shipped release."""
    with serve(shipped.path.parent, deadline=20) as server:  # time enough for a whole graph on a busy machine
        yield server


schema = schemathesis.openapi.from_dict(create_app(Settings.load(env={})).openapi())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
@WALK
def test_every_answer_is_as_described(server, case):
    accept = ACCEPTS[zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % len(ACCEPTS)]
    answer = case.call(base_url=server.url, headers={"Accept": accept})
    # OpenAPI 3.1 has no word for the method QUERY, which /sparql takes and no other route.
    undeclared = answer.request.method == "QUERY" and case.path == "/sparql"
    wanted = [check for check in CHECKS if not undeclared or check is not checks.unsupported_method]
    if answer.status_code != 503:  # described, and so the one server error that may be
        wanted.append(not_a_server_error)
    case.validate_response(answer, checks=wanted)
    assert answer.headers["x-release"]


def test_the_server_describes_itself_so(server):
    with server.client() as client:
        assert schema.raw_schema == client.get("/openapi.json").json()


def examples_of_parameters():
    """Read the example of each parameter out of the description."""
    known = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["components"]["parameters"]
    return {name: one["example"] for name, one in known.items() if "example" in one}


def test_every_example_has_an_answer_in_a_form_of_its_row(server):
    own = {
        "/questions/{name}": "treaties-in-force",
        "/graph/{name}": "inferred",
        "/crosswalks/{name}": "rights-sdg.tsv",
    }
    needed = {"/reconcile/preview": "?id=id/state/kaz", "/reconcile/properties": "?type=State"}
    needed |= {"/reconcile/suggest/{suggested}": "?prefix=kaz"}
    own |= dict.fromkeys(("/questions/{name}.svg", "/questions/{name}.png", "/embed/questions/{name}"), "coverage")
    release = server.health()["release"]
    with server.client() as client:
        word = client.get("/questions/coverage.json").json()["permanent"].rpartition("/")[2]
        for row in ROUTES:
            path = row.address
            examples = {**examples_of_parameters(), "name": own.get(path), "release": release, "word": word}
            if path == "/scheme/{scheme}/{key}":
                examples["key"] = "non-refoulement"
            if path == "/shapes/{part}":
                examples["part"] = "house"
            if path.endswith(".{suffix}") and "text/turtle" not in [
                getattr(form, "media_type", "") for form in row.forms
            ]:  # a table
                examples["suffix"] = "csv"
            address = path
            for name, example in examples.items():
                address = address.replace("{" + name + "}", str(example))
            answer = client.get(address + needed.get(path, ""))
            if path == "/changes/{old}/{new}":  # there is one release, and so nothing to compare
                assert 404 == answer.status_code
                continue
            assert answer.status_code == (200 if row.forms else row.statuses[0]), path
            forms = [form if isinstance(form, str) else form.media_type for form in row.forms]
            assert not forms or answer.headers["content-type"].partition(";")[0] in forms
