"""Conditionals of a circuit are those of the whole table of probabilities, which is small here."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from interpretable_gan.models.tables.circuit import ROOT, Circuit
from interpretable_gan.models.tables.circuit_fit import chow_liu, fit_circuit

COUNTS = (3, 4, 2, 3)
PARENTS = (1, ROOT, 1, 2)
HIDDEN = 3


def shares(*shape, seed):
    values = torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) ** 3 + 0.01
    return values / values.sum(dim=-1, keepdim=True)


@pytest.fixture(scope="module")
def circuit():
    return Circuit(
        PARENTS,
        shares(HIDDEN, seed=1),
        shares(len(COUNTS), HIDDEN, HIDDEN, seed=2),
        tuple(shares(HIDDEN, count, seed=3 + k) for k, count in enumerate(COUNTS)),
    )


@pytest.fixture(scope="module")
def everything(circuit):
    """Every row with its probability, by summing over all hidden states."""
    rows = torch.tensor(list(product(*map(range, COUNTS))))
    found = torch.zeros(len(rows))
    for hidden in product(range(HIDDEN), repeat=len(COUNTS)):
        chance = circuit.root[hidden[1]]
        for k, parent in enumerate(PARENTS):
            if parent != ROOT:
                chance = chance * circuit.edges[k, hidden[parent], hidden[k]]
        for k, leaf in enumerate(circuit.leaves):
            chance = chance * leaf[hidden[k], rows[:, k]]
        found += chance
    return rows, found


def test_likelihoods_are_sums_over_hidden_states(circuit, everything):
    rows, chance = everything
    assert float(chance.sum()) == pytest.approx(1, abs=1e-5)
    torch.testing.assert_close(circuit.log_likelihood(rows).exp(), chance, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({}, id="nothing"),
        pytest.param({3: [0.0, 1.0, 0.0]}, id="a leaf of the tree"),
        pytest.param({0: [0.0, 1.0, 1.0], 2: [1.0, 0.0]}, id="two columns"),
        pytest.param({1: [0.5, 0.0, 1.0, 0.2]}, id="parts of states"),
    ],
)
def test_rows_are_drawn_from_the_conditional(circuit, everything, asked):
    rows, chance = everything
    weights = {k: torch.tensor(weight) for k, weight in asked.items()}
    expected = chance.clone()
    for k, weight in weights.items():
        expected *= weight[rows[:, k]]
    drawn, probability = circuit.draw(200_000, weights, torch.Generator().manual_seed(0))
    assert probability == pytest.approx(float(expected.sum()), rel=1e-4)
    sizes = torch.tensor([24, 6, 3, 1])
    counted = torch.bincount((drawn * sizes).sum(dim=1), minlength=len(rows)) / len(drawn)
    expected = expected / expected.sum()
    noise = 5 * (expected * (1 - expected) / len(drawn)).sqrt() + 1e-5
    assert ((counted - expected).abs() <= noise).all()


def test_columns_that_go_together_are_neighbours(rng):
    a, b = rng.integers(0, 4, 3000), rng.integers(0, 4, 3000)
    near_a, near_b = (a + (rng.random(3000) < 0.2)) % 4, (b + (rng.random(3000) < 0.2)) % 4
    parents = chow_liu(np.stack([a, b, near_a, near_b], axis=1), [4] * 4)
    pairs = {frozenset((k, p)) for k, p in enumerate(parents) if p != ROOT}
    assert {frozenset((0, 2)), frozenset((1, 3))} <= pairs


def test_fitting_learns_what_goes_together_and_never_what_was_not_there(rng):
    a = rng.integers(1, 4, 4000)
    b = np.where(rng.random(4000) < 0.9, a, rng.integers(1, 4, 4000))
    states = np.stack([a, b], axis=1)
    circuit = fit_circuit(states, [4, 4], hidden=6)
    drawn, _ = circuit.draw(20_000, {}, torch.Generator().manual_seed(0))
    assert float((drawn[:, 0] == drawn[:, 1]).float().mean()) == pytest.approx(
        (a == b).mean(), abs=0.03
    )
    assert int(drawn.min()) >= 1
    fresh = rng.permutation(states)[:500]
    fitted = float(circuit.log_likelihood(torch.from_numpy(fresh)).mean())
    apart = -2 * np.log(3)
    assert fitted > apart + 0.4
