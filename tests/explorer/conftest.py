"""The page of the tiny world, as a file and served, in a headless Chromium."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest
import torch

from interpretable_gan.audit.card import FILE, Card, Data, JudgeRecord
from interpretable_gan.audit.claims.base import Claim, measure
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.explorer.page import export_page
from interpretable_gan.explorer.server import Explorer
from interpretable_gan.metrics.result import plain
from interpretable_gan.models.gan import pretrained
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.model import InterpretableGAN
from interpretable_gan.models.gan.networks import build
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema
from interpretable_gan.training.run import Run, save_model


@pytest.fixture(scope="session")
def exported(world, tmp_path_factory):
    """The page as one file."""
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    export_page(world.run, path)
    return path


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """A run of an untrained model that looks through a published network, at three levels."""
    pytest.importorskip(pretrained.PACKAGE)
    attributes = (
        Attribute(name="smiling"),
        Attribute(name="young", scope="global"),
        Attribute(name="hair", kind="categorical", levels=("black", "blond")),
    )
    schema = Schema(name="faces", attributes=attributes).with_discovered(2)
    config = GANConfig.of(
        "photo", discovered=2, style=5, generator_widths=(8,) * 5, discriminator_widths=(8, 8)
    )
    usual = torch.rand(20, schema.columns, generator=torch.manual_seed(0)) * 2 - 1
    frequencies = torch.full((schema.named_columns,), 0.5)
    networks = build(schema, config, channels=3)
    model = InterpretableGAN(schema, config, networks, usual, frequencies)
    return save_model(model, tmp_path_factory.mktemp("published") / "run")


NAN = float("nan")
MATRIX = [[NAN, 0.2], [0.1, NAN]]
CLAIMS = (
    {
        "name": "steerable",
        "says": "Attributes appear when they are asked for.",
        "measures": (measure("steerable", "mean success", 0.4, share=True),),
        "verdict": "fail",
        "details": {"attributes": {"smiling": {"success": 0.4, "interval": [0.3, 0.5]}}},
    },
    {
        "name": "no leakage",
        "says": "An edit leaves the other attributes alone.",
        "measures": (measure("no leakage", "raw leakage", 0.01, share=True),),
        "verdict": "pass",
        "evaluators": ("judge",),
        "withheld": ("beard",),
        "details": {
            "attributes": ["smiling", "hat"],
            "pairs_above": ["smiling → hat"],
            "successful_edits": [40.0, 30.0],
            **{name: plain(np.array(MATRIX)) for name in ("rate", "low", "high", "data")},
        },
    },
)


READERS = tuple(
    JudgeRecord(
        name=name,
        architecture="",
        checksum="",
        accuracy=0.8,
        balanced_accuracy={"smiling": 0.9, "hat": 0.8, "beard": 0.6},
        readable=readable,
    )
    for name, readable in (("judge", ("smiling", "hat")), ("second", ("smiling",)))
)


@pytest.fixture(scope="session")
def card_of():
    """Writes a small card into a run."""

    def write(run):
        circumstances = {"seed": 0, "data": "", "command": ""}
        Card(
            model="",
            attributes=run.schema.names,
            evaluators=READERS,
            features={},
            sizes=Sizes(),
            claims=tuple(Claim(**each, **circumstances) for each in CLAIMS),
            created="",
            seconds=0,
            machine={},
            versions={},
            data=Data(name="portraits", checksum="", rows={"test": 1}),
            seed=0,
            command="",
        ).save(run.path / FILE)

    return write


@pytest.fixture(scope="session")
def served(world, card_of, tmp_path_factory):
    """A server of a copy of the run that has a card; its address holds the token."""
    folder = tmp_path_factory.mktemp("served") / "run"
    shutil.copytree(world.run.path, folder)
    run = Run.open(folder)
    card_of(run)
    with Explorer(run, run.model("cpu")) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser, exported, served):
    """Open the page in one of its homes; at the end nothing may have gone wrong in it."""
    said, asked, pages = [], [], []

    def call(home="file", fragment="", **settings):
        context = browser.new_context(accept_downloads=True, **settings)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((exported.as_uri() if home == "file" else served.address) + fragment)
        page.wait_for_selector("#picture")
        pages.append(page)
        return page

    call.asked, call.said = asked, said
    yield call
    for page in pages:
        page.context.close()
    assert not said
