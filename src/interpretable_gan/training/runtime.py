"""Where a run runs: one process or many, CPU or GPU. A thin layer over Accelerate."""

from __future__ import annotations

import ctypes
import os
import signal
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from torch import Tensor, distributed, nn

from interpretable_gan.arithmetic import arithmetic, available_cores
from interpretable_gan.errors import ConfigError, TrainingError
from interpretable_gan.models.config import TrainingConfig

NetworkT = TypeVar("NetworkT", bound=nn.Module)


class Runtime:
    """This process among ``world`` equal ones. Launched alone or by ``torchrun``.

    Every process computes gradients on its share of the batch; `average_gradients` makes them
    equal, so the networks stay equal without further talk. Only the ``writer`` touches files.

    Raises:
        ConfigError: a batch that cannot be shared out evenly.
        TrainingError: the processes do not find each other in time.
    """

    def __init__(self, config: TrainingConfig) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "OMP_NUM_THREADS")  # threads are counted below
            try:
                meet_again()
                self._accelerator = Accelerator(cpu=not torch.cuda.is_available())
            except distributed.DistError as error:
                raise _not_met(error) from None
        self.device = self._accelerator.device
        self.rank, self.world = self._accelerator.process_index, self._accelerator.num_processes
        self.writer = self._accelerator.is_main_process
        if config.batch % (4 * self.world):
            raise ConfigError(
                f"batch {config.batch} cannot be shared by {self.world} processes: "
                f"give a multiple of {4 * self.world}."
            )
        self.batch = config.batch // self.world
        self._precision = config.precision
        torch.set_num_threads(config.threads or default_threads())
        if self.device.type == "cpu":
            keep_memory()

    def place(self, network: NetworkT) -> NetworkT:
        """The network on this process's device, convolutions channels-last."""
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def arithmetic(self) -> torch.autocast:
        """The context in which networks compute."""
        return arithmetic(self.device, self._precision)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over all processes."""
        self.average([p.grad for p in parameters if p.grad is not None])

    def average(self, tensors: list[Tensor]) -> None:
        """Replace tensors by their mean over all processes, in one message."""
        if self.world == 1:
            return
        message = self._accelerator.reduce(torch.cat([t.flatten() for t in tensors]), "mean")
        for tensor, mean in zip(tensors, message.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def mean(self, values: dict[str, Tensor]) -> dict[str, Any]:
        """Measurements averaged over all processes, as plain numbers and lists."""
        if self.world > 1:
            values = {
                name: self._accelerator.reduce(v.float(), "mean") for name, v in values.items()
            }
        return {name: value.tolist() for name, value in values.items()}

    def any(self, *flags: bool) -> tuple[bool, ...]:
        """For each flag: does any process say so?"""
        if self.world == 1:
            return flags
        told = torch.tensor(flags, dtype=torch.float32, device=self.device)
        return tuple(bool(count > 0) for count in self._accelerator.reduce(told, "sum").tolist())

    def close(self) -> None:
        """Wait for all, then leave together. Not for failures: who has failed must not wait."""
        self._accelerator.wait_for_everyone()
        self._accelerator.end_training()


def _not_met(error: Exception) -> TrainingError:
    """What to say where the processes of a training do not find each other."""
    host, port = (os.environ.get(f"MASTER_{name}", "?") for name in ("ADDR", "PORT"))
    told = str(error).splitlines()[0].rstrip(".")
    return TrainingError(
        f"the processes of this training did not meet at {host}:{port} in time "
        f"({told}): start all of them, and see that they reach that place."
    )


def is_lost(error: RuntimeError) -> bool:
    """Whether what failed is the talk between processes, since one of them has ended."""
    return isinstance(error, distributed.DistError) or "gloo" in str(error)


def meet_again() -> None:
    """After a restart by torchrun, find the other processes by keys of this start alone: torchrun
    keeps its store, in which those of the last start left addresses where nobody listens any more.
    """
    start = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    if start == "0":
        return
    store, rank, world = next(distributed.rendezvous("env://"))  # type: ignore[attr-defined]
    distributed.init_process_group(
        "nccl" if torch.cuda.is_available() else "gloo",
        store=distributed.PrefixStore(f"start {start}", store),  # type: ignore[attr-defined]
        rank=rank,
        world_size=world,
    )


def default_threads() -> int:
    """Threads of a process for which the config names none: ``OMP_NUM_THREADS``, or this process's
    share of the cores. (torchrun sets the variable to 1 for several processes.)"""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if asked.isdecimal() and int(asked):
        return int(asked)
    return max(available_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")), 1)


def end_with_parent() -> None:
    """Have the system end this process as soon as the one that started it ends, however that was
    ended, so that no orphan goes on writing to a run that is resumed. A wish to Linux (prctl(2));
    elsewhere nothing happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG of prctl.h


def keep_memory() -> None:
    """Have malloc keep up to 512 MiB of what this process frees, for its next step, instead of
    handing it back and asking the system for it again, page by page. A hint to glibc (mallopt(3));
    elsewhere nothing happens.
    """
    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    with suppress(AttributeError, OSError, TypeError):
        malloc = ctypes.CDLL(None)
        malloc.mallopt(trim_threshold, 512 << 20)
        malloc.mallopt(mmap_threshold, 32 << 20)
