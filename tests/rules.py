"""Rules of this suite: nothing is skipped in silence in CI, and what takes long says so.

Where the environment says ``CI=true``, a skipped test fails unless its reason begins with
``not on this machine:``. That is for real data, weights, a browser or an operating system; a module
that an extra of ``test`` should have brought is none of these.

A test that computes for more than twenty seconds carries the mark ``slow``, so that the README's
command leaves it out.
"""

from __future__ import annotations

import os
import time

import pytest

ALLOWED = "not on this machine: "
SECONDS = 20
"""Of processor time, which hardly grows where the machine has other work."""


def _fail_where_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that is not allowed into a failure that repeats the reason."""
    if not report.skipped or hasattr(report, "wasxfail") or os.environ.get("CI") != "true":
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"Skipped in CI: {reason}. Is everything of '.[test]' installed?"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    _fail_where_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _fail_where_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    start = time.process_time()
    result = yield
    spent = time.process_time() - start
    if spent > SECONDS and not pyfuncitem.get_closest_marker("slow"):
        pytest.fail(f"computed for {spent:.0f} s, more than {SECONDS}: mark it slow or shorten it")
    return result
