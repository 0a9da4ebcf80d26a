"""Train on drawn portraits, then take the discriminator's decision on one of them apart.

python examples/explain_a_decision.py
"""

from pathlib import Path

from interpretable_gan import train
from interpretable_gan.data import portraits
from interpretable_gan.explain import explain_decision
from interpretable_gan.modalities.pictures import save


def main(images: int = 10_000, out: Path = Path("runs/examples/why.png")) -> None:
    data = portraits.dataset(size=32, count=2_000, seed=0)
    model = train(data, preset="tiny", images=images, typical=1)

    real, labels, _ = data.batch(data.rows("test")[:32])
    drawn = model.draw(model.codes(32), model.styles(32))
    decision = explain_decision(model, real, labels).against(explain_decision(model, drawn))

    print(decision.sentence())
    print(f"largest gap between the sum and the score: {decision.sum_error:.0e}")
    save(decision.plot(real), out)


if __name__ == "__main__":
    main()
