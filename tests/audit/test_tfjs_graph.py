"""Graph models of TensorFlow.js: tiny ones with known answers, and everything that is refused."""

import json
import weakref
from base64 import b64encode

import numpy as np
import pytest
import torch

from interpretable_gan.audit import tfjs_graph
from interpretable_gan.audit.tfjs_graph import read_graph
from interpretable_gan.errors import DataError

CONV = {"strides": [1, 2, 2, 1], "padding": "SAME", "fused_ops": ["BiasAdd", "Relu"]}
FLOAT16 = {"dtype": "float16", "original_dtype": "float32"}
UINT8 = {"dtype": "uint8", "scale": 0.5, "min": -1.0}
IMAGE = torch.arange(1.0, 10).reshape(1, 3, 3, 1)


def setting(value):
    if isinstance(value, str):
        return {"s": b64encode(value.encode()).decode()}
    if isinstance(value, bool):
        return {"b": value}
    kind = "s" if isinstance(value[0], str) else "i"
    return {"list": {kind: [setting(v)["s"] if kind == "s" else str(v) for v in value]}}


def node(name, op, *inputs, **settings):
    attr = {key: setting(value) for key, value in settings.items()}
    return {"name": name, "op": op, "input": list(inputs), "attr": attr}


def weight(name, values, dtype="float32", packing=None):
    """What the manifest says of an array, and its bytes."""
    values = np.array(values, dtype)
    entry = {"name": name, "shape": list(values.shape), "dtype": dtype}
    if packing is None:
        return entry, values.tobytes()
    if packing["dtype"] == "uint8":
        values = (values - packing["min"]) / packing["scale"]
    return entry | {"quantization": packing}, values.astype(packing["dtype"]).tobytes()


@pytest.fixture
def write(tmp_path):
    """Write a model of nodes and weights; gives the path of its JSON."""

    def call(nodes, weights=(), **changes):
        consts = [node(entry["name"], "Const") for entry, _ in weights]
        manifest = [{"paths": ["one.bin"], "weights": [entry for entry, _ in weights]}]
        (tmp_path / "one.bin").write_bytes(b"".join(raw for _, raw in weights))
        model = {
            "modelTopology": {"node": [*nodes, node("image", "Placeholder"), *consts]},
            "weightsManifest": manifest if weights else [],
        }
        path = tmp_path / "one.json"
        path.write_text(json.dumps(model | changes))
        return path

    return call


def convolution(packing=None, **settings):
    """A sum over windows of 2×2, less 10, none below 0; then the mean."""
    ones = np.ones((2, 2, 1, 1))
    nodes = [
        node("mean", "Mean", "sums", "over"),
        node("sums", "_FusedConv2D", "image", "ones", "bias", **CONV | settings),
    ]
    weights = [
        weight("ones", ones, packing=packing),
        weight("bias", [-10]),
        weight("over", [1, 2], "int32"),
    ]
    return nodes, weights


@pytest.mark.parametrize("packing", [None, FLOAT16, UINT8], ids=["whole", "float16", "uint8"])
def test_a_convolution_has_the_border_that_tensorflow_gives_it(write, packing):
    # 1 2 3   windows: 1+2+4+5 = 12, 3+6 = 9
    # 4 5 6            7+8 = 15,     9
    # 7 8 9   less 10: 2, 0, 5, 0
    sums, mean = read_graph(write(*convolution(packing)), ["sums", "mean"])(IMAGE)
    assert sums.flatten().tolist() == [2, 0, 5, 0]
    assert mean.tolist() == [[1.75]]


@pytest.mark.parametrize(
    ("op", "settings", "given", "answer"),
    [
        pytest.param("Prelu", {}, [0.5], [-0.5, 2], id="slope of what is negative"),
        pytest.param("Mul", {}, [3.0], [-3, 6], id="mul"),
        pytest.param("Minimum", {}, [1.0], [-1, 1], id="minimum"),
        pytest.param("Maximum", {}, [1.0], [1, 2], id="maximum"),
        pytest.param("AddV2", {}, [1.0], [0, 3], id="add"),
        pytest.param("MatMul", {}, [[1.0], [10.0]], [19], id="matmul"),
        pytest.param("_FusedMatMul", {}, [[1.0], [10.0]], [19], id="fused with nothing"),
    ],
)
def test_each_operation_of_two_inputs_has_its_answer(write, op, settings, given, answer):
    nodes = [node("out", op, "image", "more", **settings)]
    (out,) = read_graph(write(nodes, [weight("more", given)]), ["out"])(torch.tensor([[-1.0, 2]]))
    assert out.flatten().tolist() == answer


def test_windows_of_the_largest_never_see_the_border(write):
    pool = node("out", "MaxPool", "image", ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding="SAME")
    (out,) = read_graph(write([pool]), ["out"])(IMAGE - 20)
    assert out.flatten().tolist() == [-15, -14, -12, -11]


def test_each_channel_has_filters_of_its_own(write):
    nodes = [
        node("out", "DepthwiseConv2dNative", "image", "w", strides=[1, 1, 1, 1], padding="VALID")
    ]
    path = write(nodes, [weight("w", [[[[1, 10], [100, 1000]]]])])  # two filters a channel
    (out,) = read_graph(path, ["out"])(torch.tensor([2.0, 3]).expand(1, 2, 2, 2))
    assert out[0, 0, 0].tolist() == [2, 20, 300, 3000]


def test_padding_and_shapes_are_as_written(write):
    nodes = [
        node("flat", "Reshape", "wide:0", "shape"),
        node("wide", "Pad", "image", "border"),
    ]
    border = weight("border", [[0, 0], [1, 0], [0, 2], [0, 0]], "int32")
    path = write(nodes, [border, weight("shape", [-1, 20], "int32")])
    (flat,) = read_graph(path, ["flat"])(IMAGE)
    assert flat.tolist() == [[*[0] * 5, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 7, 8, 9, 0, 0]]


def test_what_nobody_reads_any_more_is_freed(write, monkeypatch):
    alive, most = weakref.WeakSet(), []

    def relu(settings, x):
        out = x.relu()
        alive.add(out)
        most.append(len(alive))
        return out

    monkeypatch.setitem(tfjs_graph.OPERATIONS, "Relu", relu)
    chain = [node(f"step{i}", "Relu", f"step{i - 1}" if i else "image") for i in range(9)]
    (out,) = read_graph(write(chain), ["step8"])(IMAGE)
    assert torch.equal(out, IMAGE)
    assert max(most) == 2  # what is read, and what is made of it


def test_only_what_an_output_needs_is_run(write):
    nodes, weights = convolution()
    path = write([*nodes, node("other", "Unheard", "image")], weights)
    assert [step.name for step in read_graph(path, ["sums"]).steps] == ["sums"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"padding": "EXPLICIT"}, "padding EXPLICIT is not known", id="padding"),
        pytest.param({"data_format": "NCHW"}, "data_format NCHW is not known", id="layout"),
        pytest.param({"dilations": [1, 2, 2, 1]}, "dilations .* is not known", id="dilated"),
        pytest.param({"fused_ops": ["BiasAdd", "Elu"]}, "operation Elu is not known", id="fused"),
    ],
)
def test_settings_that_are_not_known_are_refused(write, change, said):
    with pytest.raises(DataError, match=rf"one\.json cannot be read: .*{said}"):
        read_graph(write(*convolution(**change)), ["mean"])


@pytest.mark.parametrize(
    ("nodes", "output", "said"),
    [
        pytest.param(
            [node("a", "Fft", "image")], "a", "operation Fft is not known", id="operation"
        ),
        pytest.param([node("a", "Relu", "image")], "b", "no node 'b'", id="no such output"),
        pytest.param([node("a", "Relu", "gone")], "a", "no node 'gone'", id="no such input"),
        pytest.param(
            [node("a", "Add", "image", "two"), node("two", "Placeholder")],
            "a",
            "2 inputs",
            id="two inputs",
        ),
        pytest.param(
            [node("a", "Add", "b", "image"), node("b", "Relu", "a")], "a", "cycle", id="circle"
        ),
        pytest.param(
            [node("a", "Add", "image", "w"), node("w", "Const")], "a", "'w'", id="weights"
        ),
    ],
)
def test_graphs_that_cannot_be_run_are_refused(write, nodes, output, said):
    with pytest.raises(DataError, match=said):
        read_graph(write(nodes), [output])


def test_weights_that_are_cut_off_or_stored_otherwise_are_refused(write, tmp_path):
    nodes, weights = convolution()
    path = write(nodes, weights)
    raw = (tmp_path / "one.bin").read_bytes()
    (tmp_path / "one.bin").write_bytes(raw[:-3])
    with pytest.raises(DataError, match=r"end after 25 bytes, and it needs at least 28\.$"):
        read_graph(path, ["mean"])
    (tmp_path / "one.bin").write_bytes(raw + b"more")
    with pytest.raises(DataError, match=r"one\.bin has 32 bytes, and it needs 28\.$"):
        read_graph(path, ["mean"])
    (tmp_path / "one.bin").unlink()
    with pytest.raises(DataError, match=r"is not a whole graph model .*one\.bin"):
        read_graph(path, ["mean"])
    bools = ({"name": "ones", "shape": [4], "dtype": "bool"}, b"1111")
    with pytest.raises(DataError, match="stored as bool for bool are not known"):
        read_graph(write(nodes, [bools, *weights[1:]]), ["mean"])
    with pytest.raises(DataError, match="must lie beside it"):
        read_graph(write(nodes, weightsManifest=[{"paths": ["../a"], "weights": []}]), ["mean"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"modelTopology": {}}', '{"modelTopology": {"node": [1]}}']
)
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "one.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"one\.json is not a whole graph model of TensorFlow\.js"):
        read_graph(path, ["mean"])
