"""What the generator is asked for."""

import pytest
import torch

from interpretable_gan.models.gan.codes import change, order
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="faces",
    attributes=(
        Attribute(name="smiling"),
        Attribute(name="hair", kind="categorical", levels=("black", "blond", "red")),
        Attribute(name="age", kind="continuous", range=(0, 100)),
    ),
).with_discovered(2)


def labels(n=64):
    packed = {"smiling": [1] * n, "hair": ["blond"] * n, "age": [50] * n}
    code, known = SCHEMA.pack(packed)
    return torch.from_numpy(code), torch.from_numpy(known)


def luck():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_change_gives_one_attribute_another_valid_value_and_leaves_the_rest(number):
    code, _ = labels()
    changed = change(SCHEMA, code, torch.full((64,), number), luck())
    before, after = SCHEMA.read(code), SCHEMA.read(changed)
    for other, attribute in enumerate(SCHEMA.named):
        same = before[attribute.name] == after[attribute.name]
        assert same.all() if other != number else not same.any()
    if number == 1:
        assert set(after["hair"]) == {"black", "red"}
        assert (changed[:, 1:4].sum(dim=1) == -1).all(), "one level on, the others off"


def test_a_change_is_asked_in_full_however_weak_the_labels_are():
    weak = labels()[0]
    weak[:, :4] *= 0.25
    for number, columns in ((0, [0]), (1, [1, 2, 3])):
        changed = change(SCHEMA, weak, torch.full((64,), number), luck())
        assert (changed[:, columns].abs() == 1).all()
        assert (changed[:, [c for c in range(4) if c not in columns]].abs() == 0.25).all()


def test_changed_rows_are_twins_in_all_but_the_change():
    code, known = labels(8)
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    assert orders.kept == 4
    assert torch.equal(orders.code[:4, :5], code[:4])
    assert torch.equal(orders.style[4:], orders.style[orders.twin_of])
    assert torch.equal(orders.code[4:, 5:], orders.code[orders.twin_of, 5:])
    differs = orders.code[4:] != orders.code[orders.twin_of]
    assert differs.any(dim=1).all()
    assert orders.paired.tolist() == [1] * 4 + [0] * 4


def test_a_twin_differs_from_its_own_row_in_the_changed_attribute_alone():
    chance = torch.Generator().manual_seed(1)
    code = 0.5 * torch.randn(8, 5, generator=chance).sign()
    orders = order(SCHEMA, code, code != 0, style=3, edited=0.5, chance=luck())
    owners = torch.tensor([0, 1, 1, 1, 2])
    differs = orders.code[4:, :5] != code[orders.twin_of]
    assert differs.any(dim=1).all()
    assert not differs[owners != orders.changed[:, None]].any()


def test_every_attribute_is_changed_and_what_is_discovered_takes_both_sides():
    code, known = labels(64)
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    assert set(orders.changed.tolist()) == {0, 1, 2}
    for found in orders.code[:, 5:].T:
        assert found.min() < -0.5
        assert found.max() > 0.5


def test_a_row_is_known_where_its_own_labels_are():
    code, known = labels(8)
    known = torch.rand(known.shape, generator=torch.Generator().manual_seed(1)) < 0.5
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    assert torch.equal(orders.known[:4], known[:4])
    unchanged = orders.code[4:, :5] == code[orders.twin_of]
    assert torch.equal(orders.known[4:][unchanged], known[orders.twin_of][unchanged])


def test_recalled_rows_and_their_twins_have_what_was_read_of_real_images():
    code, known = labels(8)
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    found, style = torch.full((2, orders.code.shape[1] - 5), 0.25), torch.full((2, 3), 7.0)
    recalled = orders.recalling(found, style)
    old = torch.cat([torch.arange(4), orders.twin_of]) >= 2
    assert (recalled.style[~old] == 7).all()
    assert (recalled.code[~old, 5:] == 0.25).all()
    assert torch.equal(recalled.style[old], orders.style[old])
    assert torch.equal(recalled.code[old], orders.code[old])
    assert torch.equal(recalled.code[:, :5], orders.code[:, :5]), "names stay as they were"


def test_a_style_learns_from_what_is_drawn_with_it():
    code, known = labels(8)
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    style = torch.zeros(2, 3, requires_grad=True)
    recalled = orders.recalling(torch.zeros(2, orders.code.shape[1] - 5), style)
    recalled.style.sum().backward()
    drawn = torch.cat([torch.arange(4), orders.twin_of])
    assert style.grad.tolist() == [[(drawn == row).sum().item()] * 3 for row in range(2)]


def test_a_changed_cell_is_known_even_where_the_label_was_missing():
    code, known = labels(8)
    code[:], known[:] = 0, False
    orders = order(SCHEMA, code, known, style=3, edited=0.5, chance=luck())
    assert not orders.known[:4].any()
    rows = torch.arange(4)
    first = torch.tensor([0, 1, 4])[orders.changed]
    assert orders.known[4:][rows, first].all()
