"""A batch of eight pairs, and a discriminator that says of each image what it was told to say.

So the gradient of a term of an objective tells, image by image, what training asks for.
"""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, nn

from interpretable_gan.models.gan.codes import Orders
from interpretable_gan.models.gan.config import GANConfig
from interpretable_gan.models.gan.discriminator import Decision
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.gan.step import Batch, Memory, discriminator_loss, generator_loss
from interpretable_gan.models.gan.style import Posterior
from interpretable_gan.schema.attribute import Attribute
from interpretable_gan.schema.schema import Schema

SCHEMA = Schema(
    name="faces",
    attributes=(
        Attribute(name="smiling"),
        Attribute(name="hat"),
        Attribute(name="age", kind="continuous", range=(0, 100)),
    ),
).with_discovered(2)
READING = Reading(SCHEMA)
SMILING, HAT, AGE = range(3)
NAMED, COLUMNS, PAIRS, KEPT = 3, 5, 8, 6

TWINS, EDITED = [2, 0], [6, 7]
"""Generated image 6 is image 2 without its hat, image 7 is image 0 without its smile."""

LABELS = torch.tensor(
    [
        [1.0, 1.0, 0.4],
        [1.0, -1.0, -0.6],
        [-1.0, 1.0, 0.2],
        [-1.0, 0.0, 0.8],  # nobody knows of a hat
        [1.0, 1.0, -0.2],
        [-1.0, -1.0, 0.6],
        [1.0, -1.0, -0.8],  # of this image no label is known
        [1.0, 1.0, -0.4],
    ]
)
KNOWN = LABELS != 0
KNOWN[6] = False
CODE = LABELS * torch.tensor([0.4, 0.4, 1.0])  # labels claim less than what is asked in full


def orders() -> Orders:
    """The codes of the first six real images, and two of these with one change."""
    named = torch.cat([CODE[:KEPT], CODE[TWINS]])
    named[6, HAT], named[7, SMILING] = -1.0, -1.0
    found = torch.tensor([[1, -1], [-1, -1], [-1, 1], [1, 1], [1, -1], [-1, 1]]) / 2
    return Orders(
        code=torch.cat([named, torch.cat([found, found[TWINS]])], dim=1),
        style=torch.zeros(PAIRS, 1),
        known=torch.cat([KNOWN[:KEPT], KNOWN[TWINS]]),
        kept=KEPT,
        twin_of=torch.tensor(TWINS),
        changed=torch.tensor([HAT, SMILING]),
    )


def expected(code: Tensor) -> Tensor:
    """What should be read of images drawn with a code: more of binary attributes than it claims."""
    return torch.cat([(2 * code[:, :AGE]).clamp(-0.9, 0.9), code[:, AGE:]], dim=1)


def batch(nameless: Tensor | float = 1.0) -> Batch:
    """The pairs; ``nameless`` is 0 for those that are judged by names alone."""
    asked = orders()
    return Batch(
        view=numbered(range(PAIRS)),
        labels=LABELS,
        code=CODE,
        known=KNOWN,
        orders=asked,
        expected=expected(asked.code),
        nameless=torch.as_tensor(nameless).expand(PAIRS),
    )


def numbered(numbers: range) -> Tensor:
    """Images that the table tells apart."""
    return torch.tensor(list(numbers), dtype=torch.float32)[:, None, None, None].expand(-1, 1, 2, 2)


class Table(nn.Module):
    """A discriminator with a row of numbers for each image: 0 to 7 are real, 8 to 15 generated.
    ``shown`` times the code is its agreement, ``slope`` how steeply the logit rises with the image.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = {"shown": NAMED, "realism": COLUMNS, "reading": COLUMNS, "residual": 1, "slope": 1}
        for name, width in widths.items():
            setattr(self, name, nn.Parameter(torch.zeros(2 * PAIRS, width)))
        self.bias = nn.Parameter(torch.zeros(()))

    def decide(self, images: Tensor, code: Tensor) -> Decision:
        row = images[:, 0, 0, 0].long()
        tilt = (images - images.detach()).sum(dim=(2, 3)) * self.slope[row]  # 0, but it slopes
        return Decision(
            agreement=code[:, :NAMED] * self.shown[row],
            realism=self.realism[row] + tilt / COLUMNS,
            residual=self.residual[row, 0],
            bias=self.bias,
            reading=self.reading[row],
        )


@torch.no_grad()
def tell(parameter: Tensor, real: Tensor | float = 0.0, fake: Tensor | float = 0.0) -> None:
    """Say this of real and of generated images."""
    parameter[:PAIRS], parameter[PAIRS:] = real, fake


def some(*shape: int) -> Tensor:
    """Random numbers, the same for the same shape."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def of_discriminator(
    table: Table, game: Batch | None = None, step: int = 0, **settings: object
) -> SimpleNamespace:
    """Terms of the discriminator's objective by name, their ``total``, and what the real images
    ``won``."""
    config = GANConfig.of(discovered=2, **settings)
    fakes = numbered(range(PAIRS, 2 * PAIRS))
    outcome, won = discriminator_loss(table, READING, game or batch(), fakes, config, step)
    return SimpleNamespace(**outcome.report, total=outcome.total, won=won)


def of_generator(
    table: Table,
    game: Batch | None = None,
    drawn: Tensor | None = None,
    memory: Memory | None = None,
    won: Tensor | None = None,
    opened: float = 1.0,
) -> SimpleNamespace:
    """Terms of the generator's objective by name, and their ``total``."""
    nothing = torch.zeros(PAIRS, 1, 2, 2)
    outcome = generator_loss(
        table,
        READING,
        game or batch(),
        numbered(range(PAIRS, 2 * PAIRS)),
        torch.zeros(PAIRS) if won is None else won,
        memory or remembered(nothing[:3]),
        nothing if drawn is None else drawn,
        GANConfig.of(discovered=2),
        opened,
    )
    return SimpleNamespace(**outcome.report, total=outcome.total)


def remembered(images: Tensor, mean: float = 0.0, log_variance: float = 0.0) -> Memory:
    """A memory of images with a posterior of two numbers each."""
    numbers = torch.zeros(len(images), 2)
    parts = ((numbers + value).requires_grad_() for value in (mean, log_variance))
    return Memory(images, numbers, Posterior(*parts), numbers)


def pushes(term: Tensor, parameter: Tensor) -> Tensor:
    """Which way one step down a term moves each number."""
    (slope,) = torch.autograd.grad(
        term, parameter, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    return -slope


def halves(term: Tensor, parameter: Tensor) -> tuple[Tensor, Tensor]:
    """The same for real and for generated images."""
    real, fake = pushes(term, parameter).chunk(2)
    return real, fake


def step_down(term: Tensor, parameter: Tensor, length: float) -> None:
    """Take one step down a term."""
    step = pushes(term, parameter)
    with torch.no_grad():
        parameter += length * step / step.norm()
