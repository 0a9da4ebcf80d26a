"""A rule of this suite: nothing is skipped in silence in CI.

Where the environment says ``CI=true``, a skipped test fails unless its reason begins with
``not on this machine:``. That is for real data, weights, a browser or an operating system; a module
that an extra of ``test`` should have brought is none of these.
"""

from __future__ import annotations

import os

import pytest

ALLOWED = "not on this machine: "


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
