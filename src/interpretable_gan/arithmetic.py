"""In which numbers networks compute, and on how many cores."""

from __future__ import annotations

import os
from functools import cache
from typing import Literal

import torch

Precision = Literal["auto", "bfloat16", "float32"]
"""``auto`` is bfloat16 where the hardware multiplies it, else float32."""

FAST = ("avx512_bf16", "amx_bf16")
"""Instructions of a processor that multiply bfloat16. Without them it is emulated: several times
slower than float32, where channels come last, a hundred times where they do not."""


def arithmetic(device: torch.device, precision: Precision = "auto") -> torch.autocast:
    """The context in which networks compute on a device."""
    bfloat16 = type_of_products(device.type, precision) == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


def type_of_products(device_type: str, precision: Precision = "auto") -> str:
    """What a precision means on a kind of device: ``auto`` is bfloat16 where the hardware
    multiplies it, else float32."""
    if precision == "auto":
        return "bfloat16" if multiplies_bfloat16(device_type) else "float32"
    return precision


@cache
def multiplies_bfloat16(device_type: str) -> bool:
    """Whether the hardware of a kind of device, ``cpu`` or ``cuda``, multiplies bfloat16."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(instruction, False) for instruction in FAST)


def available_cores() -> int:
    """Cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
