"""A name that does not exist brings up those that were meant."""

import pytest

from interpretable_gan.errors import UnknownAttributeError, did_you_mean, misspelt


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hair_colour", " Did you mean 'hair_color'?"),
        ("hair", " Did you mean 'hair_color' or 'hair_length'?"),
        ("ha", ""),
        ("nose", ""),
    ],
)
def test_a_misspelt_name_or_a_part_of_one_is_recognised(name, hint):
    assert did_you_mean(name, ["age", "hair_color", "hair_length"]) == hint


@pytest.mark.parametrize(
    ("name", "known", "recognised"),
    [
        pytest.param("smal", "small", True, id="a letter is missing"),
        pytest.param("smalll", "small", True, id="one too many"),
        pytest.param("light bleu", "light blue", True, id="two are swapped"),
        pytest.param("yelkow", "yellow", True, id="one is wrong"),
        pytest.param("healthy", "unhealthy", False, id="another word"),
        pytest.param("hat", "bat", False, id="short words"),
        pytest.param("grade I", "grade II", False, id="short words of long names"),
        pytest.param("level1", "level2", False, id="numbers"),
    ],
)
def test_a_slip_of_one_letter_is_told_from_another_name(name, known, recognised):
    assert misspelt(name, ["other", known]) == (known if recognised else None)


def test_discovered_attributes_are_counted_instead_of_listed():
    found = [f"d{number:02d}" for number in range(24)]
    error = UnknownAttributeError("smilling", known=["smiling"], schema="f", discovered=found)
    assert str(error) == (
        "schema 'f' has no attribute 'smilling'. Did you mean 'smiling'? It has: smiling, and 24 "
        "discovered, d00 to d23."
    )
