"""The page on this machine: the address is printed, and nobody else's port is taken."""

import socket

from interpretable_gan.explorer.server import Explorer


def test_the_address_that_is_printed_opens_the_page(run, igan, monkeypatch):
    seen = {}

    def serve(server):
        seen["address"] = server.address
        raise KeyboardInterrupt

    monkeypatch.setattr(Explorer, "serve_forever", serve)
    monkeypatch.setattr("webbrowser.open", lambda address: seen.setdefault("opened", address))
    done = igan("explore", run)
    assert done.code == 130
    assert done.out == f"{seen['address']}\n"
    assert seen["opened"] == seen["address"]
    assert seen["address"].startswith("http://127.0.0.1:")
    assert igan("explore", run, "--no-browser").code == 130


def test_a_taken_port_is_told_in_one_line(run, igan):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = igan("explore", run, "--no-browser", "--port", taken.getsockname()[1])
    assert done.code == 1
    assert "in use" in done.err
    assert done.err.count("\n") == 1
