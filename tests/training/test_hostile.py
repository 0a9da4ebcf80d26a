"""A run folder from a stranger can do nothing but be a model, or be refused."""

import json
import pickle
import shutil
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

import pytest
import torch

import interpretable_gan
from interpretable_gan.audit.card import Card
from interpretable_gan.errors import InterpretableGANError
from interpretable_gan.models.base import sample
from interpretable_gan.training.run import Run
from interpretable_gan.training.source import source_of

FORBIDDEN = (
    *("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"),
    *("pickle.find_class", "urllib.", "http.client.", "ctypes.dlopen", "webbrowser."),
)
"""How audit events begin that no folder may cause (PEP 578)."""

OURS = (
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    str(Path(interpretable_gan.__file__).parent),
)
"""Where code may come from."""

heard = []
listening = []


def listen(event, arguments):
    """Take down what is forbidden, and code that is not of installed packages."""
    if not listening:
        return
    if event.startswith(FORBIDDEN):
        heard.append((event, arguments))
    elif event in ("exec", "compile"):
        name = getattr(arguments[0], "co_filename", arguments[1] if len(arguments) > 1 else "?")
        if not str(name).startswith(OURS):
            heard.append((event, str(name)))
    elif event == "import" and arguments[1] and not str(arguments[1]).startswith(OURS):
        heard.append((event, arguments[:2]))


sys.addaudithook(listen)  # no hook can be taken away, so this one listens only when it is asked to


class Payload:
    """What runs when it is unpickled."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return Path.touch, (self.witness,)


def pickled(run, witness):
    for name in ("weights.safetensors", "state.safetensors", "words.safetensors"):
        torch.save(Payload(witness), run / name)


def beside(run, witness):
    """Pickles and modules that lie about, under names that somebody may load."""
    (run / "state.pt").write_bytes(pickle.dumps(Payload(witness)))
    for module in ("torch", "yaml", "sitecustomize", "conftest", "schema", "config"):
        (run / f"{module}.py").write_text(f"open({str(witness)!r}, 'w')")


def tagged(run, witness):
    tag = f"!!python/object/apply:pathlib.Path.touch [{witness}]"
    text = (run / "schema.yaml").read_text()
    assert "name: " in text
    (run / "schema.yaml").write_text(text.replace("name: ", f"name: {tag} #", 1))


def of_a_family(run, witness):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"family": "os.system"}))


def looking_elsewhere(run, witness):
    source = {"source": "http://127.0.0.1:9/faces", "seed": 0}
    (run / "source.json").write_text(json.dumps(source))
    (run / "log.jsonl").write_text('{"notes": ["__import__(\'os\')"]}\n')
    (run / "card.json").write_text('{"format": 2, "__class__": "os.system"}')


def linked(run, witness):
    for name in ("log.jsonl", "words.safetensors", "card.json"):
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to("/dev/null" if name == "log.jsonl" else "/etc/passwd")


def lying(run, witness):
    """A header that says it has 2 GB."""
    (run / "weights.safetensors").write_bytes((2 << 30).to_bytes(8, "little") + b"{}")


@pytest.mark.parametrize(
    "hostile", [pickled, beside, tagged, of_a_family, looking_elsewhere, linked, lying]
)
def test_a_folder_of_a_stranger_runs_nothing_and_asks_nobody(world, tmp_path, hostile, monkeypatch):
    look(world.run.path)  # which imports what is imported late
    run, witness = tmp_path / "run", tmp_path / "witness"
    shutil.copytree(world.run.path, run)
    hostile(run, witness)
    monkeypatch.chdir(run)
    monkeypatch.syspath_prepend("")
    heard.clear()
    listening.append(True)
    try:
        look(run)
    finally:
        listening.clear()
    assert heard == []
    assert not witness.exists()


def look(path):
    """All that commands read of a run before they do anything else."""
    for read in (
        lambda run: sample(run.model("cpu"), 1),
        Run.log,
        Run.notes,
        Run.unfinished,
        Run.words,
        source_of,
        lambda run: Card.load(run.path),
    ):
        with suppress(InterpretableGANError):
            read(Run.open(path))


def test_the_hook_hears_what_is_forbidden(tmp_path):
    heard.clear()
    listening.append(True)
    try:
        pickle.loads(pickle.dumps(Payload(tmp_path / "witness")))
        exec(compile("x = 1", str(tmp_path / "torch.py"), "exec"))
    finally:
        listening.clear()
    assert {event for event, _ in heard} == {"pickle.find_class", "exec", "compile"}
