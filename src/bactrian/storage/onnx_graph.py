"""A mixture as an ONNX graph, operation by operation as the reference E-step."""

from __future__ import annotations

from typing import Any

import numpy as np

from bactrian.core.density import LOG_2PI
from bactrian.core.errors import BadInputError
from bactrian.core.parameters import Parameters
from bactrian.storage.scaling import Scaling

OPSET, IR_VERSION = 17, 8  # both of 2022: read by runtimes from then on


def onnx_bytes(parameters: Parameters, scaling: Scaling | None) -> bytes:
    """ONNX model: ``X`` to ``label``, ``probabilities`` and ``score_samples``, in float64.

    The difference from each mean is taken before it is multiplied, so that no digits are lost
    far from the origin: converters that multiply out ``(x - mean)^2`` lose them.

    Raises
    ------
    BadInputError
        If onnx is not installed.
    """
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
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["n", shape[0]]),
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
    structure, n_features = parameters.structure, parameters.n_features
    log_det = structure.log_det(parameters.precisions_cholesky, n_features)
    offset = parameters.log_weights + log_det - 0.5 * n_features * LOG_2PI
    found: dict[str, Any] = {
        "means": parameters.means,
        "factors": parameters.precisions_cholesky,
        "half": np.array(-0.5),
        "largest": np.array(1e300),
        "offset": offset,
        "row_axis": np.array([1]),
    }
    if parameters.precisions_cholesky.ndim == 3:
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
        ("Mul", ["bounded", "half"], ["exponent"], {}),
        ("Add", ["exponent", "offset"], ["weighted"], {}),
        ("ArgMax", ["weighted"], ["label"], {"axis": 1, "keepdims": 0}),
        ("Softmax", ["weighted"], ["probabilities"], {"axis": 1}),
        ("ReduceMax", ["weighted"], ["highest"], {"axes": [1], "keepdims": 1}),
        ("Sub", ["weighted", "highest"], ["relative"], {}),
        ("Exp", ["relative"], ["ratios"], {}),
        ("ReduceSum", ["ratios", "row_axis"], ["total"], {"keepdims": 0}),
        ("Log", ["total"], ["log_total"], {}),
        ("Squeeze", ["highest", "row_axis"], ["top"], {}),
        ("Add", ["top", "log_total"], ["score_samples"], {}),
    ]
