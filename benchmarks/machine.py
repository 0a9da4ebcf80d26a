"""What a figure was measured on."""

import platform

import torch

from interpretable_gan.arithmetic import available_cores, type_of_products


def machine() -> str:
    """Architecture, the widest instructions that torch finds, the type of products, cores."""
    instructions, cores = torch.backends.cpu.get_cpu_capability(), available_cores()
    return (
        f"{platform.machine()} with {instructions}, {type_of_products('cpu')}, "
        f"{cores} {'core' if cores == 1 else 'cores'}"
    )
