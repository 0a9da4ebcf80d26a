"""Deletion and insertion find the ranking that a score rests on, on cells and on pixels."""

import numpy as np
import pytest
import torch

from interpretable_gan.audit.faithfulness import blurred, cell_faithfulness, pixel_faithfulness
from interpretable_gan.audit.rankings import (
    cell_contributions,
    gradient_times_input,
    integrated_gradients,
    usual_evidence,
)
from interpretable_gan.errors import MetricError
from interpretable_gan.models.gan.discriminator import OpaqueDiscriminator


@pytest.fixture(scope="module")
def judge(world):
    """The discriminator, its schema, 12 images, their whole codes and 40 others."""
    model, rows = world.run.model(), world.data.rows("train")
    images, code, _ = world.data.batch(rows[:12])
    code = torch.cat([code, code.new_zeros(12, 2)], dim=1)
    reference = world.data.batch(rows[12:52])[0]
    return model.networks.discriminator, model.schema, images, code, reference


@pytest.fixture(scope="module")
def on_cells(judge):
    return cell_faithfulness(*judge, steps=2)


WEIGHTS = torch.arange(64.0).view(8, 8) - 20
"""What each place of a linear score counts."""


def linear(images):
    """Mean brightness of each place's 2×2 pixels, weighted."""
    return (torch.nn.functional.avg_pool2d(images.mean(1), 2) * WEIGHTS).sum(dim=(1, 2))


@pytest.fixture(scope="module")
def bright():
    return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.1 + 0.9


def test_the_curve_of_cells_is_what_the_discriminator_says_without_their_evidence(judge, on_cells):
    discriminator, schema, images, code, reference = judge
    encoder, half = discriminator.encoder, round(on_cells.fractions[32] * 64 * len(schema.names))
    usual = usual_evidence(discriminator, reference)
    cells = cell_contributions(discriminator, schema, images, code, usual)
    with torch.no_grad():
        features = encoder.features(images)
        evidence = encoder.evidence(features)
        for image in range(len(images)):
            for cell in (-cells[image]).ravel().argsort(kind="stable")[:half]:
                attribute, row, column = np.unravel_index(cell, cells.shape[1:])
                columns = schema.slices[schema.names[attribute]]
                evidence[image, columns, :, row, column] = usual[0, columns, :, row, column]
        left = discriminator.judge(features, evidence, code).logit.numpy()
    np.testing.assert_allclose(on_cells.deletion["ours"][:, 32], left, atol=1e-4)
    assert not np.allclose(on_cells.deletion["random"][:, 32], left, atol=1e-4)


def test_on_cells_no_ranking_beats_the_exact_sum_on_any_image(on_cells):
    assert set(on_cells.rankings) == {
        "ours",
        "random",
        "gradient_times_input",
        "integrated_gradients",
    }
    for other in on_cells.rankings:
        gain = on_cells.deletion_area[other] - on_cells.deletion_area["ours"]
        assert (gain >= -1e-9).all()
        if other != "ours":
            value, (low, high) = on_cells.advantage(other)
            assert 0 < low < value < high
            assert on_cells.advantage(other, "insertion")[0] == pytest.approx(value)


def test_gradients_rank_the_cells_of_a_real_network_better_than_chance(on_cells):
    for ranking in ("gradient_times_input", "integrated_gradients"):
        assert on_cells.advantage("random", of=ranking)[1][0] > 0


def test_every_curve_starts_at_the_score_and_ends_where_all_is_gone(judge, on_cells, bright):
    discriminator, _, images, code, _ = judge
    with torch.no_grad():
        logit = discriminator(images, code).logit.numpy()
    on_pixels = pixel_faithfulness(linear, bright, {"x": np.zeros((6, 8, 8))}, torch.zeros(1))
    for curves, start in ((on_cells, logit), (on_pixels, linear(bright).numpy())):
        for ranking in curves.rankings:
            down, up = curves.deletion[ranking], curves.insertion[ranking]
            np.testing.assert_allclose(down[:, 0], start, atol=1e-4)
            np.testing.assert_allclose(up[:, -1], start, atol=1e-4)
            np.testing.assert_allclose(down[:, -1], up[:, 0], atol=1e-4)
            np.testing.assert_allclose(down[:, -1], curves.deletion["random"][:, -1], atol=1e-4)
    np.testing.assert_allclose(on_pixels.deletion["x"][:, -1], 0, atol=1e-4)


def test_on_pixels_the_true_ranking_is_best_and_its_opposite_worst(bright):
    truth = np.broadcast_to(WEIGHTS.numpy(), (6, 8, 8))
    found = pixel_faithfulness(
        linear, torch.ones_like(bright), {"ours": truth, "wrong": -truth}, torch.zeros(1), steps=64
    )
    ordered = np.sort(WEIGHTS.numpy().ravel())
    area = np.trapezoid(ordered.sum() - np.append(0, ordered[::-1].cumsum()), dx=1 / 64)
    worst = np.trapezoid(ordered.sum() - np.append(0, ordered.cumsum()), dx=1 / 64)
    assert found.area("ours")[0] == pytest.approx(area, rel=1e-5)
    assert found.area("wrong")[0] == pytest.approx(worst, rel=1e-5)
    assert found.area("ours")[0] < found.area("random")[0] < found.area("wrong")[0]
    assert found.advantage("random")[1][0] > 0
    assert found.advantage("random", "insertion")[1][0] > 0
    assert found.advantage("random", of="wrong", direction="insertion")[1][1] < 0
    assert found.advantage("ours") == (0, (0, 0))


def test_the_mean_curve_and_the_area_are_told_with_intervals(on_cells):
    told = on_cells.to_dict()
    assert told["images"] == 12
    assert "40 reference images" in told["baseline"]
    ours = told["rankings"]["ours"]["deletion"]
    assert ours["interval"][0] < ours["area"] < ours["interval"][1]
    np.testing.assert_allclose(ours["curve"], on_cells.deletion["ours"].mean(axis=0))
    assert len(on_cells.to_rows()) == 2 * len(on_cells.rankings)


def test_gradient_rankings_are_exact_for_a_linear_score(bright):
    expected = torch.nn.functional.avg_pool2d(bright.mean(1), 2) * WEIGHTS
    for found in (
        gradient_times_input(lambda x: linear(x)[:, None], bright)[:, 0],
        integrated_gradients(lambda x: linear(x)[:, None], bright, torch.zeros(1), steps=3)[:, 0],
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_integrated_gradients_add_up_where_a_plain_gradient_does_not(bright):
    def squares(images):
        return torch.stack([linear(images).square(), linear(images)], dim=1)

    baseline = bright.mean(dim=0, keepdim=True) / 2
    found = integrated_gradients(squares, bright, baseline, steps=8)
    whole = squares(bright) - squares(baseline)
    np.testing.assert_allclose(found.sum(axis=(2, 3)), whole, rtol=1e-4)
    plain = gradient_times_input(squares, bright).sum(axis=(2, 3))
    assert not np.allclose(plain[:, 0], whole[:, 0], rtol=0.1)


def test_a_blur_keeps_what_is_flat_and_takes_away_what_is_small():
    flat = torch.full((2, 3, 16, 16), 0.3)
    torch.testing.assert_close(blurred(flat), flat)
    dot = torch.zeros(1, 1, 16, 16)
    dot[..., 8, 8] = 1
    assert blurred(dot).shape == dot.shape
    assert blurred(dot).max() < 0.1


def test_what_cannot_be_measured_is_one_sentence(judge, bright):
    discriminator, schema, images, code, reference = judge
    with pytest.raises(MetricError, match="1 images are too few"):
        cell_faithfulness(discriminator, schema, images[:1], code[:1], reference)
    opaque = OpaqueDiscriminator(named=7, discovered=2, size=16, widths=(8, 12))
    with pytest.raises(MetricError, match="no cells of evidence"):
        cell_faithfulness(opaque, schema, images, code, reference)
    with pytest.raises(MetricError, match=r"'x' has shape \(2, 8, 8\)"):
        pixel_faithfulness(linear, bright, {"x": np.zeros((2, 8, 8))}, bright)
