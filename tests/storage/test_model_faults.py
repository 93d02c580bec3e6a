"""Files that are not sound: each fault is named, none ends in a traceback of something else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from documents import ABSENT, spoilt
from mixtures import STRUCTURES, fitted, two_groups

from bactrian import BadInputError, GaussianMixture, MixtureModel
from bactrian.mixture import Scaling
from bactrian.storage import ModelFileError
from bactrian.storage.checksum import checksum_of
from bactrian.storage.fields import FIELDS
from bactrian.storage.schema import PAGE, SCHEMA, page, schema, text
from bactrian.storage.training import TRAINING

DOCS = Path(__file__).parents[2] / "docs" / "model-file.md"
NEEDED = tuple(field.name for field in FIELDS if not field.optional)


def refused(document, where="model.json") -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        MixtureModel.from_json(json.dumps(document), where)
    return caught.value


# What both the schema and the reader refuse: where, what, and the words of the reader.
FAULTS = [
    ("format", "other", "format must be 'bactrian-mixture', but got 'other'"),
    ("version", 5, "version must be from 1 to 4, which this release reads"),
    ("version", 0, "version must be from 1 to 4, but got 0"),
    ("version", True, "version must be from 1 to 4, but got true"),
    ("version", "2", "version must be from 1 to 4, but got '2'"),
    ("library", "bactrian", r"library must be an object \{...\}"),
    ("library.version", 1, "library.version must be text, but got 1"),
    ("library.url", "x", "library must be one of name, version, but got the unknown 'url'"),
    ("covariance_type", "round", "covariance_type must be one of full, tied, diag, spherical"),
    ("covariance_type", ["full"], "covariance_type must be one of"),
    ("n_components", 0, "n_components must be a whole number of at least 1, but got 0"),
    ("n_components", 2.5, "n_components must be a whole number"),
    ("n_features", True, "n_features must be a whole number of at least 1, but got true"),
    ("feature_names", "ab", r"feature_names must be null or a list \[...\], but got 'ab'"),
    ("feature_names", ["a", 1], r"feature_names\[1\] must be text, but got 1"),
    ("feature_names", ["a", "a"], "feature_names must be null or a list of different names"),
    ("feature_names", [], "feature_names must be null or a list of 2"),
    ("component_names", "ab", r"component_names must be null or a list \[...\], but got 'ab'"),
    ("component_names", ["a", 1], r"component_names\[1\] must be null or text, but got 1"),
    ("component_names", [], "component_names must be null or a list of 2"),
    ("spikes", {}, r"spikes must be null or a list \[...\], but got an object"),
    ("spikes", [{"column": 0}], r"spikes\[0\]\.value must be given, but got nothing"),
    (
        "spikes",
        [{"column": -1, "value": 0.0, "shares": [0.1, 0.1]}],
        r"spikes\[0\]\.column must be a whole number of at least 0",
    ),
    (
        "spikes",
        [{"column": 0, "value": 0.0, "shares": [0.1, 1.1]}],
        r"spikes\[0\]\.shares\[1\] must be from 0 to 1, but got 1.1",
    ),
    ("weights", None, "weights must be a list of 2, but got null"),
    ("weights", [1.5, -0.5], r"weights\[1\] must be at least 0, but got -0.5"),
    ("weights.0", "0.5", r"weights\[0\] must be a number, but got '0.5'"),
    ("weights.0", True, r"weights\[0\] must be a number, but got true"),
    ("means", [1.0, 2.0], r"means\[0\] must be a list of 2, but got 1.0"),
    ("means.1.0", None, r"means\[1\]\[0\] must be a number, but got null"),
    ("means.1.0", {"a": 1}, r"means\[1\]\[0\] must be a number, but got an object of 1 fields"),
    ("covariances", {}, "covariances must be a list of 2"),
    ("covariances.1.0.0", "x", r"covariances\[1\]\[0\]\[0\] must be a number, but got 'x'"),
    ("precisions_cholesky", 1, "precisions_cholesky must be null or a list of 2, but got 1"),
    ("noise", 0.1, r"noise must be null or an object \{...\}, but got 0.1"),
    ("noise", {"weight": 0.0}, "noise.box must be given"),
    ("noise", {"weight": -0.1, "box": [[0, 0], [1, 1]]}, "noise.weight must be from 0 to 1"),
    ("noise", {"weight": 0.0, "box": [[0, 0]]}, "noise.box must be a list of 2"),
    ("noise", {"weight": 0, "box": [[0, "a"], [1, 1]]}, r"noise.box\[0\]\[1\] must be a number"),
    ("dof", 4.0, r"dof must be null or a list \[...\], but got 4.0"),
    ("dof", [], "dof must be null or a list of 1 or 2"),
    ("dof", [3.0, 0.0], r"dof\[1\] must be above 0, but got 0.0"),
    ("scaling", [1, 2], r"scaling must be null or an object \{...\}, but got a list of 2"),
    ("scaling", {"centre": [0, 0]}, "scaling.scale must be given, but got nothing"),
    ("scaling", {"centre": [0, 0], "scale": [1, 0]}, r"scaling\.scale\[1\] must be finite and"),
    ("scaling", {"centre": [0, "0"], "scale": [1, 1]}, r"scaling\.centre\[1\] must be a number"),
    ("training", [], "training must be an object"),
    ("training.n_samples", -1, "training.n_samples must be a whole number of at least 0"),
    ("training.weight", None, "training.weight must be a number, but got null"),
    ("training.bic", "low", "training.bic must be null or a number, but got 'low'"),
    ("training.converged", 1, "training.converged must be true or false, but got 1"),
    ("training.reason", None, "training.reason must be text, but got null"),
    ("training.warnings", "none", "training.warnings must be a list"),
    ("training.warnings", [1], r"training.warnings\[0\] must be text"),
    ("training.trace", [1, "2"], r"training.trace\[1\] must be null or a number"),
    ("training.optima.0.times", 1.5, r"training.optima\[0\].times must be a whole number"),
    ("training.optima.0.times", ABSENT, r"training.optima\[0\].times must be given"),
    ("training.collapses", [1], r"training.collapses\[0\] must be an object"),
    ("training.settings", 1, "training.settings must be an object"),
    ("training.missing", {"rows": 1}, "training.missing.empty must be given"),
    ("checksum", None, "checksum must be text, but got null"),
    ("checksum", "", "checksum: the file was changed after it was written"),
    ("comment", "x", "the field must be one of format, .*but got the unknown 'comment'"),
    *[(name, ABSENT, f"{name} must be .*, but got nothing") for name in NEEDED],
]

# What only the reader can see.
INCONSISTENCIES = [
    ("n_components", 3, "weights must be a list of 3, but got a list of 2"),
    ("n_components", 10**12, "weights must be a list of 1000000000000"),
    ("n_features", 3, r"means\[0\] must be a list of 3, but got a list of 2"),
    ("weights", [0.5, 0.5001], r"weights must be numbers that sum to 1, but got a sum of 1\.0001"),
    ("weights", [0.3, 0.7000001], "sum to 1"),
    ("noise", {"weight": 0.1, "box": [[0, 0], [1, 1]]}, "sum to 1 with noise.weight.*of 1.1"),
    ("noise", {"weight": 0, "box": [[0, 1], [1, 1]]}, "noise.box must be a lowest and a higher"),
    ("noise", {"weight": 0, "box": [[0], [1]]}, r"noise.box\[0\] must be a list of 2"),
    ("dof", [3.0, 3.0, 3.0], "dof must be null or a list of 1 or 2, but got a list of 3"),
    (
        "spikes",
        [{"column": 2, "value": 0.0, "shares": [0.1, 0.1]}],
        r"spikes\[0\]\.column must be below 2, but got 2",
    ),
    (
        "spikes",
        [{"column": 0, "value": 0.0, "shares": [0.1]}],
        r"spikes\[0\]\.shares must be 2 numbers, but got 1 numbers",
    ),
    (
        "spikes",
        [{"column": 0, "value": 0.0, "shares": [0.1, 0.1]}] * 2,
        "spikes must be each value once, but got a value twice",
    ),
    (
        "spikes",
        [{"column": 0, "value": v, "shares": [0.6, 0.1]} for v in (0.0, 1.0)],
        "spikes must be probabilities of each column that sum to at most 1, but got a sum of 1.2",
    ),
    ("feature_names", ["a"], "feature_names must be null or a list of 2, but got a list of 1"),
    ("component_names", ["a"], "component_names must be null or a list of 2, but got a list of 1"),
    ("covariance_type", "diag", r"covariances\[0\]\[0\] must be a number, but got a list of 2"),
    ("covariances.0.0.1", 0.7123, r"covariances must be symmetric, but got 0.7123 and .*"),
    ("covariances.1.0.0", -1.0, "covariances must be positive definite.*component 2"),
    ("covariances.1", [[1, 1], [1, 1]], "covariances must be positive definite"),
    ("means.0.0", 10**400, "means must be finite, but got a number beyond float64"),
    ("precisions_cholesky", [[[1, 0], [0, 1]]] * 2, "of the inverse covariances.*to null"),
    ("precisions_cholesky", [[[1, 0], [1, 1]]] * 2, "must be upper triangular"),
    ("precisions_cholesky", [[[1, 0], [0, -1]]] * 2, "above 0 on the diagonal, but got -1.0"),
    ("scaling", {"centre": [0], "scale": [1]}, "scaling.centre must be a list of 2"),
    ("training.mine", {"a": [1, 10**400]}, r"training.mine.a\[1\] must be finite"),
    ("training.settings", {"tol": 10**400}, "training.settings.tol must be finite"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS + INCONSISTENCIES)
def test_faults_are_named(document, path, value, message):
    error = refused(spoilt(document, path, value))
    assert re.search(message, str(error)), str(error)
    assert str(error).startswith("model.json: ")
    assert error.where == "model.json"
    assert error.field or path in ("comment", "version")


@pytest.mark.parametrize(("path", "value"), [fault[:2] for fault in FAULTS])
def test_schema_refuses_what_the_reader_refuses(document, path, value):
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid(document)
    assert not validator.is_valid(spoilt(document, path, value))


@pytest.mark.parametrize("covariance_type", STRUCTURES)
def test_what_is_written_obeys_the_schema(covariance_type):
    jsonschema.Draft202012Validator.check_schema(schema())
    gm = fitted(two_groups(), covariance_type, n_init=2)
    for scaling in (None, Scaling([1.0, 2.0], [3.0, 4.0])):
        text = gm.to_model(scaling).to_json()
        jsonschema.validate(json.loads(text), schema(), jsonschema.Draft202012Validator)


def test_schema_and_reader_know_the_same_fields():
    assert tuple(schema()["properties"]) == (*NEEDED, "checksum")
    assert tuple(schema()["required"]) == NEEDED
    assert set(schema()["properties"]["training"]["properties"]) == {
        field.name for field in TRAINING
    }


def test_schema_and_documentation_are_those_of_the_table():
    """If they are not: python -m bactrian.storage.schema."""
    assert SCHEMA.read_text(encoding="utf-8") == text()
    assert PAGE == DOCS
    assert PAGE.read_text(encoding="utf-8") == page(PAGE.read_text(encoding="utf-8"))
    assert all(f"| `{field.name}` |" in page("") for field in (*FIELDS, *TRAINING))


def test_schema_in_the_documentation_is_the_one_shipped():
    text = DOCS.read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    schemas = [found for found in map(json.loads, blocks) if "$schema" in found]
    assert schemas == [schema()]


def test_document_in_the_documentation_loads():
    blocks = re.findall(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if "$schema" not in block]
    model = MixtureModel.from_json(example)
    assert model.parameters.n_components == 2
    written = json.loads(example)
    assert written.pop("checksum") == checksum_of(written)


@pytest.mark.parametrize(
    "settings",
    [
        {"fixed": 5},
        {"fixed": ["weights", 7]},
        {"fixed": [["means"]]},
        {"tol": "x"},
        {"n_init": -1},
    ],
)
def test_odd_settings_fail_no_sooner_than_the_fit(document, settings):
    model = MixtureModel.from_json(json.dumps(spoilt(document, "training.settings", settings)))
    gm = GaussianMixture.from_mixture(model)
    assert (gm.predict(two_groups()) >= 0).all()
    with pytest.raises(BadInputError):
        gm.fit(two_groups())


def test_a_false_float32_does_not_round(document):
    document["training"]["dtype"] = "float32"
    gm = GaussianMixture.from_mixture(MixtureModel.from_json(json.dumps(document)))
    assert gm.means_.tolist() == document["means"]


@pytest.mark.parametrize(
    ("version", "newer"),
    [
        (1, ("component_names", "noise", "dof", "spikes")),
        (2, ("component_names", "spikes")),
        (3, ("spikes",)),
    ],
)
def test_an_older_version_has_no_newer_fields(document, version, newer):
    document["version"] = version
    for name in newer:
        error = refused(document)
        assert re.search(f"the field must be one of .*but got the unknown {name!r}", str(error))
        assert not jsonschema.Draft202012Validator(schema()).is_valid(document)
        del document[name]
    assert MixtureModel.from_json(json.dumps(document))


def test_a_newer_version_says_who_wrote_it(document):
    document["library"]["version"] = "9.0"
    error = refused(spoilt(document, "version", 7))
    assert str(error) == (
        "model.json: version must be from 1 to 4, which this release reads, "
        "but got 7 (written by bactrian 9.0). Upgrade: pip install --upgrade bactrian"
    )


def test_weights_of_a_float32_fit_may_round(document):
    weights = [0.30000001192092896, 0.7000002861022949]  # both float32; the sum is 1 + 3e-7
    assert MixtureModel.from_json(json.dumps(spoilt(document, "weights", weights)))
