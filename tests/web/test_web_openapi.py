"""The description of the API: up to date, and true of the server."""

from __future__ import annotations

import inspect
import json
import re

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from serving import SIX, client_of

from bactrian.web import schema
from bactrian.web.handlers import DOCUMENT
from bactrian.web.openapi import description, text
from bactrian.web.routes import PREFIX, ROUTES

ID = re.compile("[A-Za-z0-9_-]{8,64}")
# What a schema cannot say: which columns there are, and that rows are of one length.
WITH_RULES_OF_THEIR_OWN = ("/datasets", "/points", "/fits", "/searches", "/evaluate")
EXAMPLES = 5  # requests that are made up for each operation


def test_the_committed_description_is_that_of_the_routes():
    """If it is not: python -m bactrian.web.openapi, then npm run types in frontend/."""
    assert DOCUMENT.read_text(encoding="utf-8") == text()


def test_the_server_gives_its_description(client):
    assert client.get("openapi.json").json() == description()


def test_every_class_of_the_contract_is_described():
    described = description()["components"]["schemas"]
    for name, kind in inspect.getmembers(schema, inspect.isclass):
        if not issubclass(kind, schema.Value) or kind in (schema.Value, schema.RowsToFit):
            continue
        assert name in described, name


def test_examples_of_requests_are_requests():
    for name, described in description()["components"]["schemas"].items():
        for example in described.get("examples", ()):
            getattr(schema, name).model_validate_json(json.dumps(example))


def test_every_route_is_described_with_its_problems():
    paths = description()["paths"]
    for route in ROUTES:
        told = paths[PREFIX + route.path][route.method.lower()]
        assert set(map(int, told["responses"])) >= {route.status, 403, *route.problems}
    names = [told["operationId"] for path in paths.values() for told in path.values()]
    assert len(set(names)) == len(names) == len(ROUTES)


def test_answers_are_of_the_classes_that_are_promised(client):
    job = client.fit(client.data(SIX))
    schema.Job.model_validate_json(json.dumps(job))
    path = f"fits/{job['id']}"
    for kind, answer in (
        (schema.About, client.get("about")),
        (schema.ExampleData, client.get("examples/iris")),
        (schema.Frames, client.get(f"{path}/frames")),
        (schema.Anomalies, client.get(f"{path}/anomalies")),
        (schema.Sample, client.post(f"{path}/sample", json={})),
        (schema.Evaluation, client.post(f"{path}/evaluate", json={"rows": [[1, None]]})),
        (schema.Problem, client.get("jobs/none")),
    ):
        kind.model_validate_json(answer.content)


described = schemathesis.openapi.from_dict(description())
described.config.checks.negative_data_rejection.expected_statuses += ["413"]  # also a refusal


@pytest.fixture(scope="module")
def known(url) -> dict[str, str]:
    """Ids that the server knows, for what is asked of them."""
    with client_of(url) as client:
        data = client.data(SIX)
        return {"datasets": data["id"], "fits": client.fit(data)["id"], "examples": "sample"}


@described.parametrize()
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_server_is_as_described(case, url, known):
    """Made-up requests, right and wrong ones: the answers are those that are described."""
    kind = case.path.removeprefix(f"{PREFIX}/").split("/")[0]
    if case.method == "GET" or kind == "fits":
        case.path_parameters = {name: known.get(kind, "none") for name in case.path_parameters}
    if isinstance(case.body, dict) and ID.fullmatch(str(case.body.get("dataset"))):
        case.body["dataset"] = known["datasets"]
    unsaid = [positive_data_acceptance] if case.path.endswith(WITH_RULES_OF_THEIR_OWN) else []
    case.call_and_validate(base_url=url, timeout=30, excluded_checks=unsaid)


def test_made_up_requests_are_right_and_wrong_ones():
    assert set(described.config.generation.modes) == set(GenerationMode)


def test_other_methods_are_refused_with_those_that_are_not(client):
    answer = client.patch("about")
    assert (answer.status_code, answer.json()["code"]) == (405, "not_allowed")
    assert "GET" in answer.headers["allow"]
    answer = client.put("datasets/x")
    assert {"GET", "DELETE"} <= set(answer.headers["allow"].split(", "))
    assert client.head("about").status_code == 200
    assert client.get("nothing").json()["code"] == "not_found"
    assert httpx.get(str(client.base_url.join("../../nothing"))).status_code in (404, 503)
