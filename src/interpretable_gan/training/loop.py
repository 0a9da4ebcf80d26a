"""A run from its first image to its last, or from where it stopped."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from interpretable_gan.arithmetic import type_of_products
from interpretable_gan.atomic import write_text
from interpretable_gan.chance import generator as chance
from interpretable_gan.chance import rows
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, RunError, TrainingError
from interpretable_gan.modalities.pictures import save_grid
from interpretable_gan.models.gan.augment import Augmentation
from interpretable_gan.models.gan.averaging import follow
from interpretable_gan.models.gan.codes import order
from interpretable_gan.models.gan.config import TrainingConfig
from interpretable_gan.models.gan.labels import Labels, frequencies
from interpretable_gan.models.gan.networks import Networks, build
from interpretable_gan.models.gan.reading import Reading
from interpretable_gan.models.gan.step import (
    Batch,
    Memory,
    Seen,
    discriminator_loss,
    frozen,
    generator_loss,
)
from interpretable_gan.schema.schema import Schema
from interpretable_gan.shapes import Code, Images, Known, NamedCode
from interpretable_gan.training import checkpoint, doctor
from interpretable_gan.training.checkpoint import STATE, WEIGHTS, Moment, load_moment
from interpretable_gan.training.interruption import interruption
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.origin import origin, refuse_other_data
from interpretable_gan.training.record import Record, rounded
from interpretable_gan.training.run import Run
from interpretable_gan.training.runtime import Runtime
from interpretable_gan.training.status import Progress, Status

LOG_EVERY = 50
"""Steps between records of the log."""

PREVIEW = 64
"""Images on a preview grid."""

KEPT_CODES = 2048
"""Training codes that travel with the weights, so that a model knows what is usual."""

LOOKED_AT = 256
"""Images whose codes are found at a time."""

Reals = tuple[Images, NamedCode, Known]


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
    bit, as one that never stopped. Ctrl-C, like SIGTERM, saves a checkpoint before it leaves.

    Args:
        data: images of side ``config.size`` with their attributes.
        config: what to train.
        folder: a new or empty folder, or the run to resume.
        resume: go on from the folder's last checkpoint; refuses another config or other data.
        progress: told how the run stands after every record of the log.

    Raises:
        DataError: images of another size, or fewer training rows than one batch.
        RunError: the folder holds a run already, or none to resume.
        TrainingError: a loss or a weight is no longer finite; says the step and the last good
            checkpoint, which stays as it is.
        KeyboardInterrupt: after saving, on Ctrl-C or SIGTERM.
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
        self.labels = Labels(self.schema, frequencies(data), config.typical).to(runtime.device)
        self.optimizers = {
            "generator": Optimizer(
                nn.ModuleList([self.networks.generator, self.networks.style_encoder])
            ),
            "discriminator": Optimizer(self.networks.discriminator),
        }
        self.step = 0
        self.seconds = 0.0
        self.record = Record(self.schema)
        self.train_rows = data.rows("train")
        self.origin = origin(data)
        self.label_notes = [note.sentence for note in doctor.examine_labels(data)]
        if resume:
            self._resume()
        elif runtime.writer:
            self._start_folder()

    @property
    def images(self) -> int:
        """Real images seen so far by all processes."""
        return self.step * self.config.batch

    def go_on(self, progress: Progress | None) -> None:
        """Step until the config's images are seen."""
        last = math.ceil(self.config.images / self.config.batch)
        save_every = max(self.config.save_every // (self.config.batch * LOG_EVERY), 1) * LOG_EVERY
        started, before = time.monotonic(), self.images
        with self._prefetched(self.step, last) as reals, interruption() as interrupted:
            for batch in reals:
                self._take_step(batch)
                self.step += 1
                mine = self.record.broken
                stop, broken = self.runtime.any(interrupted.is_set, mine is not None)
                if broken:
                    raise self._broken(mine or "a loss of another process is not finite")
                if self.step % LOG_EVERY == 0 or self.step == last:
                    elapsed = time.monotonic() - started
                    self._log(self.seconds + elapsed, (self.images - before) / elapsed, progress)
                if self.step % save_every == 0 or self.step == last or stop:
                    self._save(self.seconds + time.monotonic() - started)
                if stop:
                    raise KeyboardInterrupt

    def _take_step(self, reals: Reals) -> None:
        """One update of each network."""
        config, networks, step = self.config, self.networks, self.step
        images, labels, known = (part.to(self.runtime.device) for part in reals)
        images = images.to(memory_format=torch.channels_last)
        exact = self.labels.exact
        seen = self._look(images[: self._recalled] if exact else images)
        code = labels if exact else self.labels.code(seen.reading, labels)
        batch = self._batch(images, labels, known, code)
        luck = chance(config.seed, "augment", step, self.runtime.rank)
        augment = Augmentation(self.schema, config.size, config.noise, luck)

        with self.runtime.arithmetic():
            memory = self._recall(images, seen)
            orders = batch.orders.recalling(memory.found, memory.style)
            drawn = networks.generator(orders.code, orders.style).float()
            fakes = augment(drawn)
            batch = replace(batch, images=augment(images), orders=orders)
            judged, won = discriminator_loss(
                networks.discriminator, self.reading, batch, fakes.detach(), config, step
            )
        self._update("discriminator", judged.total, config.discriminator_rate)

        with frozen(networks.discriminator), self.runtime.arithmetic():
            shown = generator_loss(
                networks.discriminator,
                self.reading,
                batch,
                fakes,
                won,
                memory,
                drawn,
                config,
                config.opened(step),
            )
            self._update("generator", shown.total, config.generator_rate)
        follow(
            networks.average,
            networks.generator,
            images=self.images,
            batch=config.batch,
            half=config.averaging,
        )
        self.record.add(judged.report | shown.report, orders)

    @torch.no_grad()
    def _look(self, images: Images) -> Seen:
        """What the encoder sees of real images."""
        encoder = self.networks.discriminator.encoder
        with self.runtime.arithmetic():
            features = encoder.trunk(images)
            reading = encoder.reading(encoder.evidence(features)).float()
        return Seen(features, reading)

    @property
    def _recalled(self) -> int:
        """How many real images of a batch are drawn again, in this process."""
        return max(int(self.runtime.batch * self.config.recalled), 1)

    def _recall(self, images: Images, seen: Seen) -> Memory:
        """What the generator is given of the first real images, to draw them again."""
        config, networks = self.config, self.networks
        images = images[: self._recalled]
        recalled = Seen(seen.features[: self._recalled], seen.reading[: self._recalled])
        posterior = networks.style_encoder(recalled.features)
        luck = chance(config.seed, "posterior", self.step, self.runtime.rank)
        noise = torch.randn(posterior.mean.shape, generator=luck).to(images.device)
        return Memory(images, self._found(recalled), posterior, posterior.at(noise))

    def _found(self, seen: Seen) -> Code:
        """The discovered part of what was read, as codes have it."""
        return seen.reading[:, self.schema.named_columns :].clamp(-1, 1)

    def _update(self, name: str, loss: Tensor, rate: float) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.runtime.average_gradients(optimizer.parameters)
        optimizer.step(rate * self.config.pace(self.step))

    def _batch(self, images: Images, labels: NamedCode, known: Known, code: NamedCode) -> Batch:
        """Real images and this process's orders to the generator, on the device."""
        config, rank, device = self.config, self.runtime.rank, self.runtime.device
        orders = order(
            self.schema,
            code.cpu(),
            (known & self.labels.claimed(code)).cpu(),
            style=config.style,
            edited=config.edited,
            chance=chance(config.seed, "orders", self.step, rank),
        ).to(device)
        luck = torch.rand(len(code), generator=chance(config.seed, "names", self.step, rank))
        names_only = config.names_only if config.discriminator == "additive" else 0
        return Batch(
            images=images,
            labels=labels,
            code=code,
            known=known,
            orders=orders,
            expected=self.labels.expected(orders.code),
            nameless=(luck >= names_only).float().to(device),
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

    def _log(self, seconds: float, rate: float, progress: Progress | None) -> None:
        """Write one record."""
        found = self.record.close(self.runtime)
        if not self.runtime.writer:
            return
        losses = {name: value for name, value in found.items() if isinstance(value, float)}
        line = {"images": self.images, "seconds": seconds, "images_per_second": rate, **found}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(rounded(line)) + "\n")
        if progress:
            ills = doctor.examine(Run.open(self.folder).log(), self.config.images)
            notes = (*self.label_notes, *(note.sentence for note in ills))
            progress(Status(self.images, self.config.images, rate, losses, notes))

    def _broken(self, what: str) -> TrainingError:
        """What to raise where something is no longer finite, so that it is never saved."""
        path = self.folder / STATE
        good = f"{path} (step {load_moment(path).step})" if path.exists() else "none"
        return TrainingError(
            f"{what} at step {self.step}. The last good checkpoint is {good}. Lower the rates or "
            "raise weights.penalty in a new run: this one would come here again."
        )

    def _start_folder(self) -> None:
        """An untrained run: schema, the first line of the log, weights and, last, the config that
        makes a run of them. So a run can be loaded and resumed at any moment.
        """
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
            "precision": type_of_products(self.runtime.device.type, self.config.precision),
            **self.origin,
            "notes": self.label_notes,
        }
        write_text(self.folder / "log.jsonl", json.dumps(first) + "\n")
        self._checkpoint(0.0)
        write_text(self.folder / "config.json", self.config.model_dump_json(indent=2))

    def _save(self, seconds: float) -> None:
        """A checkpoint and a picture; nothing where something is no longer finite."""
        if checkpoint.not_finite(self._moving()):
            raise self._broken("a weight is not finite")
        if not self.runtime.writer:
            return
        self._checkpoint(seconds)
        model = Run.open(self.folder).model()
        save_grid(
            model.sample(PREVIEW), self.folder / "samples" / f"{self.images:09d}.png", columns=8
        )

    def _checkpoint(self, seconds: float) -> None:
        """What others load, and then what training resumes from."""
        kept = {
            f"{name}.{key}": tensor
            for name, network in self.networks.named().items()
            if name != "generator"
            for key, tensor in network.state_dict().items()
        }
        kept |= {"codes": self._usual_codes(), "frequencies": self.labels.frequencies}
        if name := checkpoint.not_finite(kept):
            raise self._broken(f"{name} is not finite")
        checkpoint.save_weights(self.folder / WEIGHTS, kept)
        checkpoint.save_state(
            self.folder / STATE,
            Moment(self.step, seconds, self.runtime.world, self.origin),
            {"obeyed": self.record.obeyed, **self._moving()},
        )

    def _moving(self) -> dict[str, Tensor]:
        """All that steps change, by name: the networks, and what their optimisers remember."""
        parts = self.networks.named() | {
            f"optimizer.{name}": optimizer for name, optimizer in self.optimizers.items()
        }
        return {
            f"{name}.{key}": tensor
            for name, each in parts.items()
            for key, tensor in each.state_dict().items()
        }

    def _usual_codes(self) -> Code:
        """Whole codes of training images, evenly chosen."""
        rows = self.train_rows[:: max(len(self.train_rows) // KEPT_CODES, 1)][:KEPT_CODES]
        codes = []
        for start in range(0, len(rows), LOOKED_AT):
            part = self.data.batch(rows[start : start + LOOKED_AT])
            images, labels, _ = (each.to(self.runtime.device) for each in part)
            seen = self._look(images.to(memory_format=torch.channels_last))
            named = self.labels.code(seen.reading, labels)
            codes.append(torch.cat([named, self._found(seen)], dim=1))
        return torch.cat(codes)

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
        refuse_other_data(run, self.data)
        if (self.folder / STATE).exists():
            self._restore(*checkpoint.load_state(self.folder / STATE))
        elif (self.folder / WEIGHTS).exists():
            raise RunError(
                f"{self.folder} cannot go on without {STATE}: it is a copy of a model, or of an "
                "earlier version. Its weights load as ever; to train more, start a new run."
            )
        if self.runtime.writer:
            kept = [r for r in run.log() if r.get("images", 0) <= self.images]
            write_text(self.folder / "log.jsonl", "".join(json.dumps(r) + "\n" for r in kept))

    def _restore(self, moment: Moment, tensors: dict[str, Tensor]) -> None:
        """Networks, optimisers and counters as they were saved."""
        if moment.world != self.runtime.world:
            raise RunError(
                f"{self.folder} was trained by {moment.world} processes, not "
                f"{self.runtime.world}: launch as many to resume exactly."
            )
        for name, network in self.networks.named().items():
            network.load_state_dict(checkpoint.part(tensors, name))
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(checkpoint.part(tensors, f"optimizer.{name}"))
        self.step, self.seconds = moment.step, moment.seconds
        self.record.obeyed = tensors["obeyed"]
