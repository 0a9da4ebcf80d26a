"""The list of mutations fits the code it breaks."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from mutations import GROUPS, ROOT, mutations


@pytest.mark.parametrize("group", GROUPS)
def test_every_mutation_breaks_one_line_and_names_tests_that_exist(group):
    for mutation in mutations(group):
        assert not mutation.outdated(), f"{mutation.file} does not have {mutation.line!r} once"
        assert mutation.line != mutation.broken
        files = [word for word in mutation.tests.split() if word.endswith(".py")]
        assert files
        assert all((ROOT / file).exists() for file in files)
