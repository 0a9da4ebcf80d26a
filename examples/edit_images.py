"""Edit real images by name, and have a judge that training never saw say what changed.

python examples/edit_images.py
"""

from pathlib import Path

from interpretable_gan import train
from interpretable_gan.audit.evaluators import train_evaluator
from interpretable_gan.data import portraits
from interpretable_gan.explain import edit
from interpretable_gan.modalities.pictures import save


def main(
    images: int = 10_000, seen: int = 10_000, out: Path = Path("runs/examples/edited.png")
) -> None:
    data = portraits.dataset(size=32, count=2_000, seed=0)
    model = train(data, preset="tiny", images=images, typical=1)
    judge = train_evaluator(data, images=seen, members=1)

    real, _, _ = data.batch(data.rows("test")[:8])
    edited = edit(model, real, {"smiling": True, "eyeglasses": False}, evaluator=judge)

    print(edited.sentence())
    save(edited.plot(), out)


if __name__ == "__main__":
    main()
