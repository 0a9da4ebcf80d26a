"""A run from its first example to its last, or from where it stopped."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from interpretable_gan.arithmetic import type_of_products
from interpretable_gan.atomic import write_text
from interpretable_gan.data.dataset import Dataset
from interpretable_gan.errors import DataError, LostProcessError, RunError, TrainingError
from interpretable_gan.modalities.pictures import save
from interpretable_gan.models.base import Batch, Model, sample
from interpretable_gan.models.config import TrainingConfig
from interpretable_gan.models.families import configured, family_named
from interpretable_gan.models.steered import FILE as SHIFTS
from interpretable_gan.progress import Progress, Status, silent
from interpretable_gan.training import checkpoint, doctor
from interpretable_gan.training.checkpoint import STATE, WEIGHTS, Moment, load_moment
from interpretable_gan.training.interruption import interruption
from interpretable_gan.training.optimizer import Optimizer
from interpretable_gan.training.origin import origin, refuse_other_data
from interpretable_gan.training.record import Record, rounded
from interpretable_gan.training.run import Run
from interpretable_gan.training.runtime import Runtime, is_lost
from interpretable_gan.training.source import save_source

LOG_EVERY = 50
"""Steps between records of the log. Losses are looked at, and several processes ask each other
whether to stop, as often."""

PREVIEW = 64
"""Images on a preview grid."""

LOCK = "training.lock"
"""The file by which a training says that the run folder is its own."""


def train(
    data: Dataset,
    preset: str | TrainingConfig = "tiny",
    *,
    model: str = "gan",
    run: str | Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    **settings: Any,
) -> Model:
    """Train a model on the training split of ``data``.

    A run that was interrupted goes on with ``resume=True`` and ends in the same weights, bit for
    bit, as one that never stopped. Ctrl-C, like SIGTERM, saves a checkpoint before it leaves.

    >>> from interpretable_gan import open_dataset, sample, train
    >>> data = open_dataset("portraits", size=32)                       # doctest: +SKIP
    >>> model = train(data, preset="tiny", run="runs/portraits")        # doctest: +SKIP
    >>> images = sample(model, 16, {"smiling": True})                   # doctest: +SKIP

    Args:
        data: examples with their attributes.
        preset: ``tiny``, ``small`` or ``base``; or a whole config, and no model and settings.
        model: the family: ``gan``, ``vae``, or ``frozen`` with the file of a ``generator``.
        run: a new or empty folder that keeps the run, or the run to resume; by default nothing is
            kept but the model that is returned.
        resume: go on from the folder's last checkpoint, with the folder's own config; refuses
            other data, and other settings.
        progress: told how the run stands at its start and after every record of the log.
        **settings: of the config, such as ``images=100_000`` or ``seed=1``; see `GANConfig`,
            `VAEConfig` and `FrozenConfig`.

    Raises:
        ConfigError: an unknown family, preset or setting, or a value that makes no sense.
        DataError: images of another size, or fewer training rows than one batch.
        RunError: the folder holds a run already, or none to resume; another training uses it.
        TrainingError: a loss or a weight is no longer finite, or nothing can be saved, as on a full
            disk; says the step and the last good checkpoint, which stays as it is.
        KeyboardInterrupt: after saving, on Ctrl-C; its subclass `Terminated` on SIGTERM.
    """
    config = configured(model, preset, **settings) if isinstance(preset, str) else preset
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(run or temporary)
        if resume:
            asked = config.model_dump(include=set(settings) if isinstance(preset, str) else None)
            config = _begun(folder, asked)
        _train(data, config, folder, resume, progress)
        return Run.open(folder).model()


def _begun(folder: Path, asked: dict[str, Any]) -> TrainingConfig:
    """The config of a run to go on with.

    Raises:
        RunError: other settings are asked for.
    """
    config: TrainingConfig = Run.open(folder).config
    for name, value in config.model_dump().items():
        if asked.get(name, value) != value:
            raise RunError(
                f"{folder} was trained with {name} = {value}, not {asked[name]}: leave it out to "
                "go on, or train a new run."
            )
    return config


def _train(
    data: Dataset, config: TrainingConfig, folder: Path, resume: bool, progress: Progress
) -> None:
    if data.training_count < config.batch:
        raise DataError(
            f"data set {data.name!r} has {data.training_count} training images, fewer than "
            f"one batch of {config.batch}: set a smaller batch."
        )
    runtime = Runtime(config)
    with _locked(folder, runtime), _together(folder):
        training = Training(data, config, folder, runtime, resume)
        try:
            training.go_on(progress)
        except OSError as error:
            raise TrainingError(
                f"training stopped at step {training.step}: {error}. When that is mended, go on "
                f"from the last checkpoint: igan train --resume {folder}"
            ) from error
        runtime.close()


@contextmanager
def _together(folder: Path) -> Iterator[None]:
    """Where one process of a training ends, the others do.

    Raises:
        LostProcessError: another one has.
    """
    try:
        yield
    except RuntimeError as error:
        if not is_lost(error):
            raise
        raise LostProcessError(
            "another process of this training has ended, and this one with it. To go on from the "
            f"last checkpoint: igan train --resume {folder}"
        ) from None


@contextmanager
def _locked(folder: Path, runtime: Runtime) -> Iterator[None]:
    """Keep a run folder from a second training.

    Raises:
        RunError: another training uses it.
    """
    if not runtime.writer:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, blocking=False):
            yield
    except Timeout:
        raise RunError(
            f"{folder} is being trained by another process: wait for it, or choose another folder."
        ) from None
    (folder / LOCK).unlink(missing_ok=True)


class Training:
    """The moving state of a run: its learner, how many examples it has seen, its folder."""

    def __init__(
        self, data: Dataset, config: TrainingConfig, folder: Path, runtime: Runtime, resume: bool
    ) -> None:
        self.data, self.config, self.folder, self.runtime = data, config, folder, runtime
        learner = family_named(config.family).learner
        assert learner is not None, "a TrainingConfig is of a family that learns step by step"
        self.learner = learner(data, config, runtime, Optimizer)
        self.step, self.seconds = 0, 0.0
        self.record = Record(self.learner.schema.names)
        self.origin = origin(data)
        self.notes = [note.sentence for note in doctor.examine_labels(data)]
        if resume:
            self._resume()
        elif runtime.writer:
            self._start_folder()

    @property
    def images(self) -> int:
        """Real examples seen so far by all processes."""
        return self.step * self.config.batch

    def go_on(self, progress: Progress) -> None:
        """Step until the config's examples are seen."""
        last = math.ceil(self.config.images / self.config.batch)
        save_every = max(self.config.save_every // (self.config.batch * LOG_EVERY), 1) * LOG_EVERY
        started, before = time.monotonic(), self.images
        if self.runtime.writer and self.step < last:
            progress(Status(self.images, self.config.images))
        with self._prefetched(self.step, last) as batches, interruption() as interrupted:
            for batch in batches:
                self._take_step(batch)
                self.step += 1
                told = self.step % LOG_EVERY == 0 or self.step == last
                stop = self._asked_to_stop(interrupted.is_set, told)
                elapsed = time.monotonic() - started
                if told or stop:
                    self._refuse_broken()
                if told:
                    self._log(self.seconds + elapsed, (self.images - before) / elapsed, progress)
                if self.step % save_every == 0 or self.step == last or stop:
                    self._save(self.seconds + elapsed)
                if stop:
                    raise interrupted.stop()

    def _take_step(self, batch: Batch) -> None:
        self.record.add(self.learner.step(batch, self.step))

    def _asked_to_stop(self, interrupted: bool, told: bool) -> bool:
        """Whether to stop after this step. Several processes agree on it now and then."""
        if self.runtime.world == 1:
            return interrupted
        return told and self.runtime.any(interrupted)[0]

    def _refuse_broken(self) -> None:
        """Stop where a loss is no longer finite.

        Raises:
            TrainingError: says which, and where.
        """
        found = self.record.broken()
        if self.runtime.any(found is not None)[0]:
            count = len(self.record)
            report, what = found or (count - 1, "a loss of another process is not finite")
            raise self._broken(what, self.step - count + report + 1)

    @contextmanager
    def _prefetched(self, first: int, last: int) -> Iterator[Iterator[Batch]]:
        """This process's real examples for steps ``first`` to ``last``, fetched one step ahead."""
        share = self.runtime.batch

        def fetch(step: int) -> Batch:
            start = step * self.config.batch + self.runtime.rank * share
            return self.data.walk(self.config.seed, start, share)

        def ahead(pool: ThreadPoolExecutor) -> Iterator[Batch]:
            coming = pool.submit(fetch, first)
            for step in range(first, last):
                here = coming.result()
                coming = pool.submit(fetch, min(step + 1, last - 1))
                yield here

        with ThreadPoolExecutor(1) as pool:
            yield ahead(pool)

    def _log(self, seconds: float, rate: float, progress: Progress) -> None:
        """Write one record."""
        found = self.record.close(self.runtime)
        if not self.runtime.writer:
            return
        losses = {name: value for name, value in found.items() if isinstance(value, float)}
        losses["images_per_second"] = rate
        line = {"images": self.images, "seconds": seconds, "images_per_second": rate, **found}
        damage = self._damage()
        line |= {"notes": damage} if damage else {}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(rounded(line)) + "\n")
        if progress is not silent:
            ills = doctor.examine(Run.open(self.folder).log(), self.config.images)
            notes = (*self.notes, *damage, *(note.sentence for note in ills))
            total = self.config.images
            progress(Status(min(self.images, total), total, losses=losses, notes=notes))

    def _damage(self) -> list[str]:
        """What had to be left out of shards until now."""
        stream = self.data.stream
        return [] if stream is None else [line.strip() for line in stream.intake.faults()]

    def _broken(self, what: str, step: int) -> TrainingError:
        """What to raise where something is no longer finite, so that it is never saved."""
        path = self.folder / STATE
        good = f"{path} (step {load_moment(path).step})" if path.exists() else "none"
        penalised = hasattr(self.config, "weights")
        remedy = "Lower the rates or raise weights.penalty" if penalised else "Lower the rate"
        return TrainingError(
            f"{what} at step {step}. The last good checkpoint is {good}. {remedy} in a new run: "
            "this one would come here again."
        )

    def _start_folder(self) -> None:
        """An untrained run: schema, the first line of the log, weights and, last, the config that
        makes a run of them. So a run can be loaded and resumed at any moment.
        """
        if (self.folder / "config.json").exists():
            raise RunError(
                f"{self.folder} holds a run already: resume it, or choose another folder."
            )
        self.learner.schema.save(self.folder / "schema.yaml")
        first = {
            "world": self.runtime.world,
            "device": str(self.runtime.device),
            "threads": torch.get_num_threads(),
            "precision": type_of_products(self.runtime.device.type, self.config.precision),
            **self.origin,
            "notes": self.notes,
        }
        write_text(self.folder / "log.jsonl", json.dumps(first) + "\n")
        save_source(self.folder, self.data)
        self._save(0.0)
        write_text(self.folder / "config.json", self.config.model_dump_json(indent=2))

    def _save(self, seconds: float) -> None:
        """A checkpoint: what others load, a picture and, last, what training resumes from, so that
        whatever was not written is written again; nothing where something is no longer finite."""
        state, model = self.learner.state(), self.learner.model()
        weights = model.tensors()
        if checkpoint.not_finite(state) or checkpoint.not_finite(weights):
            raise self._broken("a weight is not finite", self.step)
        if not self.runtime.writer:
            return
        (self.folder / SHIFTS).unlink(missing_ok=True)  # which were fitted to other weights
        checkpoint.save_weights(self.folder / WEIGHTS, weights)
        if self.step:
            picture = model.modality.show(sample(model, PREVIEW))
            save(picture, self.folder / "samples" / f"{self.images:09d}.png")
        moment = Moment(self.step, seconds, self.runtime.world, self.origin)
        checkpoint.save_state(self.folder / STATE, moment, state)

    def _resume(self) -> None:
        """Back to the last checkpoint; later lines of the log are forgotten with it."""
        run = Run.open(self.folder)
        refuse_other_data(run, self.data)
        if (self.folder / STATE).exists():
            moment, state = checkpoint.load_state(self.folder / STATE)
            if moment.world != self.runtime.world:
                self.notes.append(
                    f"Trained by {moment.world} processes until now, and by {self.runtime.world} "
                    "from here on: the order of examples stays, other random numbers are drawn, so "
                    "the weights will not be equal to the bit."
                )
            self.learner.restore(state)
            self.step, self.seconds = moment.step, moment.seconds
        elif (self.folder / WEIGHTS).exists():
            raise RunError(
                f"{self.folder} cannot go on without {STATE}: it is a copy of a model, or of an "
                "earlier version. Its weights load as ever; to train more, start a new run."
            )
        if self.runtime.writer:
            save_source(self.folder, self.data)  # it may have been moved
            kept = [r for r in run.log() if r.get("images", 0) <= self.images]
            write_text(self.folder / "log.jsonl", "".join(json.dumps(r) + "\n" for r in kept))
