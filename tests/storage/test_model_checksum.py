"""A model file that was changed after it was written is refused."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mixtures import fitted, two_groups

from bactrian import Mixture, MixtureModel, load_model
from bactrian.mixture import Scaling
from bactrian.storage import ModelFileError
from bactrian.storage.checksum import checksum_of

SMALL = MixtureModel(
    Mixture(
        [0.25, 0.5],
        [[-1.5, 200.0], [3.0, 1e-9]],
        [[1.0, 2.0], [0.125, 3e5]],
        "diag",
        noise=[[-10.0, -10.0], [10.0, 500.0]],
        dof=[4.0],
    ).parameters,
    Scaling([0.1, -7.0], [2.0, 1e3]),
    ("length", "naïve \x00 name"),
    component_names=("left", None),
)
_FITTED = fitted(two_groups()).to_model()


def survives(content: bytes, model: MixtureModel) -> bool:
    """Whether changed content loads at all; if it does, it is the same model."""
    try:
        found = MixtureModel.from_json(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ModelFileError):
        return False
    assert found.to_json() == model.to_json()
    return True


def test_no_single_bit_makes_another_model():
    content = SMALL.to_json().encode()
    assert survives(content, SMALL)
    survivors = 0
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            survivors += survives(bytes(changed), SMALL)
    assert survivors < 200  # white space only


def test_no_single_digit_makes_another_model():
    text = SMALL.to_json()
    for place in (found.start() for found in re.finditer(r"\d", text)):
        for digit in "0123456789":
            changed = text[:place] + digit + text[place + 1 :]
            assert survives(changed.encode(), SMALL) == (changed == text)


@given(st.data())
def test_no_bit_of_a_fit_makes_another_model(data):
    content = bytearray(_FITTED.to_json().encode())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    survives(bytes(content), _FITTED)


def test_the_error_says_what_happened_and_what_to_do(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(SMALL.to_json().replace("-1.5", "-2.5"))
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    assert caught.value.field == "checksum"
    assert str(caught.value) == (
        f"{path}: checksum: the file was changed after it was written, by damage or by an edit. "
        "Save the model again, or copy the file again; if it was edited on purpose, remove the "
        "field checksum."
    )


def test_an_edit_on_purpose_removes_the_checksum():
    document = json.loads(SMALL.to_json())
    del document["checksum"]
    document["means"][0][0] = -2.5
    assert MixtureModel.from_json(json.dumps(document)).parameters.means[0, 0] == -2.5


def test_layout_and_order_are_no_change():
    document = json.loads(SMALL.to_json())
    document = dict(reversed(document.items()))
    assert survives(json.dumps(document, indent=7).encode(), SMALL)
    whole = json.loads(json.dumps(document), parse_float=lambda text: _shortest(float(text)))
    assert whole["means"][0][1] == 200
    assert isinstance(whole["means"][0][1], int)  # as JavaScript writes it
    assert survives(json.dumps(whole).encode(), SMALL)


def _shortest(value: float) -> float:
    return int(value) if value.is_integer() else value


@pytest.mark.parametrize("value", [None, 1, "", "0" * 64, ["a"]])
def test_what_is_no_checksum_is_refused(value):
    document = json.loads(SMALL.to_json()) | {"checksum": value}
    with pytest.raises(ModelFileError, match="checksum"):
        MixtureModel.from_json(json.dumps(document))


def test_it_is_the_sum_of_a_spelling_that_is_documented():
    """By the words of docs/model-file.md, with nothing of the package."""
    document = {"b": [1, -0.0, 2.5, True, None], "a": {"é": "x", "d": 10**400}, "checksum": "?"}
    text = '{"a":{"d":1' + 400 * "0" + r',"\u00e9":"x"},"b":[1.0,0.0,2.5,true,null]}'
    assert checksum_of(document) == sha256(text.encode()).hexdigest()


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@given(numbers, numbers)
def test_numbers_have_equal_sums_just_if_they_are_equal(a, b):
    near = np.nextafter(float(a), np.inf) if abs(a) < 1e300 else 0.0
    for one, other in ((a, b), (a, float(near)), (a, -a)):
        sums = checksum_of({"x": [one]}), checksum_of({"x": [other]})
        assert (sums[0] == sums[1]) == (one == other)
