"""Every command explains itself, and ends politely whatever it is given."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import typer

import interpretable_gan
from interpretable_gan.cli import main
from interpretable_gan.cli.options import pairs, settings
from interpretable_gan.errors import InterpretableGANWarning, LostProcessError, RunError

ROOT = Path(__file__).parents[2]


def commands(group=None, path=()):
    """Every command with the words that call it."""
    group = group or typer.main.get_command(main.app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


def test_our_own_warnings_are_one_line(igan, monkeypatch):
    def warn():
        """Warn."""
        warnings.simplefilter("default")
        warnings.warn("this may not be meant", InterpretableGANWarning, stacklevel=1)

    app = typer.Typer()
    app.command()(warn)
    monkeypatch.setattr(main, "app", app)
    assert igan().err == "warning: this may not be meant\n"


@pytest.fixture
def ends(igan, monkeypatch):
    """The only command there is, which ends in an error."""

    def arrange(error):
        def end():
            """End."""
            raise error

        app = typer.Typer()
        app.command()(end)
        monkeypatch.setattr(main, "app", app)
        return igan()

    return arrange


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 4 TB"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
    ids=["python", "torch", "GPU"],
)
def test_memory_that_is_used_up_is_one_sentence(ends, error):
    done = ends(error)
    assert done.code == 1
    assert done.err.startswith("igan: memory is used up. What was saved before is whole.")
    assert done.err.count("\n") == 1


def test_a_bug_keeps_its_traceback(ends):
    with pytest.raises(RuntimeError, match="a bug"):
        ends(RuntimeError("a bug"))


def test_who_lost_another_process_leaves_the_word_to_whoever_knows_why(ends, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "word.json"))
    assert ends(LostProcessError("another process has ended.")).code == 1
    assert not (tmp_path / "word.json").exists()
    assert ends(RunError("a run is damaged.")).code == 1
    assert "a run is damaged." in (tmp_path / "word.json").read_text()


def test_there_are_the_commands_of_the_readme():
    wanted = {"demo", "data inspect", "data prepare", "data portraits", "train", "sample", "info"}
    assert wanted | {"check", "metrics"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_of_itself_in_its_help(name, igan):
    told = igan(*name.split(), "--help")
    assert told.code == 0
    examples = told.out.partition("Examples:\n")[2].partition("Options:")[0]
    assert re.search(rf"^ +igan {name}\b", examples, re.MULTILINE), told.out


@pytest.mark.parametrize("words", [(), ("data",), ("explain",)], ids=str)
def test_the_list_of_commands_is_not_cut_short(words, igan):
    listed = igan(*words, "--help").out.partition("Commands:\n")[2]
    assert listed.count("\n") > 1
    assert "..." not in listed


@pytest.mark.parametrize(
    "asked",
    [
        "sample RUN",
        "edit RUN me.png --set smiling=1",
        "explain image RUN me.png",
        "explain target RUN me.png",
    ],
)
def test_a_picture_that_cannot_be_saved_is_refused_before_the_work(asked, world, igan):
    words = [world.run.path if word == "RUN" else word for word in asked.split()]
    done = igan(*words, "--out", "x.pgn")
    assert done.code == 1
    assert done.err == "igan: x.pgn is no name of a picture: end it in .png, .jpg or .webp.\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name):
    for parameter in COMMANDS[name].params:
        assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name):
    assert f"`igan {name}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_version(igan):
    assert igan("--version").out.strip() == interpretable_gan.__version__


@pytest.mark.parametrize("words", [(), ("data",)], ids=str)
def test_without_a_command_it_shows_what_there_is(words, igan):
    done = igan(*words)
    assert done.code == 0
    assert "Examples:" in done.out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["fly"], 2, "No such command 'fly'. (igan --help)", id="unknown command"),
        pytest.param(["data", "fly"], 2, "(igan data --help)", id="unknown word after a command"),
        pytest.param(["train", "x", "--imagse", "3"], 2, "--images", id="misspelt option"),
        pytest.param(["train"], 2, "name the data", id="no data"),
        pytest.param(["train", "nowhere"], 1, "nowhere does not exist", id="no such data"),
        pytest.param(["train", "portraits", "--preset", "tinny"], 2, "'tiny'", id="preset"),
        pytest.param(["train", "portraits", "--set", "bach=3"], 2, "'batch'", id="setting"),
        pytest.param(
            ["train", "x", "--set", "preset=small"], 2, "--preset small", id="preset as a setting"
        ),
        pytest.param(
            ["train", "x", "--set", "weights.obeying=4", "--set", "weights=1"],
            2,
            "'weights' is set as a whole, and 'weights.obeying' in it",
            id="whole and part",
        ),
        pytest.param(["sample", "x", "--seed", "-1"], 2, "greater than or equal to 0", id="seed"),
        pytest.param(["train", "portraits", "--set", "bach"], 2, "name=value", id="no value"),
        pytest.param(["train", "--resume", "gone"], 1, "gone is no run", id="nothing to resume"),
        pytest.param(["sample", "gone"], 1, "gone is no run", id="no run"),
        pytest.param(["info", "gone"], 1, "gone is no run", id="no run to tell of"),
        pytest.param(["data", "portraits", "--out", "x", "--n", "3"], 2, "--n", id="too few"),
    ],
)
def test_bad_input_is_one_line_on_stderr(words, code, says, igan):
    done = igan(*words)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.startswith("igan: ")
    assert done.err.count("\n") == 1


def test_a_real_process_ends_with_the_code_and_without_a_traceback(tmp_path):
    line = [sys.executable, "-m", "interpretable_gan.cli.main", "info", "gone"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "igan: gone is no run: it has no config.json. Runs come from `igan train`.\n"
    )


def test_ctrl_c_is_polite(igan, monkeypatch):
    def press(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("interpretable_gan.training.run.Run.open", press)
    done = igan("info", "run")
    assert (done.code, done.err) == (130, "Stopped.\n")


def test_settings_are_read_as_yaml_and_dots_nest():
    read = settings(["generator_rate=1e-4", "weights.obeying=2", "precision=float32"])
    assert read == {"generator_rate": "1e-4", "weights": {"obeying": 2}, "precision": "float32"}


def test_a_name_set_twice_is_refused():
    with pytest.raises(typer.BadParameter, match="'smiling' is set twice"):
        pairs(["smiling=1", "smiling=0"])


@pytest.mark.parametrize(
    ("name", "option"),
    [(n, p.opts[0]) for n, c in COMMANDS.items() for p in c.params if p.name in ("seed", "jobs")],
)
def test_a_negative_seed_and_too_few_jobs_are_one_sentence(name, option, igan):
    words = ["x"] * sum(each.param_type_name == "argument" for each in COMMANDS[name].params)
    low = -1 if option == "--seed" else 0
    done = igan(*name.split(), *words, option, low)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"'{option}': Input should be greater than or equal to {low + 1}" in done.err
