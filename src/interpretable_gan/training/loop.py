"""A run from its first image to its last, or from where it stopped."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, RunError, TrainingError
from interpretable_gan.pictures import save_grid
from interpretable_gan.run import Run
from interpretable_gan.semantics.schema import Schema
from interpretable_gan.shapes import Code, Images, Known
from interpretable_gan.training import checkpoint, doctor
from interpretable_gan.training.augment import Augmentation
from interpretable_gan.training.averaging import follow
from interpretable_gan.training.chance import generator as chance
from interpretable_gan.training.chance import rows
from interpretable_gan.training.codes import Orders, order
from interpretable_gan.training.config import TrainingConfig
from interpretable_gan.training.interruption import interruption
from interpretable_gan.training.networks import Networks, build
from interpretable_gan.training.reading import Reading
from interpretable_gan.training.runtime import Runtime
from interpretable_gan.training.step import Batch, discriminator_loss, frozen, generator_loss

LOG_EVERY = 50
"""Steps between records of the log."""

WARM_UP = 50
"""Steps over which the rates rise."""

PREVIEW = 64
"""Images on a preview grid."""

KEPT_CODES = 4096
"""Training codes that travel with the weights, so that a model knows what is usual."""

Reals = tuple[Images, Code, Known]


@dataclass(frozen=True)
class Status:
    """How a run stands, for whoever shows it."""

    images: int
    total: int
    images_per_second: float
    losses: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def seconds_left(self) -> float:
        """At the present rate; infinite before the first step."""
        rate = self.images_per_second
        return (self.total - self.images) / rate if rate else math.inf


Progress = Callable[[Status], None]


def train(
    data: Dataset,
    config: TrainingConfig,
    folder: str | Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Train on the training split of ``data`` and leave a `Run` in ``folder``.

    A run that was interrupted goes on with ``resume=True`` and ends in the same weights, bit for
    bit, as one that never stopped. Ctrl-C saves a checkpoint before it leaves.

    Args:
        data: images of side ``config.size`` with their attributes.
        config: what to train.
        folder: a new or empty folder, or the run to resume.
        resume: go on from the folder's last checkpoint; refuses another config or schema.
        progress: told how the run stands after every record of the log.

    Raises:
        DataError: images of another size, or fewer training rows than one batch.
        RunError: the folder holds a run already, or none to resume.
        TrainingError: a loss is no longer finite; says the step and the last good checkpoint.
        KeyboardInterrupt: after saving, when Ctrl-C was pressed.
    """
    if data.size != config.size:
        raise DataError(
            f"data set {data.name!r} has images of side {data.size}, the config wants "
            f"{config.size}: open it with size={config.size} or set size={data.size}."
        )
    if len(data.rows("train")) < config.batch:
        raise DataError(
            f"data set {data.name!r} has {len(data.rows('train'))} training images, fewer than "
            f"one batch of {config.batch}: set a smaller batch."
        )
    runtime = Runtime(config)
    training = Training(data, config, Path(folder), runtime, resume)
    training.go_on(progress)
    runtime.close()
    return Run.open(folder)


class Training:
    """The moving state of a run: networks, optimisers, how many images it has seen."""

    def __init__(
        self, data: Dataset, config: TrainingConfig, folder: Path, runtime: Runtime, resume: bool
    ) -> None:
        self.data, self.config, self.folder, self.runtime = data, config, folder, runtime
        self.schema: Schema = data.schema.with_discovered(config.discovered)
        self.networks: Networks = build(self.schema, config, data.channels)
        for network in self.networks.named().values():
            runtime.place(network)
        self.reading = Reading(self.schema).to(runtime.device)
        self.optimizers = {
            "generator": self._adam(self.networks.generator, config.generator_rate),
            "discriminator": self._adam(self.networks.discriminator, config.discriminator_rate),
        }
        self.step = 0
        self.seconds = 0.0
        self.obeyed = torch.full((len(self.schema.named),), math.nan)
        self.train_rows = data.rows("train")
        self.label_notes = [note.sentence for note in doctor.examine_labels(data)]
        if resume:
            self._resume()
        elif runtime.writer:
            self._start_folder()

    @staticmethod
    def _adam(network: torch.nn.Module, rate: float) -> torch.optim.Adam:
        return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.0, 0.99), fused=True)

    @property
    def images(self) -> int:
        """Real images seen so far by all processes."""
        return self.step * self.config.batch

    def go_on(self, progress: Progress | None) -> None:
        """Step until the config's images are seen."""
        last = math.ceil(self.config.images / self.config.batch)
        save_every = max(self.config.save_every // (self.config.batch * LOG_EVERY), 1) * LOG_EVERY
        window: dict[str, list[Tensor]] = {}
        started, before = time.monotonic(), self.images
        with self._prefetched(self.step, last) as reals, interruption() as interrupted:
            for batch in reals:
                for name, value in self._take_step(batch).items():
                    window.setdefault(name, []).append(value)
                self.step += 1
                stop = self.runtime.any(interrupted.is_set)
                logs = self.step % LOG_EVERY == 0 or self.step == last
                if logs:
                    elapsed = time.monotonic() - started
                    self._log(
                        window, self.seconds + elapsed, progress, (self.images - before) / elapsed
                    )
                    window = {}
                if self.step % save_every == 0 or self.step == last or stop:
                    self._save(self.seconds + time.monotonic() - started)
                if stop:
                    raise KeyboardInterrupt

    def _take_step(self, reals: Reals) -> dict[str, Tensor]:
        """One update of each network. Returns losses and measurements by name."""
        config, networks, step = self.config, self.networks, self.step
        self._set_rates()
        batch = self._batch(reals)
        augment = Augmentation(self.schema, config.size, chance(config.seed, "augment", step))
        images = augment(batch.images)
        batch = Batch(images, batch.code, batch.known, batch.orders, batch.keep_residual)

        with self.runtime.arithmetic():
            fakes = augment(networks.generator(batch.orders.code, batch.orders.style).float())
            judged, won = discriminator_loss(
                networks.discriminator, self.reading, batch, fakes.detach(), config, step
            )
        self._update("discriminator", judged.total)

        with frozen(networks.discriminator), self.runtime.arithmetic():
            drawn = generator_loss(networks.discriminator, self.reading, batch, fakes, won, config)
            self._update("generator", drawn.total)
        follow(
            networks.average,
            networks.generator,
            images=self.images,
            batch=config.batch,
            half=config.averaging,
        )
        self._remember_obedience(batch.orders, drawn.report.pop("obeyed", None))
        return {name: value.detach() for name, value in (judged.report | drawn.report).items()}

    def _update(self, name: str, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.runtime.average_gradients(self.networks.named()[name].parameters())
        optimizer.step()

    def _set_rates(self) -> None:
        """Rise over the first steps, hold, fall over the cooling."""
        done = self.images / self.config.images
        cool = min(1.0, (1 - done) / self.config.cooling) if self.config.cooling else 1.0
        factor = min(1.0, (self.step + 1) / WARM_UP) * max(cool, 0.01)
        rates = {
            "generator": self.config.generator_rate,
            "discriminator": self.config.discriminator_rate,
        }
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = rates[name] * factor

    def _batch(self, reals: Reals) -> Batch:
        """Real images and this process's orders to the generator, on the device."""
        config, rank = self.config, self.runtime.rank
        images, code, known = reals
        orders = order(
            self.schema,
            code,
            known,
            style=config.style,
            edited=config.edited,
            chance=chance(config.seed, "orders", self.step, rank),
        )
        drop = torch.rand(len(code), generator=chance(config.seed, "residual", self.step, rank))
        device = self.runtime.device
        return Batch(
            images=images.to(device, non_blocking=True),
            code=code.to(device),
            known=known.to(device),
            orders=Orders(
                orders.code.to(device),
                orders.style.to(device),
                orders.known.to(device),
                orders.kept,
                orders.twin_of.to(device),
                orders.changed.to(device),
            ),
            keep_residual=(drop >= config.residual_drop).float().to(device),
        )

    @contextmanager
    def _prefetched(self, first: int, last: int) -> Iterator[Iterator[Reals]]:
        """This process's real images for steps ``first`` to ``last``, fetched one step ahead."""
        share = self.runtime.batch

        def fetch(step: int) -> Reals:
            start = step * self.config.batch + self.runtime.rank * share
            walk = rows(self.config.seed, len(self.train_rows), start, share)
            return self.data.batch(self.train_rows[walk])

        def ahead(pool: ThreadPoolExecutor) -> Iterator[Reals]:
            coming = pool.submit(fetch, first)
            for step in range(first, last):
                here = coming.result()
                coming = pool.submit(fetch, min(step + 1, last - 1))
                yield here

        with ThreadPoolExecutor(1) as pool:
            yield ahead(pool)

    def _remember_obedience(self, orders: Orders, obeyed: Tensor | None) -> None:
        """Keep, per attribute, the share of changes that the encoder sees, the last ones most."""
        if obeyed is None:
            return
        count = len(self.schema.named)
        changed = orders.changed.cpu()
        asked = torch.bincount(changed, minlength=count)
        seen = torch.bincount(changed, obeyed.float().cpu(), minlength=count)
        share = seen / asked.clamp(min=1)
        weight = 1 - 0.97**asked
        known = torch.where(self.obeyed.isnan(), share, self.obeyed)
        self.obeyed = torch.where(asked > 0, torch.lerp(known, share, weight), self.obeyed)

    def _log(
        self,
        window: dict[str, list[Tensor]],
        seconds: float,
        progress: Progress | None,
        rate: float,
    ) -> None:
        """Write one record; stop when a loss is no longer finite."""
        means = self.runtime.mean({name: torch.stack(v).mean() for name, v in window.items()})
        broken = [name for name, value in means.items() if not math.isfinite(value)]
        if broken:
            raise TrainingError(
                f"{broken[0]} is {means[broken[0]]} at step {self.step}. The last good checkpoint "
                f"is {self._last_checkpoint()}: lower the rates or raise weights.penalty, and "
                "resume or start again."
            )
        if not self.runtime.writer:
            return
        obeyed = {
            attribute.name: None if math.isnan(share) else round(share, 4)
            for attribute, share in zip(self.schema.named, self.obeyed.tolist(), strict=True)
        }
        record: dict[str, Any] = {
            "images": self.images,
            "seconds": round(seconds, 3),
            "images_per_second": round(rate, 1),
            **{name: round(value, 6) for name, value in means.items()},
            "obeyed": obeyed,
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        if progress:
            found = doctor.examine(Run.open(self.folder).log(), self.config.images)
            notes = (*self.label_notes, *(note.sentence for note in found))
            progress(Status(self.images, self.config.images, rate, means, notes))

    def _last_checkpoint(self) -> str:
        path = self.folder / "state.pt"
        return f"{path} (step {checkpoint.load_state(path)['step']})" if path.exists() else "none"

    def _start_folder(self) -> None:
        """An empty run: config, schema and the first line of the log."""
        if (self.folder / "config.json").exists():
            raise RunError(
                f"{self.folder} holds a run already: resume it, or choose another folder."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.schema.save(self.folder / "schema.yaml")
        first = {
            "world": self.runtime.world,
            "device": str(self.runtime.device),
            "threads": torch.get_num_threads(),
            "data": self.data.name,
            "checksum": self.data.checksum,
            "training_images": len(self.train_rows),
            "notes": self.label_notes,
        }
        checkpoint.write_text(self.folder / "log.jsonl", json.dumps(first) + "\n")
        checkpoint.write_text(self.folder / "config.json", self.config.model_dump_json(indent=2))

    def _save(self, seconds: float) -> None:
        """Checkpoint: what others load, what training resumes from, and a picture."""
        if not self.runtime.writer:
            return
        codes = self.data.codes[self.train_rows[:: max(len(self.train_rows) // KEPT_CODES, 1)]]
        checkpoint.save_weights(
            self.folder / "weights.safetensors",
            {"codes": torch.from_numpy(codes[:KEPT_CODES].copy())}
            | {
                f"{name}.{key}": tensor
                for name, network in self.networks.named().items()
                if name != "generator"
                for key, tensor in network.state_dict().items()
            },
        )
        checkpoint.save_state(
            self.folder / "state.pt",
            {
                "step": self.step,
                "seconds": seconds,
                "obeyed": self.obeyed,
                "world": self.runtime.world,
                "networks": {n: net.state_dict() for n, net in self.networks.named().items()},
                "optimizers": {n: o.state_dict() for n, o in self.optimizers.items()},
            },
        )
        model = Run.open(self.folder).model()
        save_grid(
            model.sample(PREVIEW), self.folder / "samples" / f"{self.images:09d}.png", columns=8
        )

    def _resume(self) -> None:
        """Back to the last checkpoint; later lines of the log are forgotten with it."""
        run = Run.open(self.folder)
        if run.config != self.config:
            theirs, ours = run.config.model_dump(), self.config.model_dump()
            differing = next(name for name in theirs if theirs[name] != ours[name])
            raise RunError(
                f"{self.folder} was trained with {differing} = {theirs[differing]}, not "
                f"{ours[differing]}: resume with its own config.json."
            )
        if run.schema.with_discovered(self.config.discovered) != self.schema:  # without aliases
            raise RunError(f"{self.folder} was trained on another schema than {self.data.name!r}.")
        if (self.folder / "state.pt").exists():  # else the start is the same again
            self._restore(checkpoint.load_state(self.folder / "state.pt"))
        if self.runtime.writer:
            kept = [r for r in run.log() if r.get("images", 0) <= self.images]
            checkpoint.write_text(
                self.folder / "log.jsonl", "".join(json.dumps(r) + "\n" for r in kept)
            )

    def _restore(self, state: dict[str, Any]) -> None:
        """Networks, optimisers and counters as they were saved."""
        if state["world"] != self.runtime.world:
            raise RunError(
                f"{self.folder} was trained by {state['world']} processes, not "
                f"{self.runtime.world}: launch as many to resume exactly."
            )
        for name, network in self.networks.named().items():
            network.load_state_dict(state["networks"][name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.step, self.seconds, self.obeyed = state["step"], state["seconds"], state["obeyed"]
