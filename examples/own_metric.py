"""A metric of your own: a function from arrays to a `Result`, usable without any model.

python examples/own_metric.py
"""

import numpy as np
from numpy.typing import ArrayLike

from interpretable_gan import sample, train
from interpretable_gan.data import portraits
from interpretable_gan.metrics import Result


def brightness_gap(real: ArrayLike, fake: ArrayLike) -> Result:
    """Difference of mean brightness, |real − fake|, in [0, 2] for images in [-1, 1]; lower is
    better, 0 when both sets are equally bright."""
    value = abs(float(np.mean(real)) - float(np.mean(fake)))
    return Result(metric="brightness_gap", value=value, mode="strict")


def main(images: int = 10_000) -> None:
    data = portraits.dataset(size=32, count=2_000, seed=0)
    model = train(data, preset="tiny", images=images, typical=1)
    real, _, _ = data.batch(data.rows("test"))
    print(brightness_gap(real.numpy(), sample(model, len(real)).cpu().numpy()))


if __name__ == "__main__":
    main()
