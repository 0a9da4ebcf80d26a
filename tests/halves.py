"""Small generators that "somebody else trained", whose truth is known."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from interpretable_gan.explorer.onnx_graph import Graph
from interpretable_gan.models.frozen.program import freeze, quiet

WIDTH, SIDE = 6, 16


class Halves(nn.Module):
    """The left half of an image is as bright as z's first number says, the right half as its
    second, though less; a little of the others is over all. Of two levels, red has the second."""

    def __init__(self, levels: int = 0, gain: float = 1.0) -> None:
        super().__init__()
        self.enter = nn.Linear(WIDTH, 3 * SIDE * SIDE, bias=False)
        with torch.no_grad():
            weight = self.enter.weight.view(3, SIDE, SIDE, WIDTH).zero_()
            weight[:, :, : SIDE // 2, 0] = gain
            weight[:, :, SIDE // 2 :, 1] = 0.7 * gain
            weight[..., 2:] = 0.05
        self.levels = levels

    def forward(self, z: Tensor, level: Tensor | None = None) -> Tensor:
        drawn = torch.tanh(self.enter(z)).view(-1, 3, SIDE, SIDE)
        if level is None:
            return drawn
        red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
        return drawn * 0.5 + 0.5 * red * (2 * level[:, 1].view(-1, 1, 1, 1) - 1)


def scripted(module: nn.Module, path: Path, *inputs: Tensor) -> Path:
    """A module as TorchScript."""
    with quiet():
        torch.jit.trace(module, inputs or torch.randn(2, WIDTH), check_trace=False).save(str(path))
    return path


def onnx(path: Path, *, batch: str | int = "batch", width: str | int = WIDTH) -> Path:
    """`Halves` as ONNX."""
    graph = Graph("halves")
    z = graph.input("z", batch, width)
    flat = graph.node("MatMul", z, graph.constant(Halves().enter.weight.detach().T))
    shaped = graph.node("Reshape", graph.node("Tanh", flat), graph.constant([-1, 3, SIDE, SIDE]))
    graph.output("images", shaped, batch, 3, SIDE, SIDE)
    path.write_bytes(graph.to_bytes({}))
    return path


def freeze_halves(folder: Path, levels: int = 0, gain: float = 1.0) -> Path:
    """`Halves` in a file."""
    return freeze(Halves(levels, gain), folder / f"halves-{levels}.pt2", WIDTH, levels)
