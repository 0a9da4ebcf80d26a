"""Runs whose attributes have the worst names we could think of, told as a page."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from interpretable_gan.audit.auditing import SAYS
from interpretable_gan.audit.card import Card, Data, JudgeRecord
from interpretable_gan.audit.claims.base import Claim, Findings, measure, withhold
from interpretable_gan.audit.sizes import Sizes
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.origin import fingerprint
from interpretable_gan.report import report
from interpretable_gan.schema.schema import Schema

sys.path.insert(0, str(Path(__file__).parent))
from pages import FORMULA, IMAGE, LINK, SCRIPT, Page

from world import TINY, trained


def renamed(schema):
    """The schema with names that are code; all attributes but the first are global."""
    first, second, third, *others = schema.named
    hair = next(each for each in others if each.levels)
    changed = [
        first.model_copy(update={"name": SCRIPT, "description": LINK}),
        second.model_copy(update={"name": IMAGE, "scope": "global"}),
        third.model_copy(update={"name": FORMULA, "scope": "global"}),
        *(each.model_copy(update={"scope": "global"}) for each in others),
    ]
    levels = (LINK, *hair.levels[1:])
    changed[schema.names.index(hair.name)] = hair.model_copy(update={"levels": levels})
    return Schema(name=LINK, attributes=tuple(changed), augmentations=schema.augmentations)


def card_of(run, data):
    """A card on which claims hold, fail, are undecided and are withheld."""
    names = [SCRIPT, IMAGE, "hat"]
    targets = {"on": {"success": 0.5, "wilson": [0.4, 0.6]}, "off": {"success": None}}
    rates = [[1.0, 0.3, None], [0.02, 1.0, 0.01], [None, None, None]]
    findings = {
        "decomposition": Findings(measures=(measure("decomposition", "worst relative gap", 1e-6),)),
        "valid": Findings(
            measures=(measure("valid", "share of attributes", 0.9, (0.8, 1.0), share=True),)
        ),
        "steerable": Findings(
            measures=(
                measure("steerable", "mean success", 0.51, (0.5, 0.52), share=True),
                measure("steerable", "worst attribute", 0.04, (0.0, 0.1), share=True),
            ),
            reason=f"The worst is {SCRIPT}.",
            withheld=("age",),
            details={"attributes": {SCRIPT: {"success": 0.5, "targets": targets}}},
        ),
        "no leakage": Findings(
            measures=(measure("no leakage", "raw leakage", 0.09, (0.085, 0.1), share=True),),
            details={
                "attributes": names,
                "rate": rates,
                "data": [[0, 0.2, 0.1], [0.2, 0, 0.3], [0.1, 0.3, 0]],
                "pairs_above": [f"{SCRIPT} → {IMAGE}"],
                "pairs_above_as_read": [],
                "contributions_moved": [[0.5, 0.25, 0.1], [0.05, 0.3, 0.1], [None, None, None]],
                "pairs_above_in_decision": [f"{SCRIPT} → hat"],
            },
        ),
        "stable": withhold("It takes runs of other seeds."),
    }
    claims = tuple(
        Claim(
            name=name,
            says=SAYS[name],
            verdict=found.verdict,
            seed=0,
            data=data.checksum,
            command="igan audit run",
            **{key: getattr(found, key) for key in ("measures", "reason", "withheld", "details")},
        )
        for name, found in findings.items()
    )
    judge = JudgeRecord(
        name="evaluator",
        architecture="residual",
        checksum="",
        accuracy=0.9,
        balanced_accuracy={},
        readable=tuple(name for name in data.schema.names if name != "age"),
    )
    return Card(
        model=fingerprint(run.model()),
        attributes=data.schema.names,
        data=Data(name=data.name, checksum=data.checksum, rows={}),
        evaluators=(judge,),
        features={"name": "evaluator"},
        sizes=Sizes.quick(),
        seed=0,
        claims=claims,
        command="igan audit run --force",
        created="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        machine={},
        versions={},
    )


@pytest.fixture(scope="session")
def hostile(world, tmp_path_factory):
    """Data and a run with a card, whose names are code."""
    data = replace(world.data, schema=renamed(world.data.schema))
    config = GANConfig.of("tiny", **TINY)
    run = trained(data, config, tmp_path_factory.mktemp("hostile") / "run")
    card_of(run, data).save(run.path / "card.json")
    return data, run


@pytest.fixture(scope="session")
def html(hostile):
    """The page on the hostile run."""
    data, run = hostile
    return report(run, data)


@pytest.fixture(scope="session")
def page(html):
    """The same, parsed."""
    return Page(html)
