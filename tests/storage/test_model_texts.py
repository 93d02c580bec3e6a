"""Texts and files that are no sound model: refused by name, never with another traceback."""

from __future__ import annotations

import json
import os
import pickle

import pytest
from documents import spoilt
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from mixtures import fitted, two_groups

from bactrian import GaussianMixture, MixtureModel, load_model
from bactrian.storage import ModelFileError
from bactrian.storage.fields import FIELDS
from bactrian.storage.files import spell
from bactrian.storage.training import TRAINING

_DOCUMENT = json.loads(fitted(two_groups()).to_model().to_json())
del _DOCUMENT["checksum"]  # which would hide what the other checks see
_TEXT = spell(_DOCUMENT)
_PLACES = [
    *(field.name for field in FIELDS if field.name in _DOCUMENT),
    *(f"training.{field.name}" for field in TRAINING),
]


# ---- text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        (" \n", "an empty file"),
        ("{", "a fault at line 1, column 2"),
        ("[1, 2]", r"must be a model file of bactrian \(JSON\), but got a list of 2"),
        ("null", "but got null"),
        ("hello", "this is not a model file"),
        ('{"a": NaN}', "finite numbers, but got NaN"),
        ('{"a": -Infinity}', "finite numbers, but got -Infinity"),
        ('{"a": 1, "a": 2}', "but got 'a' twice in one object"),
        ('{"format": "bactrian-mixture", "version": 1' + "0" * 5000 + "}", "beyond limits"),
        ("{}", "format must be 'bactrian-mixture', but got nothing"),
        ("[" * 200_000, "nested too deeply"),
        ("[" * 200_000 + "]" * 200_000, "nested too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
    ],
)
def test_texts_that_are_no_model(text, message):
    with pytest.raises(ModelFileError, match=message):
        MixtureModel.from_json(text)


@pytest.mark.parametrize("depth", [100, 300, 500, 900, 2000, 5000])
def test_nested_training_loads_or_is_refused(document, depth):
    text = json.dumps(spoilt(document, "training.mine", "HERE"))
    text = text.replace('"HERE"', "[" * depth + "]" * depth)
    try:
        model = MixtureModel.from_json(text)
    except ModelFileError as error:
        assert "nested too deeply" in str(error)  # noqa: PT017
    else:
        assert model.training["mine"] is not None


@pytest.mark.parametrize("spelling", ["1e400", "-1e400"])
def test_numbers_that_overflow_are_refused(document, spelling):
    text = json.dumps(spoilt(document, "means.1.0", "HERE")).replace('"HERE"', spelling)
    with pytest.raises(ModelFileError, match=r"means\[1\]\[0\] must be finite"):
        MixtureModel.from_json(text)


@given(st.data())
def test_a_file_cut_off_anywhere_is_refused(data):
    text = _TEXT
    end = data.draw(st.integers(0, len(text) - 3))
    with pytest.raises(ModelFileError):
        MixtureModel.from_json(text[:end])


# Most of the damage is to digits: else hardly a file would load.
_DIGITS = [place for place, sign in enumerate(_TEXT) if sign.isdigit()]
_digit = st.tuples(st.sampled_from(_DIGITS), st.sampled_from("0123456789"))
_sign = st.tuples(st.integers(0, len(_TEXT) - 1), st.sampled_from('0123456789.-+eE[]{}",:ntf \\'))


@given(st.lists(_digit, max_size=2), st.lists(_digit | _sign, min_size=1, max_size=1))
@settings(max_examples=150)
def test_a_damaged_file_loads_or_is_refused(digits, more):
    text = list(_TEXT)
    for place, sign in [*digits, *more]:
        text[place] = sign
    try:
        model = MixtureModel.from_json("".join(text))
    except ModelFileError:
        reject()
    again = MixtureModel.from_json(model.to_json())
    assert again.to_json() == model.to_json()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ),
    st.sampled_from(_PLACES),
)
def test_any_json_in_any_field_loads_or_is_refused_by_name(value, path):
    text = json.dumps(spoilt(_DOCUMENT, path, value), allow_nan=False)
    try:
        model = MixtureModel.from_json(text)
    except ModelFileError as error:
        # Another number of components or features is at odds with all that follows.
        told = path.rpartition(".")[2] in str(error)
        assert told or path in ("n_components", "n_features")
    else:
        GaussianMixture.from_mixture(model)


# ---- files


def test_a_missing_file(tmp_path):
    with pytest.raises(ModelFileError, match=r"m\.json: there is no such file") as caught:
        load_model(tmp_path / "m.json")
    assert caught.value.where == os.fspath(tmp_path / "m.json")


def test_a_directory(tmp_path):
    with pytest.raises(ModelFileError, match="a directory"):
        load_model(tmp_path)


def test_a_null_byte_in_the_name(tmp_path):
    with pytest.raises(ModelFileError, match="null byte"):
        load_model(os.fspath(tmp_path) + "\0")


class _Trap:
    def __reduce__(self):
        return os.mkdir, ("trap",)


def test_a_pickle_is_refused_and_not_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.json").write_bytes(pickle.dumps(_Trap()))
    with pytest.raises(ModelFileError, match="not text") as caught:
        load_model("m.json")
    assert "Binary files" in caught.value.remedy
    assert not (tmp_path / "trap").exists()


def test_a_byte_order_mark_is_no_fault(document, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(document), encoding="utf-8-sig")
    assert load_model(tmp_path / "m.json")


def test_errors_pickle():
    error = ModelFileError("a", "b", "c", "d", "e")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a: b must be d, but got c. e"
    assert isinstance(error, ValueError)
