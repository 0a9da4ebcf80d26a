"""The perceptual distance's form, against its formula on a backbone of two layers."""

import pytest
import torch

from interpretable_gan.errors import MetricError
from interpretable_gan.metrics.quality.lpips import lpips

A, B = torch.rand(2, 3, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
WEIGHTS = [torch.tensor([0.5, 1.0, 2.0]), torch.tensor([1.0, 0.0, 3.0])]


def backbone(images):
    return [images, images[:, :, ::2, ::2] ** 2]


def test_it_is_the_weighted_gap_of_unit_activations():
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(3, 1, 1)
    expected = torch.zeros(3, dtype=torch.float64)
    pairs = zip(backbone((A - shift) / scale), backbone((B - shift) / scale), WEIGHTS, strict=True)
    for left, right, weight in pairs:
        unit = [x.double() / (x.double().norm(dim=1, keepdim=True) + 1e-10) for x in (left, right)]
        expected += ((unit[0] - unit[1]) ** 2 * weight.view(3, 1, 1)).sum(1).mean((1, 2))
    assert lpips(A, B, backbone, WEIGHTS) == pytest.approx(expected.numpy(), rel=1e-6)


def test_equal_images_are_at_distance_zero_and_order_is_no_matter():
    assert lpips(A, A, backbone, WEIGHTS) == pytest.approx([0, 0, 0])
    assert lpips(A, B, backbone, WEIGHTS) == pytest.approx(lpips(B, A, backbone, WEIGHTS))


@pytest.mark.parametrize(
    ("a", "weights", "said"),
    [
        (A[:2], WEIGHTS, "expected two equal"),
        (A, WEIGHTS[:1], "1 have weights"),
        (A, [WEIGHTS[0], -WEIGHTS[1]], "none below 0"),
        (A, [WEIGHTS[0], torch.ones(2)], "expected as many"),
    ],
)
def test_what_does_not_fit_is_refused(a, weights, said):
    with pytest.raises(MetricError, match=said):
        lpips(a, B, backbone, weights)
