"""What the runtime promises of the process it runs in."""

import platform
import subprocess
import sys

import pytest

PAGES_FETCHED = """
import ctypes, resource
from interpretable_gan.training.runtime import keep_memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def step():
    parts = [libc.malloc(16 << 20) for _ in range(4)]
    for part in parts:
        ctypes.memset(part, 1, 16 << 20)
    for part in parts:
        libc.free(part)

keep_memory()
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""A step fills 64 MiB, which is 16,384 pages, and frees them."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc takes the hint")
def test_memory_is_not_fetched_from_the_system_again_at_every_step():
    done = subprocess.run([sys.executable, "-c", PAGES_FETCHED], capture_output=True, check=True)
    assert int(done.stdout) < 1_000
