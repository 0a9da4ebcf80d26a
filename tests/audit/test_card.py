"""The card of the tiny world: every claim, the circumstances, and files that can be trusted."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from interpretable_gan.audit.auditing import SAYS, lost_claims
from interpretable_gan.audit.card import Card, json_schema
from interpretable_gan.audit.headline import headline
from interpretable_gan.audit.table import table
from interpretable_gan.audit.thresholds import THRESHOLDS
from interpretable_gan.errors import RunError
from interpretable_gan.models.origin import fingerprint

SCHEMA = Path(__file__).parents[2] / "docs" / "card.schema.json"


def test_every_claim_of_the_design_is_on_it_with_its_thresholds(card):
    assert [claim.name for claim in card.claims] == list(SAYS)
    for claim in card.claims:
        for name, threshold in THRESHOLDS.get(claim.name, {}).items():
            if claim.verdict != "withheld":
                assert claim[name].threshold == threshold.value


def test_what_is_exact_by_construction_is_exact_even_untrained(card):
    assert card["decomposition"].verdict == "pass"
    assert card["decomposition"]["worst relative gap"].value < 1e-5
    assert card["locality"]["largest change"].value == 0
    assert card["locality"]["pixels replaced"].value > 0.1
    assert card["own order"]["deletion against random order"].value > 0


def test_a_run_of_four_steps_has_no_steerability(card):
    assert card["steerable"].verdict in ("fail", "withheld", "cannot tell")
    assert card["stable"].verdict == "withheld"
    assert "--also" in card["stable"].reason


def test_what_holds_by_construction_is_checked_and_not_counted(card):
    built = [claim.name for claim in card.claims if claim.by_construction]
    assert built == ["decomposition", "locality", "own order"]
    counted = [c for c in card.claims if not c.by_construction and c.verdict != "reported"]
    assert f"of {len(counted)} claims hold" in card.sentence()
    assert "decomposition" not in card.sentence()
    said = table(card).split("BY CONSTRUCTION")[1]
    assert all(f"{name}:" in said for name in built)
    broken = changed(card, "locality", "fail")
    assert "Broken, though it holds by construction: locality." in broken.sentence()
    assert not broken.holds


def test_twenty_test_images_decide_nothing_and_it_is_said_how_many_would(card, world):
    assert len(world.data.rows("test")) == 20
    for claim in card.claims:
        if claim.by_construction or claim.verdict in ("reported", "withheld"):
            continue
        assert claim.verdict == "cannot tell"
        assert "There are 20 test images, and a verdict takes 100" in claim.sentence()
    assert "pass" not in table(card).split("BY CONSTRUCTION")[0]


def test_without_validation_and_test_images_nothing_is_measured_on_others(world, audited, least):
    """All rows marked as training: figures are withheld, never taken from training rows."""
    nobody = np.zeros(0, np.int64)
    rows = {"train": np.arange(len(world.data)), "validation": nobody, "test": nobody}
    card = audited(replace(world.data, splits=rows), sizes=least)
    for claim in card.claims:
        if claim.name != "cost":
            assert claim.measures == ()
            assert claim.verdict in ("cannot tell", "withheld")
            assert "There are no test images, and a verdict takes 100" in claim.sentence()
    for judge in card.evaluators:
        assert judge.readable == ()
        assert judge.accuracy is None
        assert judge.unmeasured == "there are no validation images"
    assert "not measured, since there are no validation images" in table(card)
    told = headline(card)
    assert "Encoder accuracy    not measured: There are no test images" in told
    assert "Steerability        not measured" in told


def test_groups_stand_behind_figures_and_further_splits_apart(
    world, audited, least, rows_of_people, faces
):
    people = rows_of_people(world.data)
    card = audited(people, sizes=least, faces=faces)
    assert card.data.groups["test"] == 12
    edits = card["edits stay real"]
    assert edits["identity of one person's photographs"].samples == {"pairs": 12}
    assert "who tells whether two photographs" in edits.reason
    assert "of 24 pairs." in edits.reason
    assert card["good pictures"]["descriptor recall"].samples["groups"] == 12
    assert card["accurate"]["encoder accuracy"].samples["groups"] == 12
    assert card["not vacuous"]["residual share"].samples["groups"] == 12
    assert card["good pictures"]["recall of training images"].interval is not None
    assert ", 12 groups)" in table(card)
    assert card.caution.startswith("Intervals over 12 groups are less sure than they say")
    assert card.caution in table(card)
    (apart,) = card.apart
    assert (apart.split, apart.images, apart.groups) == ("official test", 60, 20)
    assert {"encoder accuracy", "pairs won by the real image"} <= {m.name for m in apart.measures}
    assert all(measure.verdict == "reported" for measure in apart.measures)
    assert "APART        official test: 60 images of 20 groups" in table(card)


def test_samples_stand_beside_training_images(card):
    claim = card["good pictures"]
    for name in ("frechet_distance", "precision", "recall"):
        assert claim[name].value is not None
        assert claim[f"{name} of training images"].samples["training"] == 20


def test_faces_of_samples_stand_beside_those_of_training_people(card):
    claim = card["good pictures"]
    for name in ("landmark distance", "landmark spread", "descriptor distance"):
        usual = claim[f"{name} of training images"]
        assert claim[name].value != usual.value
        assert claim[name].interval is not None
        assert (claim[name].samples["samples"], usual.samples["training"]) == (20, 20)
    # samples of four steps are all alike; photographs of other people are not
    assert claim["landmark spread"].value < 0.5
    assert 0.5 < claim["landmark spread of training images"].value < 2
    assert claim["descriptor recall of training images"].unit == "share"
    assert claim.details["descriptor"]["checksum"] == "e" * 64
    assert claim.details["landmarks"]["name"] == "mesh"
    assert claim.verdict == "reported"


def test_an_edit_keeps_who_it_is_or_does_not_and_strangers_stand_beside(card):
    claim = card["edits stay real"]
    kept, strangers = claim["identity kept"], claim["identity of two samples"]
    assert strangers.value < kept.value <= 1
    assert kept.samples["edits"] <= strangers.samples["pairs"] == 20
    assert claim.details["identity"] is None  # nobody is there twice


def test_validity_is_said_raw_and_scaled(card):
    claim = card["valid"]
    if claim.measures:
        assert [m.name for m in claim.measures][:2] == [
            "share of attributes",
            "share of attributes, scaled",
        ]


def test_a_judge_from_elsewhere_stands_beside_ours(card):
    (judge,) = card.judges
    assert judge.name == "stand-in@ffffffff"
    assert set(judge.balanced_accuracy) == {"smiling"}
    assert "stand-in@ffffffff is right in" in table(card)


def test_the_headline_names_what_a_user_asks_first(card):
    told = headline(card)
    for name in ("Steerability", "Others flipped", "Encoder accuracy", "Fréchet distance"):
        assert name in told
    assert "training images against test images: " in told
    assert "Real scores higher  in " in told
    assert card.sentence() in told


def test_the_headline_says_what_undecided_and_withheld_mean(card):
    told = headline(card)
    assert "Withheld, so neither held nor failed: stable. It takes runs of other seeds" in told
    assert "Undecided: the interval lies on both sides of what is wanted" in told


def test_shares_of_the_decision_add_up(card):
    claim = card["not vacuous"]
    names = ("residual share", "named share", "discovered share")
    assert sum(claim[name].value for name in names) == pytest.approx(1)


def test_the_circumstances_are_on_it(card, world):
    assert card.data.checksum == world.data.checksum
    assert [judge.architecture for judge in card.evaluators] == ["residual", "plain"]
    assert all(0 < judge.accuracy <= 1 for judge in card.evaluators)
    assert card.features["checksum"] == card.evaluators[0].checksum
    for claim in card.claims:
        assert claim.data == card.data.checksum
        assert claim.command == "igan audit run --force"
    for name in ("steerable", "no leakage"):
        unread = set(world.data.schema.names) - set(card.evaluators[0].readable)
        assert set(card[name].withheld) == unread


def test_every_claim_says_itself_in_words(card):
    for claim, sentence in zip(card.claims, card.sentences(), strict=True):
        assert sentence.startswith(claim.says)
        assert sentence.endswith(".")
        assert all(measure.name in sentence for measure in claim.measures)
    for claim in card.claims:
        assert f"{claim.verdict.upper():<12} {claim.name}" in table(card)


def test_it_becomes_a_data_frame(card):
    frame = card.to_frame()
    assert set(frame["claim"]) == set(SAYS)
    worst = frame[frame["measure"] == "worst relative gap"].iloc[0]
    assert worst["threshold"] == 1e-5
    assert worst["verdict"] == "pass"


def test_it_comes_back_as_it_was_saved(card, tmp_path):
    card.save(tmp_path / "card.json")
    assert Card.load(tmp_path) == card
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_the_schema_in_the_docs_is_the_one_of_the_code():
    written = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert written == json_schema(), f"save json_schema() in {SCHEMA}, indented by 2"


def test_a_written_card_meets_the_schema_and_a_changed_one_does_not(card):
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    fields = json.loads(card.to_json())
    validator.validate(fields)
    fields["claims"][0]["verdict"] = "splendid"
    assert not validator.is_valid(fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('{"format": 1, "claims": [', "damaged", id="half a file"),
        pytest.param("[]", "no card", id="something else"),
        pytest.param('{"format": 9}', "format 9", id="from the future"),
        pytest.param('{"format": 1, "claims": []}', "a card of format 1", id="of an older version"),
        pytest.param('{"format": 2, "claims": []}', "damaged \\(model", id="fields are missing"),
        pytest.param("\x00", "damaged", id="noise"),
    ],
)
def test_a_card_that_cannot_be_read_is_told_in_one_sentence(text, said, tmp_path):
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(RunError, match=said) as error:
        Card.load(tmp_path)
    assert "--force" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_without_a_card_is_told_how_to_get_one(tmp_path):
    with pytest.raises(RunError, match="igan audit"):
        Card.load(tmp_path)


def changed(card, name, verdict):
    """The card with another verdict on one claim."""
    claims = [
        claim.model_copy(update={"verdict": verdict}) if claim.name == name else claim
        for claim in card.claims
    ]
    return card.model_copy(update={"claims": tuple(claims)})


@pytest.mark.parametrize("where", ["claim", "measure"])
def test_a_verdict_changed_by_hand_is_found_out(where, card, tmp_path):
    fields = json.loads(card.to_json())
    claim = next(claim for claim in fields["claims"] if claim["name"] == "decomposition")
    (claim if where == "claim" else claim["measures"][0])["verdict"] = "fail"
    (tmp_path / "card.json").write_text(json.dumps(fields))
    with pytest.raises(RunError, match="its numbers say 'pass'"):
        Card.load(tmp_path)


def test_a_claim_is_lost_when_it_held_and_does_not_now(card):
    held = changed(card, "steerable", "pass")
    assert lost_claims(held, held) == []
    assert len(lost_claims(held, changed(card, "steerable", "fail"))) == 1
    assert lost_claims(changed(card, "steerable", "fail"), held) == []


def test_being_undecided_loses_a_claim_only_on_samples_as_large(card):
    held, undecided = (changed(card, "steerable", v) for v in ("pass", "cannot tell"))
    fewer = undecided.model_copy(update={"sizes": card.sizes.model_copy(update={"edits": 6})})
    assert len(lost_claims(held, undecided)) == 1
    assert lost_claims(held, fewer) == []


@pytest.mark.parametrize("network", ["average", "discriminator", "style_encoder"])
def test_a_card_belongs_to_all_weights_of_its_model(world, network):
    model = world.run.model()
    before = fingerprint(model)
    next(getattr(model.networks, network).parameters()).data += 1
    assert fingerprint(model) != before
