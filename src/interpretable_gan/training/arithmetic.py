"""In which numbers networks compute."""

from __future__ import annotations

from functools import cache

import torch

from interpretable_gan.training.config import Precision

FAST = ("avx512_bf16", "amx_bf16")
"""Instructions of a processor that multiply bfloat16. Without them it is emulated: several times
slower than float32, where channels come last, a hundred times where they do not."""


def arithmetic(device: torch.device, precision: Precision = "auto") -> torch.autocast:
    """The context in which networks compute on a device: bfloat16 if that is the precision, or if
    it is ``auto`` and the hardware multiplies it."""
    bfloat16 = precision == "bfloat16" or (precision == "auto" and multiplies_bfloat16(device.type))
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)


@cache
def multiplies_bfloat16(device_type: str) -> bool:
    """Whether the hardware of a kind of device, ``cpu`` or ``cuda``, multiplies bfloat16."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(instruction, False) for instruction in FAST)
