"""ONNX files compute what the model computes, whatever its kind."""

import json

import pytest
import torch

from interpretable_gan.explorer.onnx_files import export_onnx, graphs
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import build
from interpretable_gan.models.gan.pretrained import NAME, PACKAGE
from interpretable_gan.models.steered import Shifts, Steered
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

onnxruntime = pytest.importorskip("onnxruntime")

CLOSE = 1e-4
"""Greatest gap between PyTorch and an ONNX file, both in float32."""

SCHEMA = Schema(
    name="all kinds",
    attributes=(
        Attribute(name="smiling"),
        Attribute(name="young", scope="global"),
        Attribute(name="hair", kind="categorical", levels=("black", "blond", "red")),
        Attribute(name="age", kind="continuous", range=(0, 90), unit="years"),
        Attribute(name="glasses"),
    ),
)


def model(size=16, channels=3, **settings):
    """An untrained model of all kinds of attributes."""
    torch.manual_seed(1)
    widths = (16, 12, 8) if size == 16 else (16, 12, 8, 8)
    small = {"generator_widths": widths, "discriminator_widths": (8, 12)}
    settings = {"size": size, "discovered": 3, "style": 5} | small | settings
    config = GANConfig.of("tiny", **settings)
    schema = SCHEMA.with_discovered(config.discovered)
    usual = torch.rand(20, schema.columns) * 2 - 1
    networks = build(schema, config, channels)
    with torch.no_grad():  # what training starts at zero must count as well
        for network in networks.named().values():
            for parameter in network.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
        for buffer in networks.style_encoder.familiar.buffers():
            buffer += 0.02 * torch.randn(buffer.shape)
        space = networks.average.space
        space.mean += torch.randn_like(space.mean)
        space.spread += 0.3 * torch.randn_like(space.spread).tril()
    return InterpretableGAN(schema, config, networks, usual, torch.rand(schema.named_columns))


def steered(**settings):
    """The same with a shift for every column."""
    inner = model(**settings)
    shape = (inner.schema.named_columns, inner.schema.columns + inner.config.style)
    return Steered(inner, Shifts(torch.randn(shape), torch.randn(shape), inner.typical, 1, "", ()))


MODELS = {
    "gan": model,
    "labels say all": lambda: model(typical=1),
    "steered": steered,
    "steered, labels say all": lambda: steered(typical=1),
    "grey, 32": lambda: model(size=32, channels=1),
    "nothing discovered": lambda: model(discovered=0),
    "on a published network": lambda: published(),
    "on a published network, 16": lambda: published(size=16),
}


def published(**settings):
    """A model that looks through EfficientNet-Lite0, at three levels."""
    pytest.importorskip(PACKAGE)
    return model(**{"size": 32, "trunk": NAME} | settings)


def ran(content, **inputs):
    """What a file computes, by name."""
    session = onnxruntime.InferenceSession(content)
    names = [each.name for each in session.get_outputs()]
    values = {name: value.numpy() for name, value in inputs.items()}
    return dict(zip(names, map(torch.from_numpy, session.run(None, values)), strict=True))


def examples(model):
    """Codes, some of which ask for something in full, styles, and what is drawn of them."""
    code, style = torch.rand(3, model.schema.columns) * 2 - 1, model.styles(3)
    code[0] = code[0].sign()
    return code, style, model.draw(code, style)


def assert_close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_drawn_and_read_is_what_the_model_draws_and_reads(name):
    mine = MODELS[name]()
    files = graphs(mine)
    code, style, image = examples(mine)
    assert_close(ran(files["draw"], code=code, style=style)["image"], image)
    found = ran(files["read"], image=image, code=code)
    read_code, read_style = mine.encode(image)
    assert_close(found["reading"], mine.read(image))
    assert_close(found["read_code"], read_code)
    assert_close(found["read_style"], read_style)
    assert_close(found["strangeness"][:, 0], mine.strangeness(image))


@pytest.mark.parametrize("name", MODELS)
def test_the_decision_is_the_same_sum(name):
    mine = MODELS[name]()
    code, _, image = examples(mine)
    found = ran(graphs(mine)["read"], image=image, code=code)
    terms = mine.terms(image, code)
    total = found["agreement"].sum(1) + found["realism"].sum(1) + found["residual"][:, 0]
    assert_close(found["logit"][:, 0], terms.total)
    assert_close(total + found["bias"], terms.total)
    assert_close(found["residual"][:, 0], terms.by_row("residual")["residual"])
    rows, maps = {}, {}
    for part in terms.parts:
        for name, values in zip(part.rows, part.values.unbind(1), strict=True):
            key = part.kind, name
            rows[key] = rows.get(key, 0) + values.sum(dim=1)
            if part.places:
                maps[key] = values
    for kind, attributes in (("agreement", mine.schema.named), ("realism", mine.schema.attributes)):
        local = [each.name for each in attributes if each.scope == "local"]
        for row, attribute in enumerate(attributes):
            assert_close(found[kind][:, row], rows[kind, attribute.name])
            if attribute.name in local:
                here = found[f"{kind}_map"][:, local.index(attribute.name)]
                assert_close(here.flatten(1), maps[kind, attribute.name])


@torch.no_grad()
def test_each_level_of_evidence_has_its_own_sum():
    mine = published()
    code, _, image = examples(mine)
    found = ran(graphs(mine)["read"], image=image, code=code)
    discriminator = mine.networks.discriminator
    evidence = discriminator.encoder.evidence(discriminator.encoder.features(image))
    agreement, realism = (each.sum(dim=(3, 4)) for each in discriminator.placed(evidence, code))
    columns = mine.schema.slices["hair"]
    row = mine.schema.names.index("hair")
    assert found["agreement_levels"].shape[2] == 3
    assert_close(found["agreement_levels"][:, row], agreement[:, columns].sum(dim=1))
    assert_close(found["realism_levels"][:, row], realism[:, columns].sum(dim=1))
    assert_close(found["realism_levels"].sum(dim=2), found["realism"])


@torch.no_grad()
def test_levels_that_are_read_beyond_doubt_claim_what_the_model_says():
    mine = model()
    mine.networks.discriminator.encoder.offset[2:5] = torch.tensor([40.0, -40.0, 0.0])  # of hair
    mine.labels.frequencies[2:5] = 0.9
    code, _, image = examples(mine)
    found = ran(graphs(mine)["read"], image=image, code=code)
    assert_close(found["read_code"], mine.encode(image)[0])


def test_a_black_box_has_a_logit_and_no_parts():
    mine = model(discriminator="black-box")
    code, _, image = examples(mine)
    found = ran(graphs(mine)["read"], image=image, code=code)
    assert_close(found["logit"][:, 0], mine.decide(image, code).logit)
    assert "agreement" not in found


def test_half_the_bytes_draw_nearly_the_same():
    mine = model(generator_widths=(64, 64, 32))
    code, style, image = examples(mine)
    whole, half = graphs(mine), graphs(mine, half=True)
    assert len(half["draw"]) < 0.6 * len(whole["draw"])
    found = ran(half["draw"], code=code, style=style)["image"]
    assert 0 < (found - image).abs().max() < 2 * 2 / 255


def test_files_say_whose_columns_are_whose(tmp_path):
    mine = steered()
    paths = export_onnx(mine, tmp_path / "onnx")
    assert sorted(path.name for path in (tmp_path / "onnx").iterdir()) == ["draw.onnx", "read.onnx"]
    for path in paths.values():
        session = onnxruntime.InferenceSession(path)
        about = json.loads(session.get_modelmeta().custom_metadata_map["interpretable_gan"])
        assert about["model"] == "gan, steered"
        for attribute in about["attributes"]:
            columns = mine.schema.slices[attribute["name"]]
            assert attribute["columns"] == [columns.start, columns.stop]


def test_a_published_network_goes_along_with_its_licence(tmp_path):
    paths = export_onnx(published(), tmp_path)
    assert paths["licence"].name == "LICENSE-efficientnet-lite0.txt"
    assert "Apache License" in paths["licence"].read_text(encoding="utf-8")
    session = onnxruntime.InferenceSession(paths["read"])
    assert "ML Illustrated" in session.get_modelmeta().custom_metadata_map["licence"]


def test_any_number_of_images_goes_in():
    mine = model()
    draw = graphs(mine)["draw"]
    for count in (1, 7):
        code, style = mine.codes(count), mine.styles(count)
        assert_close(ran(draw, code=code, style=style)["image"], mine.draw(code, style))
