"""Importing the package is quick, and offers what the README promises."""

import json
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import interpretable_gan

HEAVY = {"torch", "sklearn", "scipy", "pandas", "accelerate", "numpy", "PIL"}


def modules_after(code):
    """The top-level modules that a fresh Python has loaded after running ``code``."""
    program = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_importing_the_package_loads_nothing_heavy():
    assert not HEAVY & modules_after("import interpretable_gan")


def test_help_loads_nothing_heavy():
    code = "from interpretable_gan.cli.main import run\nassert run(['--help']) == 0"
    assert not HEAVY & modules_after(code)


def test_help_is_there_at_once():
    code = "import sys, time; from interpretable_gan.cli.main import run; run(['--help']); "
    code += "print(time.process_time(), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stderr) < 1  # of computing; a quiet machine takes 0.2 s


@pytest.mark.parametrize("name", interpretable_gan.PUBLIC)
def test_every_public_name_is_there(name):
    assert getattr(interpretable_gan, name).__name__ == name
    assert name in dir(interpretable_gan)


def test_no_public_name_is_that_of_a_module():
    """Else it would mean the module as soon as that is loaded."""
    for found in pkgutil.walk_packages(interpretable_gan.__path__, "interpretable_gan."):
        if found.ispkg:
            package = import_module(found.name)
            modules = {each.name for each in pkgutil.iter_modules(package.__path__)}
            alike = modules & set(getattr(package, "PUBLIC", ()))
            assert not alike, (
                f"{found.name} has modules called like its public names {', '.join(alike)}: move "
                "each into a sub-package, or give the file another name."
            )


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Shema'"):
        interpretable_gan.Shema  # noqa: B018
