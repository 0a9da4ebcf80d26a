"""How fast training is, and how near to what the machine's convolutions can do.

    python benchmarks/training_speed.py > benchmarks/results/training_speed.json

Per preset: images/s of whole training steps, FLOP counted by torch, and the limit, measured in
the same run: every convolution of a step once more by itself, with its own shapes, forward and
backward. ``share_of_limit`` compares FLOP/s; ``share_without_optimisers`` leaves out of the FLOP
of a step what turning kernels takes (Muon's matrix products), though not out of its time. The
loader's rate stands beside it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from interpretable_gan.data import portraits
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.models.gan.blocks import Convolution
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.training.loop import Training
from interpretable_gan.training.runtime import Runtime
from machine import machine

STEPS = 12
ROUNDS = 5

Shape = tuple[tuple[int, ...], tuple[int, ...], torch.dtype, bool]
"""Input, weight, type, and whether gradients reach the weights."""


def main() -> None:
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
        "presets": {preset: measure(preset) for preset in ("tiny", "small")},
    }
    print(json.dumps(report, indent=2))


def measure(preset: str) -> dict[str, float]:
    """Speed of one preset on portraits of its size."""
    config = GANConfig.of(preset)
    data = portraits.dataset(size=config.size, count=2_000)
    with tempfile.TemporaryDirectory() as folder:
        training = Training(data, config, Path(folder), Runtime(config), resume=False)
    reals = data.walk(config.seed, 0, config.batch)

    def step() -> None:
        training._take_step(reals)
        training.step += 1

    for _ in range(3):
        step()
    flop, turning = flop_in(step), flop_in(lambda: turn(training))
    shapes = convolutions_of(training, step)
    rounds = [
        (seconds(step, STEPS), sum(n * seconds(alone(shape), 3) for shape, n in shapes.items()))
        for _ in range(ROUNDS)
    ]
    convolution_flop = sum(n * flop_of(shape) for shape, n in shapes.items())
    speeds = [flop / whole for whole, _ in rounds]
    limits = [convolution_flop / convolutions for _, convolutions in rounds]
    share = statistics.median(s / limit for s, limit in zip(speeds, limits, strict=True))
    return {
        "images_per_second": round(config.batch / statistics.median(w for w, _ in rounds), 1),
        "gflop_per_image": round(flop / config.batch / 1e9, 3),
        "gflop_per_second": round(statistics.median(speeds) / 1e9, 1),
        "limit_gflop_per_second": round(statistics.median(limits) / 1e9, 1),
        "share_of_limit": round(share, 3),
        "share_without_optimisers": round(share * (1 - turning / flop), 3),
        "threads": torch.get_num_threads(),
        "loader_images_per_second": round(loader_rate(data, config), 0),
    }


class Together(nullcontext[None]):
    """Counts all modules as one: telling them apart takes hooks that no double backward bears."""

    parents = ("Global",)


def flop_in(action: Callable[[], object]) -> int:
    """FLOP of one call."""
    counter = FlopCounterMode(display=False)
    counter.mod_tracker = Together()
    with counter:
        action()
    return counter.get_total_flops()


def turn(training: Training) -> None:
    """What the optimisers do in a step, with the gradients of the last one."""
    for optimizer in training.optimizers.values():
        optimizer.step(0.0)


def seconds(action: Callable[[], object], times: int) -> float:
    """Wall time of one call, mean over ``times``."""
    start = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - start) / times


def convolutions_of(training: Training, step: Callable[[], None]) -> Counter[Shape]:
    """The convolutions of one step, with how often each is computed."""
    seen: Counter[Shape] = Counter()

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(layer, Convolution)
        learns = layer.weight.requires_grad
        dtype = torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32
        seen[(tuple(inputs[0].shape), tuple(layer.kernel.shape), dtype, learns)] += 1

    hooks = [
        layer.register_forward_hook(note)
        for network in training.networks.named().values()
        for layer in network.modules()
        if isinstance(layer, Convolution)
    ]
    step()
    for hook in hooks:
        hook.remove()
    return seen


def alone(shape: Shape) -> Callable[[], None]:
    """One convolution of that shape, forward and backward."""
    size, kernel, dtype, learns = shape
    images = torch.randn(size).to(dtype, memory_format=torch.channels_last).requires_grad_()
    weight = torch.randn(kernel).to(dtype, memory_format=torch.channels_last)
    weight.requires_grad_(learns)
    output = F.conv2d(images, weight, padding=kernel[-1] // 2)
    gradient = torch.ones_like(output)
    wanted = [images, weight] if learns else [images]

    def run() -> None:
        drawn = F.conv2d(images, weight, padding=kernel[-1] // 2)
        torch.autograd.grad(drawn, wanted, gradient)

    run()
    return run


def flop_of(shape: Shape) -> int:
    """FLOP of `alone`: forward, gradient of the input and, where it learns, of the weights."""
    (batch, _, height, width), (outputs, inputs, rows, columns), _, learns = shape
    forward = 2 * batch * height * width * outputs * inputs * rows * columns
    return forward * (3 if learns else 2)


def loader_rate(data: Dataset, config: GANConfig) -> float:
    """Images/s that the data set hands out in batches."""
    rows = data.rows("train")[: config.batch]
    return config.batch / seconds(lambda: data.batch(rows), 50)


if __name__ == "__main__":
    main()
