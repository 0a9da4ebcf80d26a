"""Break a line of the package on purpose and see which test notices.

    python tests/mutations.py [--only objective] [FILE ...]

Each mutation changes a sign, a mask, a pairing, an index or an argument in a copy of the package,
and runs the tests that are meant to notice against the copy: they must pass before and one must
fail after. Prints a Markdown table; exit code 1 where none failed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "src/interpretable_gan"

OPTIONS = "-q -x -n 0 -p no:cacheprovider -W ignore::pytest.PytestAssertRewriteWarning"
"""Of pytest. What is loaded beforehand cannot be rewritten, and need not be."""

PRELOADED = "accelerate beartype hypothesis jaxtyping numpy pydantic pytest scipy sklearn torch"
"""What takes seconds to load; loaded once, and each run of the tests is forked from there."""

GOLDEN = "tests/metrics/test_golden.py"
DISCRIMINATOR = "tests/models/gan/test_discriminator_terms.py"
GENERATOR = "tests/models/gan/test_generator_terms.py"
OBJECTIVE = f"{DISCRIMINATOR} {GENERATOR}"
LOSSES = f"tests/models/gan/test_losses.py {OBJECTIVE}"
LEARNER = "tests/models/gan/test_learner.py"
CODES = "tests/models/gan/test_codes.py"
LABELS = "tests/models/gan/test_labels.py"
CONFIG = "tests/models/gan/test_config.py"
SHOWN = "tests/training/test_loop.py -k shown"
"""What the loop shows its learner."""
STREAM = "tests/data/sharded/test_stream.py"

Mutations = dict[str, tuple[str | tuple[str, str], ...]]
"""By file below ``src/interpretable_gan``: the tests to run, then lines and what they become."""

METRICS: Mutations = {
    "metrics/disentanglement/mig.py": (f"{GOLDEN} -k aligned/mig",
        ("gaps = best - second", "gaps = best + second")),
    "metrics/disentanglement/jemmig.py": (f"{GOLDEN} -k rotated45/ubisoft/jemmig",
        ("np.log(bins)", "np.log2(bins)")),
    "metrics/disentanglement/information.py": (f"{GOLDEN} -k rotated45/mig",
        ("ranked[0], ranked[1]", "ranked[0], ranked[-1]")),
    "metrics/disentanglement/modularity.py": (f"{GOLDEN} -k rotated45/modularity_per_code",
        ("matrix.shape[1] - 1", "matrix.shape[1]")),
    "metrics/disentanglement/irs.py": (f"{GOLDEN} -k rotated45/irs_q1.0",
        ("robust.max(axis=1)", "robust.max(axis=0)")),
    "metrics/disentanglement/aggregations.py": (f"{GOLDEN} -k matrices/importance__random",
        ("np.log(base)", "np.log2(base)")),
    "metrics/disentanglement/sap.py": ("tests/metrics/test_degenerate.py -k known_answers",
        ("cov[:count, count:]", "cov[count:, :count]")),
    "metrics/disentanglement/infomec.py": (f"{GOLDEN} -k aligned/infomec_discrete",
        ("(ratio.mean() - even)", "(ratio.mean() + even)")),
    "metrics/disentanglement/factor_vae.py": (f"{GOLDEN} -k rotated45/factor_vae_prune0.05",
        (".argmin(axis=1)", ".argmax(axis=1)")),
    "metrics/unsupervised/total_correlation.py": (f"{GOLDEN} -k rotated45/unsupervised",
        ("-0.5 * np.log", "0.5 * np.log")),
    "metrics/unsupervised/wasserstein_correlation.py": (f"{GOLDEN} -k rotated45/unsupervised",
        ("2 * total - 2", "2 * total - 1")),
    "metrics/unsupervised/udr.py": (f"{GOLDEN} -k udr_lasso",
        ("_strength(relation) + _strength(relation.T)",
         "_strength(relation) + _strength(relation)")),
    "metrics/downstream/fairness.py": (f"{GOLDEN} -k counts__random",
        (".sum(axis=0) / 2", ".sum(axis=0)")),
    "metrics/boosted_trees.py": ("tests/metrics/test_boosted_trees.py",
        ("rows / (count * (rows - count))", "rows / (count * count)")),
    "metrics/discretise.py": ("tests/metrics/test_discretise.py",
        ('side="right"', 'side="left"')),
    "metrics/uncertainty.py": ("tests/metrics/test_uncertainty.py -k reflects",
        ("float(2 * value - high), float(2 * value - low)", "float(low), float(high)")),
}  # fmt: skip

GAN: Mutations = {
    "models/gan/step.py": (OBJECTIVE,
        ("real, fake = _split(both)", "fake, real = _split(both)"),
        ("losses.relativistic(won, lost)", "losses.relativistic(lost, won)"),
        ("[_with_discovered(batch.code, batch.orders.code), batch.orders.code]",
         "[batch.orders.code, batch.orders.code]"),
        ("reading.error(real.reading, batch.labels)", "reading.error(fake.reading, batch.labels)"),
        ("reading.error(real.reading, batch.labels)", "reading.error(real.reading, batch.code)"),
        ("reading.known(batch.known)", "~reading.known(batch.known)"),
        ("(errors * known).sum() / known.sum().clamp(min=1)", "errors.mean()"),
        ("F.mse_loss(fake.reading[:, named:], batch.orders.code[:, named:])",
         "F.mse_loss(real.reading[:, named:], batch.orders.code[:, named:])"),
        ("F.mse_loss(fake.reading[:, named:], batch.orders.code[:, named:])",
         "F.mse_loss(fake.reading[:, named:].detach(), batch.orders.code[:, named:])"),
        ("torch.cat([turn, turn + batch])", "torch.cat([turn, turn])"),
        (" + step * count) % batch", ") % batch"),
        ("torch.cat([won, lost]).mean().square()", "(won - lost).mean().square()"),
        ("torch.cat([won, lost]).mean()", "won.mean()"),
        ("F.relu(share - config.residual_share)", "F.relu(config.residual_share - share)"),
        ("losses.matching(real,", "losses.matching(fake,"),
        ("config.typical)", "1.0)"),
        ("losses.separation(both)", "losses.separation(real)"),
        ("losses.crediting(fake,", "losses.crediting(real,"),
        ("(real.logit > fake.logit)[same]", "(real.logit < fake.logit)[same]"),
        ("losses.spread(fakes) / losses.spread(batch.view)",
         "losses.spread(batch.view) / losses.spread(fakes)"),
        ("losses.importance(real, fake,", "losses.importance(fake, real,"),
        ("won.detach()", "lost.detach()"),
        ("losses.relativistic(losses.judged(decision, orders.paired, batch.nameless), won)",
         "losses.relativistic(won, losses.judged(decision, orders.paired, batch.nameless))"),
        ("losses.judged(decision, orders.paired, batch.nameless)",
         "losses.judged(decision, 1 - orders.paired, batch.nameless)"),
        ("reading.error(decision.reading, batch.expected)",
         "reading.error(decision.reading, orders.code)"),
        ('"obeying": _known_mean', '"obeying": -_known_mean'),
        ("reading.known(orders.known)", "reading.known(batch.known)"),
        ("F.mse_loss(decision.reading[:, named:], orders.code[:, named:])",
         "F.mse_loss(decision.reading[:, named:], orders.code[:, named:].flip(0))"),
        ("torch.arange(orders.kept, len(fakes))", "torch.arange(len(orders.changed))"),
        ("errors[edits].mean()", "errors[edits].detach().mean()"),
        ("orders.code[edited] == orders.code[orders.twin_of]",
         "orders.code[edited] != orders.code[orders.twin_of]"),
        ("unchanged[:, named:] = False", "unchanged[:, named:] = True"),
        ("decision.reading[edited], decision.reading[orders.twin_of]",
         "decision.reading[edited], decision.reading[: len(orders.twin_of)].flip(0)"),
        ("memory.reconstruction_error(drawn)", "memory.reconstruction_error(fakes)"),
        ("drawn[: len(self.images)]", "drawn[-len(self.images) :]"),
        ("opened * _weighted(terms, config) + _weighted(recalled, config)",
         "_weighted(terms, config) + opened * _weighted(recalled, config)"),
        ('"playing": 1.0', '"playing": -1.0'),
        ("reading.agrees(decision.reading, orders.code)",
         "~reading.agrees(decision.reading, orders.code)"),
        ("network.requires_grad_(False)", "network.requires_grad_(True)"),
        ("memory.reconstruction_error(drawn)", "memory.reconstruction_error(fakes)")),
    "models/gan/losses.py": (LOSSES,
        ("F.softplus(loser - winner)", "F.softplus(winner - loser)"),
        ("+ paired * decision.agreement", "+ (1 - paired) * decision.agreement"),
        ("+ nameless * (", "+ ("),
        ("slope.float().square().flatten(1).sum(dim=1).mean()",
         "-slope.float().square().flatten(1).sum(dim=1).mean()"),
        ("real.residual - fake.residual", "real.residual + fake.residual"),
        ("(real.realism + fake.realism) / 2", "(real.realism - fake.realism) / 2"),
        ("real.contributions - fake.contributions", "real.contributions + fake.contributions"),
        ("(correlations.square().sum() - columns)", "(columns - correlations.square().sum())"),
        ("-2 / typical * decision.agreement", "2 / typical * decision.agreement"),
        ("LEAD * other / own", "LEAD * own / other"),
        ("0).amax(dim=1", "0).amin(dim=1"),
        ("claimed / asked)", "asked / claimed)"),
        ("log_variance.exp() - 1 - log_variance", "log_variance.exp() - 1 + log_variance"),
        (".clamp(-8, 8) * untouched", ".clamp(-8, 8) * (1 - untouched)"),
        ("(readings - twins)", "(readings + twins)"),
        ("def residual_share(", "@torch.no_grad()\ndef residual_share("),
        ("fake.agreement[edited] * (held", "fake.agreement[orders.twin_of] * (held")),
    "models/gan/discriminator.py": ("tests/models/gan/test_discriminator.py",
        ("self.residual(self.global_trunk(features))",
         "self.residual(self.global_trunk(features.detach()))")),
    "models/gan/reading.py": (DISCRIMINATOR,
        ("(1 + code[:, self.binary]) / 2", "(1 - code[:, self.binary]) / 2")),
    "models/gan/codes.py": (CODES,
        ("paired[self.kept :] = 0", "paired[: self.kept] = 0"),
        ("== attribute[:, None], others, labels", "!= attribute[:, None], others, labels"),
        ("== attribute[:, None], others, labels", "== attribute[:, None], labels, labels"),
        ("-labels.sign()", "labels.sign()"),
        ("coin[:, columns] - 2 * (", "coin[:, columns] + 2 * ("),
        ("change(schema, labels[twin_of],", "change(schema, labels[twin_of + 1],"),
        ("[styles, styles[twin_of]]", "[styles, styles[twin_of].flip(0)]"),
        ("[found, found[twin_of]]", "[found, found[twin_of].flip(0)]"),
        ("known[twin_of] | (edits != labels[twin_of])", "known[twin_of]"),
        ("torch.cat([known[:kept],", "torch.cat([known[-kept:],"),
        ("torch.randint(len(schema.named),", "torch.randint(1,"),
        ("found = 2 * torch.rand(", "found = torch.rand("),
        ("style=style[rows]", "style=self.style"),
        ("style=style[rows]", "style=style.detach()[rows]"),
        ("device=style.device), self.twin_of])", "device=style.device), self.twin_of.flip(0)])")),
    "models/gan/labels.py": (LABELS,
        ("self._likeliest(beyond, reading) if labels is None else labels",
         "self._likeliest(beyond, reading)"),
        ("plain.clamp(min=0)", "plain.abs()"),
        ("+ PLAIN * torch.atanh(plain)", "- PLAIN * torch.atanh(plain)")),
    "models/gan/averaging.py": (LEARNER,
        ("1 - 0.5 ** (batch / memory)", "0.0"),
        ("1 - 0.5 ** (batch / memory)", "0.5 ** (batch / memory)"),
        ("min(half, max(images / 10, 1))", "half")),
    "models/gan/blocks.py": ("tests/models/gan/test_generator.py",
        ("modulate(residual, z)", "modulate(features, z)")),
    "models/gan/style.py": (LEARNER,
        ("self.mean + (self.log_variance / 2).exp()", "self.log_variance + (self.mean / 2).exp()")),
    "models/gan/learner.py": (LEARNER,
        ("fakes.detach()", "fakes"),
        ("view=view(augment(images))", "view=view(images)"),
        ("config.discriminator_rate", "config.generator_rate"),
        ("config.generator_rate", "config.discriminator_rate"),
        ("networks.average,\n            networks.generator,",
         "networks.generator,\n            networks.average,"),
        ("[self.networks.generator, self.networks.style_encoder]", "[self.networks.generator]"),
        ("seen.features[: self._recalled]", "seen.features[-self._recalled :]"),
        ("recalling(memory.found, memory.style)", "recalling(memory.found, memory.posterior.mean)"),
        ("self._batch(images, labels, known, code, step)",
         "self._batch(images, labels, known, labels, step)"),
        ("known & self.labels.claimed(code)", "known"),
        ("self.labels.expected(orders.code)", "orders.code"),
        ("seen.reading[: self._recalled]", "seen.reading[-self._recalled :]"),
        ("config.opened(step)", "1.0"),
        ('"augment", step', '"augment", 0'),
        ('"orders", step', '"orders", 0'),
        ('"names", step', '"names", 0'),
        ('"posterior", step', '"posterior", 0'),
        ("1 - MEMORY**asked", "MEMORY**asked"),
        ("index_add(0, changed, seen)", "index_add(0, changed, 1 - seen)"),
        ("luck >= names_only", "luck < names_only"),
        ("images=step * config.batch", "images=step"),
        ('config.names_only if config.discriminator == "additive" else 0', "config.names_only"),
        ("optimizer(drawing, kernels(drawing))",
         "optimizer(drawing, kernels(self.networks.generator))")),
    "models/image_learner.py": (LEARNER,
        ("rate * self.config.pace(step)", "rate"),
        ("optimizer.zero_grad()", "pass")),
    "models/config.py": (CONFIG,
        ("return min(1.0, step * self.batch / opening) if opening else 1.0",
         "return 1.0 - min(1.0, step * self.batch / opening) if opening else 1.0"),
        ("left = 1 - step * self.batch / self.images", "left = step * self.batch / self.images")),
    "training/loop.py": (SHOWN,
        ("self.learner.step(batch, self.step)", "self.learner.step(batch, 0)"),
        ("start = step * self.config.batch", "start = self.config.batch"),
        ("fetch, min(step + 1, last - 1)", "fetch, step")),
    "data/dataset.py": (SHOWN,
        ("train[walk_of(", "(walk_of("),
        ("self.codes[index]", "self.codes[index - 1]")),
    "chance.py": (SHOWN,
        ("[seed, int(epoch)]", "[seed, 0]")),
    "data/sharded/walk.py": (STREAM,
        ("[self.seed, window.epoch, window.number]", "[self.seed, 0, window.number]"),
        ("mixed - (ends - sizes)[at]", "mixed % 8"),
        ("number * TOGETHER", "number")),
    "data/sharded/stream.py": (STREAM,
        ("each.codes[row]", "each.codes[0]"),
        ("(row + step) % count", "row"),
        ("(number + step) % len(self.entries)", "number")),
    "data/sharded/index.py": (STREAM,
        ("sha256 and found != sha256", "False")),
}  # fmt: skip

RECOMMENDER = "tests/models/recommend/test_model.py"
ENCODER = "tests/models/recommend/test_encoder.py"
SUGGESTION = "tests/explain/test_suggestion.py"
INTERACTIONS = "tests/data/test_interactions.py"
LISTS = "tests/cli/test_recommend.py"

RECOMMEND: Mutations = {
    "models/recommend/encoder.py": (ENCODER,
        ("gram - len(people) * np.outer(mean, mean)", "gram"),
        ("whole[np.diag_indices(len(whole))] = 0", "pass"),
        ("(counts + 1) / (counts + 1 + config.known)", "np.ones(len(counts))")),
    "models/recommend/scorer.py": (RECOMMENDER,
        ("(length - SHORT) / (LONG - SHORT)", "(LONG - length) / (LONG - SHORT)"),
        ("whole + parts.popularity", "whole - parts.popularity")),
    "models/recommend/game.py": (ENCODER,
        ("F.softplus(-gap)", "F.softplus(gap)"),
        ("logs - told.masked_fill(board.seen, 0)", "logs + told.masked_fill(board.seen, 0)")),
    "models/recommend/wishes.py": (RECOMMENDER,
        ("found &= self.only", "found |= self.only")),
    "models/recommend/shares.py": (RECOMMENDER,
        ('found["named"] - popularity', 'found["named"]')),
    "explain/suggestion.py": (SUGGESTION,
        ("people = people.without([item])", "pass"),
        ("-sign * self.folded[name])[:count]", "sign * self.folded[name])[:count]"),
        ("value / len(parts)", "value")),
    "explain/list_changes.py": (SUGGESTION,
        ("(-1 if wanted else 1)", "(1 if wanted else -1)"),
        ("gone = fewer", "pass"),
        ("for by in np.arange(STEP, FARTHEST + STEP, STEP).tolist():",
         "for by in np.arange(STEP, FARTHEST + STEP, STEP).tolist()[::-1]:")),
    "explain/taste.py": (SUGGESTION,
        ("np.argsort(-code, kind", "np.argsort(code, kind"),
        ("((-1, found), (1, moved))", "((1, found), (-1, moved))")),
    "data/ratings.py": (INTERACTIONS,
        ("number / 1000 if", "number if"),
        ("low + TOP * (high - low)", "TOP * high")),
    "data/histories.py": ("tests/data/test_histories.py",
        ("rows.ratings < liked", "rows.ratings <= liked"),
        ("crc32(each.encode()) % parts for each in identities(table[key(table)])",
         "row % parts for row, _ in enumerate(table[key(table)])")),
    "cli/recommend.py": (LISTS,
        ("place = each.ids.index(user)", "place = 0"),
        ("zip(items, scores, strict=True), 1)", "zip(items, scores, strict=True), 0)")),
    "audit/recommend.py": (LISTS + " -k audited",
        ("way(each, self.truth, k) for each in (self.lists, self.usual)",
         "way(each, self.truth, k) for each in (self.usual, self.lists)"),
        ("more = found[:, 0] > found[:, 1]", "more = found[:, 0] < found[:, 1]")),
}  # fmt: skip

GROUPS = {"metrics": METRICS, "objective": GAN, "recommend": RECOMMEND}


class Mutation(NamedTuple):
    """One line of one file, what it becomes, and the tests that should notice."""

    file: str
    tests: str
    line: str
    broken: str

    def outdated(self) -> bool:
        """Is the line no longer there, or there more than once?"""
        return (ROOT / PACKAGE / self.file).read_text().count(self.line) != 1


def mutations(group: str) -> Iterator[Mutation]:
    """All of a group."""
    for file, (tests, *lines) in GROUPS[group].items():
        for line, broken in lines:
            yield Mutation(file, tests, line, broken)


class FirstFailure:
    """A plugin of pytest that keeps the name of the first test that fails."""

    name: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.name is None:
            file, name = report.nodeid.split("::", 1)
            self.name = f"{Path(file).name}::{name}"


def first_failure(source: str, tests: str) -> str | None:
    """The first test that fails on a copy of the package, as ``file.py::test``. Only for a process
    that has not imported the package yet."""
    os.chdir(ROOT)
    sys.path.insert(0, source)
    sys.dont_write_bytecode = True
    failure, output = FirstFailure(), io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main([*OPTIONS.split(), *tests.split()], plugins=[failure])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"{tests} does not run: {output.getvalue()}")
    return failure.name


class Breaker:
    """Breaks a copy of the package, and asks a fresh process for each run of the tests."""

    def __init__(self, folder: Path, fresh: Pool) -> None:
        self.source, self.fresh = folder / "src", fresh
        self.checked: set[str] = set()
        shutil.copytree(ROOT / "src", self.source, ignore=shutil.ignore_patterns("__pycache__"))

    def first_failure(self, tests: str) -> str | None:
        """The first of the tests that fails."""
        name: str | None = self.fresh.apply(first_failure, (str(self.source), tests))
        return name

    def who_notices(self, mutation: Mutation) -> str | None:
        """The first test that fails with that line broken, and not before."""
        if mutation.tests not in self.checked:
            if failed := self.first_failure(mutation.tests):
                raise SystemExit(f"{failed} fails before anything is broken")
            self.checked.add(mutation.tests)
        path = self.source / "interpretable_gan" / mutation.file
        original = path.read_text()
        path.write_text(original.replace(mutation.line, mutation.broken))
        try:
            return self.first_failure(mutation.tests)
        finally:
            path.write_text(original)


def cell(code: str) -> str:
    """Code as a cell of a table, on one line."""
    return f"`{' '.join(code.split())}`".replace("|", "\\|")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=GROUPS, help="what to break; all by default")
    parser.add_argument("files", nargs="*", help="such as models/gan/step.py; all by default")
    asked = parser.parse_args()
    groups = [asked.only] if asked.only else list(GROUPS)
    every = [mutation for group in groups for mutation in mutations(group)]
    chosen = [mutation for mutation in every if mutation.file in (asked.files or mutation.file)]
    for mutation in chosen:
        if mutation.outdated():
            raise SystemExit(f"{mutation.file} does not have {mutation.line!r} exactly once")
    missed = 0
    print("| file | line | broken | test that fails |\n|---|---|---|---|")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED.split())
    with tempfile.TemporaryDirectory() as folder, context.Pool(1, maxtasksperchild=1) as fresh:
        breaker = Breaker(Path(folder), fresh)
        for mutation in chosen:
            name = breaker.who_notices(mutation)
            missed += name is None
            shown = cell(name) if name else "**none**"
            line, broken = cell(mutation.line), cell(mutation.broken)
            print(f"| {mutation.file} | {line} | {broken} | {shown} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
