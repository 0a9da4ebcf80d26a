"""Networks compute in bfloat16 where the hardware multiplies it, and only there unless told to."""

import pytest
import torch

from interpretable_gan.arithmetic import arithmetic, multiplies_bfloat16

CPU = torch.device("cpu")


@pytest.fixture(params=["avx512_bf16", "amx_bf16", "avx2"])
def processor(request, monkeypatch):
    """A processor with one set of instructions more than the usual ones."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"sse": True, request.param: True})
    multiplies_bfloat16.cache_clear()
    yield request.param
    multiplies_bfloat16.cache_clear()


def type_of_product(precision):
    with arithmetic(CPU, precision):
        return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


def test_auto_asks_the_processor(processor):
    expected = torch.float32 if processor == "avx2" else torch.bfloat16
    assert type_of_product("auto") == expected


def test_a_precision_that_is_named_is_used_whatever_the_processor(processor):
    assert type_of_product("bfloat16") == torch.bfloat16
    assert type_of_product("float32") == torch.float32


@pytest.mark.parametrize("emulated", [True, False])
def test_emulation_on_a_gpu_does_not_count(monkeypatch, emulated):
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: including_emulation or not emulated,
    )
    multiplies_bfloat16.cache_clear()
    assert multiplies_bfloat16("cuda") is not emulated
    multiplies_bfloat16.cache_clear()
