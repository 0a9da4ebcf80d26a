"""Reasons for suggestions: both sums, words, and changes that hold when scored again."""

import json

import numpy as np
import pytest

from interpretable_gan.errors import UnknownAttributeError
from interpretable_gan.explain.list_changes import STEP, _forgotten, _needed, change_of_list
from interpretable_gan.explain.suggestion import explain_suggestion, ranking
from interpretable_gan.explain.taste import explain_taste
from interpretable_gan.models.recommend.wishes import Wish
from interpretable_gan.training.recommend import everything_before_now


@pytest.fixture(scope="module")
def reader(room):
    return everything_before_now(room.model, room.data).at(slice(3, 4))


def test_reasons_add_up_to_what_sets_the_item_apart(room, reader):
    item = int(ranking(room.model, reader)[0])
    found = explain_suggestion(room.model, reader, item)
    assert found.rank == 1
    assert found.sum_error < 1e-12
    for values in (found.by_row, found.by_item):
        assert sum(values.values()) == pytest.approx(found.score - found.mean)
    assert sum(found.shares.values()) == pytest.approx(1)
    named = [v for row, v in found.by_row.items() if found.sources[row] != "residual"]
    assert sum(found.folded.values()) == pytest.approx(sum(named))
    best = max(found.folded, key=found.folded.__getitem__)
    assert found.strongest(1) == [found.words.get(best, best)]
    assert found.item in found.sentence()
    assert json.loads(found.to_json())["rank"] == 1
    assert found.plot().width > 100


def test_an_item_that_was_used_is_explained_as_if_it_was_not(room, reader):
    item = int(reader.history.indices[0])
    found = explain_suggestion(room.model, reader, item)
    order = ranking(room.model, reader.without([item]))
    assert order[found.rank - 1] == item


def test_a_reason_says_what_the_item_is(room, reader):
    item = int(ranking(room.model, reader)[0])
    words = explain_suggestion(room.model, reader, item).words
    for number, attribute in enumerate(room.model.item_attributes):
        if attribute.kind == "binary":
            has = room.model.catalog.cells[item, number] == 1
            assert words[attribute.name] == (attribute.name if has else f"not {attribute.name}")


@pytest.mark.parametrize("place", [0, 4, 14])
def test_a_change_of_the_list_holds_when_scored_again(room, reader, place):
    item = int(ranking(room.model, reader)[place])
    change = change_of_list(room.model, reader, item)
    titles = room.model.catalog.titles
    assert change.wanted == (place >= 10)
    if change.forgotten:
        gone = [titles.index(each) for each in change.forgotten]
        listed = item in ranking(room.model, reader.without(gone))[:10]
        assert listed == change.wanted
    if change.wish:
        moved = Wish({change.wish[0]: change.wish[1]})
        assert (item in ranking(room.model, reader, moved)[:10]) == change.wanted
        less = Wish({change.wish[0]: change.wish[1] - np.copysign(STEP, change.wish[1])})
        assert (item in ranking(room.model, reader, less)[:10]) != change.wanted
    assert change.forgotten or change.wish
    assert titles[item] in change.sentence()


def test_past_items_that_need_not_be_forgotten_are_put_back(room, reader):
    item = int(ranking(room.model, reader)[0])
    gone, _ = _forgotten(room.model, reader, item, 10, False, None)
    more = [*(each for each in reader.history.indices.tolist() if each not in gone)][:1] + gone
    fewer, rank = _needed(room.model, reader, item, 10, False, None, more)
    assert rank > 10
    assert len(fewer) < len(more)


def test_a_taste_tells_its_two_ends(room):
    people = everything_before_now(room.model, room.data)
    found = explain_taste(room.model, people, "d00")
    assert not {*found.high} & {*found.low}
    assert found.sentence().startswith("d00 tells")
    place = room.model.tastes.index("d00")
    code, trait = room.model.encode(people)[1][:, place], room.model.parts.traits[:, place]
    assert found.users[0] == code.argmax()
    titles = room.model.catalog.titles
    come, go = ([titles.index(each) for each in ends] for ends in (found.arrives, found.leaves))
    assert trait[come].min() > trait[go].max()
    with pytest.raises(UnknownAttributeError):
        explain_taste(room.model, people, "d77")
