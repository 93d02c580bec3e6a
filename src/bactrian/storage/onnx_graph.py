"""A mixture as an ONNX graph with the operations of the reference E-step."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.values.parameters import Parameters
from bactrian.errors import BadInputError
from bactrian.mixture import Scaling
from bactrian.mixture.sampling import NOISE

OPSET, IR_VERSION = 17, 8  # both of 2022: read by runtimes from then on


def onnx_bytes(parameters: Parameters, scaling: Scaling | None) -> bytes:
    """ONNX model: ``X`` to ``label``, ``probabilities`` and ``score_samples``, in float64.

    Rows must be complete. Noise is one more column of the probabilities, and the label -1.

    The difference from each mean is taken before it is multiplied, so that no digits are lost
    far from the origin: converters that multiply out ``(x - mean)^2`` lose them.

    Raises
    ------
    BadInputError
        If onnx is not installed, or the mixture has point masses.
    """
    if parameters.spikes is not None:
        got = "a mixture with point masses, which the graph does not have"
        raise BadInputError("model", got, "a mixture without them", "Keep the model file.")
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        remedy = 'Install it: pip install "bactrian[onnx]"'
        raise BadInputError(
            "format", "'onnx' without the package onnx", "usable here", remedy
        ) from (error)
    shape = parameters.means.shape
    constants = _constants(parameters, scaling)
    nodes = [helper.make_node(*step[:3], **step[3]) for step in _steps(parameters, scaling)]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]),
        helper.make_tensor_value_info(
            "probabilities", TensorProto.DOUBLE, ["n", parameters.n_terms]
        ),
        helper.make_tensor_value_info("score_samples", TensorProto.DOUBLE, ["n"]),
    ]
    graph = helper.make_graph(
        nodes,
        "gaussian_mixture",
        [helper.make_tensor_value_info("X", TensorProto.DOUBLE, ["n", shape[1]])],
        outputs,
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(
        graph, producer_name="bactrian", ir_version=IR_VERSION, opset_imports=[opset]
    )
    checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _constants(parameters: Parameters, scaling: Scaling | None) -> dict[str, Any]:
    means, factors, dof = parameters.means, parameters.precisions_cholesky, parameters.dof
    offset = parameters.terms().all_log_constants
    found: dict[str, Any] = {"largest": np.array(1e300), "row_axis": np.array([1])}
    if parameters.noise is not None:  # a component of no precision
        means = np.concatenate([means, means[:1]])
        factors = parameters.factors()
        factors = np.concatenate([factors, np.zeros_like(factors[:1])])
        numbers = np.arange(parameters.n_terms)
        found["numbers"] = np.where(numbers < parameters.n_components, numbers, NOISE)
        if dof is not None and len(dof) > 1:
            dof = np.append(dof, 1.0)
    found.update(means=means, factors=factors, offset=offset)
    if dof is None:
        found["half"] = np.array(-0.5)
    else:
        found.update(dof=dof, one=np.array(1.0), power=-(dof + parameters.n_features) / 2)
    if factors.ndim == 3:
        found["inner_axis"] = np.array([2])
    if scaling is not None:
        found.update(centre=scaling.centre, scale=scaling.scale)
        found["offset"] = offset - scaling.log_volume
    return found


Step = tuple[str, list[str], list[str], dict[str, Any]]


def _steps(parameters: Parameters, scaling: Scaling | None) -> list[Step]:
    """Operations in order: name, inputs, outputs, attributes."""
    steps: list[Step] = []
    rows = "X"
    if scaling is not None:
        steps.append(("Sub", ["X", "centre"], ["centred"], {}))
        steps.append(("Div", ["centred", "scale"], ["scaled"], {}))
        rows = "scaled"
    steps.append(("Unsqueeze", [rows, "row_axis"], ["rows"], {}))
    steps.append(("Sub", ["rows", "means"], ["difference"], {}))  # (n, K, D)
    if parameters.precisions_cholesky.ndim == 3:
        steps.append(("Unsqueeze", ["difference", "inner_axis"], ["vectors"], {}))
        steps.append(("MatMul", ["vectors", "factors"], ["products"], {}))  # (n, K, 1, D)
        steps.append(("Squeeze", ["products", "inner_axis"], ["whitened"], {}))
    else:
        steps.append(("Mul", ["difference", "factors"], ["whitened"], {}))
    return [
        *steps,
        ("ReduceSumSquare", ["whitened"], ["squared"], {"axes": [2], "keepdims": 0}),
        ("Min", ["squared", "largest"], ["bounded"], {}),  # so that far rows have a density
        *_tails(parameters),
        ("Add", ["exponent", "offset"], ["weighted"], {}),
        *_labels(parameters),
        ("Softmax", ["weighted"], ["probabilities"], {"axis": 1}),
        ("ReduceMax", ["weighted"], ["highest"], {"axes": [1], "keepdims": 1}),
        ("Sub", ["weighted", "highest"], ["relative"], {}),
        ("Exp", ["relative"], ["ratios"], {}),
        ("ReduceSum", ["ratios", "row_axis"], ["total"], {"keepdims": 0}),
        ("Log", ["total"], ["log_total"], {}),
        ("Squeeze", ["highest", "row_axis"], ["top"], {}),
        ("Add", ["top", "log_total"], ["score_samples"], {}),
    ]


def _tails(parameters: Parameters) -> list[Step]:
    """Turn squared distances into logarithms of densities, up to constants."""
    if parameters.dof is None:
        return [("Mul", ["bounded", "half"], ["exponent"], {})]
    return [
        ("Div", ["bounded", "dof"], ["ratio"], {}),
        ("Add", ["ratio", "one"], ["spread"], {}),
        ("Log", ["spread"], ["log_spread"], {}),
        ("Mul", ["log_spread", "power"], ["exponent"], {}),
    ]


def _labels(parameters: Parameters) -> list[Step]:
    """The most probable term; noise is -1."""
    most: Step = ("ArgMax", ["weighted"], ["label"], {"axis": 1, "keepdims": 0})
    if parameters.noise is None:
        return [most]
    return [
        ("ArgMax", ["weighted"], ["term"], {"axis": 1, "keepdims": 0}),
        ("Gather", ["numbers", "term"], ["label"], {}),
    ]
