"""What all claims share: samples beside real images of the same labels, and edits of them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from interpretable_gan.audit.claims import goodness
from interpretable_gan.audit.claims.realness import compared
from interpretable_gan.audit.material import gather, some_test_rows
from interpretable_gan.metrics.decision_shares import by_attribute
from interpretable_gan.metrics.readings import values
from interpretable_gan.metrics.targets import set_target
from interpretable_gan.progress import silent

READ = ("smiling", "hair_color")


@dataclass
class Reader:
    """Reads scores off the pixels by a fixed random projection."""

    schema: object
    readable: tuple = READ
    seed: int = 0

    def read(self, images):
        rng = np.random.default_rng(self.seed)
        pixels = images.flatten(1).numpy()
        return (pixels @ rng.normal(size=(pixels.shape[1], self.schema.named_columns))).astype("f4")

    def __call__(self, images):
        return images.flatten(1).numpy()[:, :3]


@pytest.fixture(scope="module")
def model(world):
    return world.run.model()


@pytest.fixture(scope="module")
def reader(world):
    return Reader(world.data.schema)


@pytest.fixture(scope="module")
def data(world):
    """Portraits in which some labels are missing."""
    known = world.data.known.copy()
    known[::3, 0] = False
    return replace(world.data, known=known)


@pytest.fixture(scope="module")
def material(model, reader, data, small):
    rows = some_test_rows(data, small.pictures, np.random.default_rng(0))
    return gather(model, data, rows, (reader, reader), reader, small, 0, silent)


def test_samples_have_the_labels_of_the_real_images_beside_them(material, model, data, small):
    count, named = len(data.rows("test")), data.schema.named_columns
    assert len(material.real) == count < small.pictures
    images, labels, known = data.batch(material.rows[:count])
    labels, known = model.code_of(images, labels)[:, :named].numpy(), known.numpy()
    np.testing.assert_array_equal(material.code[:count, :named].numpy()[known], labels[known])
    assert (material.condition[:count, :named].numpy()[~known] == 0).all()
    own = model.codes(len(material.code), seed=0)[:count, :named].numpy()
    np.testing.assert_array_equal(material.code[:count, :named].numpy()[~known], own[~known])


def test_test_images_alone_are_looked_at(material, data):
    """With twenty of them no validation or training image joins, whatever sizes ask for."""
    assert set(material.rows) == set(data.rows("test"))
    assert len(material.rows) == 60


def test_rows_of_a_group_go_together_where_the_data_has_groups(model, reader, data, small):
    people = replace(data, groups=np.arange(len(data)) // 4)
    rows = data.rows("test")
    material = gather(model, people, rows, (reader,), reader, small, 0, silent)
    persons = people.groups[material.rows]
    assert (
        (material.clusters[:, None] == material.clusters) == (persons[:, None] == persons)
    ).all()
    assert material.behind(images=3) == {"images": 3, "groups": len(np.unique(persons))}


def test_another_judge_sees_the_same_edits_with_its_own_eyes(material, model, reader, data, small):
    other = replace(reader, seed=1)
    rows = data.rows("test")
    both = gather(model, data, rows, (reader, other), reader, small, 0, silent)
    alone = both.seen_by(1, other)
    np.testing.assert_array_equal(alone.samples.scores[0], both.samples.scores[1])
    read = values(data.schema, both.samples.scores[1])
    assert {each.target.attribute for each in alone.edits} == set(READ)
    for each in alone.edits:
        shown = read[each.target.attribute][each.rows] == each.target.reads
        np.testing.assert_array_equal(each.showing, shown)


def test_everything_seen_is_of_the_images_themselves(material, model, reader, data):
    images = data.batch(material.rows[:8])[0]
    terms = model.as_terms(model.decide(images, material.condition[:8]))
    np.testing.assert_allclose(
        material.real.contributions[:8], by_attribute(model.schema, terms), rtol=1e-4, atol=1e-5
    )
    drawn = model.draw(material.code[:8], material.style[:8])
    np.testing.assert_allclose(
        material.samples.scores[1][:8], reader.read(drawn), rtol=1e-3, atol=1e-3
    )
    assert material.samples.features.shape == material.real.features.shape


def test_only_what_can_be_read_is_edited_for_claims_but_all_for_realism(material, small, data):
    for each in material.edits:
        hidden, extra = (~each.showing).sum(), len(each.features)
        if each.target.attribute in READ:
            assert hidden <= small.edits + extra
        else:
            assert len(each.rows) == extra
    assert {each.target.attribute for each in material.edits} == set(data.schema.names)


def test_samples_that_show_the_target_already_are_told_apart(material, data):
    read = values(data.schema, material.samples.scores[0])
    for each in material.edits:
        shown = read[each.target.attribute][each.rows] == each.target.reads
        np.testing.assert_array_equal(each.showing, shown)
    edited = [each for each in material.edits if each.target.attribute in READ]
    assert any(each.showing.any() for each in edited)
    assert sum((~each.showing).sum() for each in edited) > sum(
        each.showing.sum() for each in edited
    )


def test_each_sample_compared_with_real_images_has_one_attribute_changed(material, small):
    rows = np.concatenate([each.rows[: len(each.features)] for each in material.edits])
    count = len(material.real)
    assert sorted(rows) == list(range(count))
    real, fake, changed = compared(material)
    assert len(real) == len(fake) == len(changed) == count


def test_distances_within_a_value_take_images_that_have_it(material, reader, data, monkeypatch):
    monkeypatch.setattr(goodness, "FEWEST_WITHIN", 3)
    within = goodness._within(
        material, data, material.real.features, material.samples.features, None, 0
    )
    rows = material.rows[: len(material.real)]
    smiling, known = data.codes[rows, 0] > 0, data.known[rows, 0]
    assert within["smiling"]["on"]["images"] == (smiling & known).sum()
    assert within["smiling"]["off"]["images"] == (~smiling & known).sum()
    assert within["smiling"]["off"]["value"] is not None


def test_a_contribution_moves_while_the_claim_is_held(material, model):
    each = next(each for each in material.edits if len(each.rows) and each.target.attribute in READ)
    code, row = material.code[each.rows[:1]], each.rows[:1]
    images = torch.cat(
        [
            model.draw(some, material.style[row])
            for some in (code, set_target(model.schema, code, each.target))
        ]
    )
    terms = model.as_terms(model.decide(images, material.condition[row].expand(2, -1)))
    before, after = by_attribute(model.schema, terms)
    np.testing.assert_allclose(each.moved[0], np.abs(after - before), rtol=1e-3, atol=1e-5)
