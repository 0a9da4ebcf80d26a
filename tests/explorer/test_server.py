"""The server answers its own page and nobody else."""

import contextlib
import http.client
import io
import json
import socket
import struct
import threading
import time
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from interpretable_gan.explorer.server import CLIENTS, LARGEST


@pytest.fixture
def ask(served):
    """Send one request with the token, unless told otherwise."""

    def call(path="/", method="GET", body=None, *, token=True, host=None, **headers):
        address, port = served.server_address
        connection = http.client.HTTPConnection(address, port, timeout=20)
        if token:
            headers["Cookie"] = f"igan_token={served.token}"
        if host:
            headers["Host"] = host
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    return call


@pytest.fixture
def png():
    """A picture of 16×16 as bytes."""

    def make(side=16):
        kept = io.BytesIO()
        Image.fromarray(np.full((side, side, 3), 120, np.uint8)).save(kept, "png")
        return kept.getvalue()

    return make


def test_the_token_opens_the_page_and_leaves_the_address(ask, served):
    answer, _ = ask(f"/?token={served.token}", token=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert served.token in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    answer, content = ask("/")
    assert answer.status == 200
    assert content.startswith(b"<!DOCTYPE html>")
    assert b'"served":true' in content


@pytest.mark.parametrize("path", ["/", "/page.js", "/parts/read", "/?token=wrong", "/?token="])
def test_without_the_token_nothing_is_answered(ask, path):
    answer, content = ask(path, token=False)
    assert answer.status == 403
    assert b"the address that igan explore printed" in content


def test_the_token_differs_from_server_to_server(served, world):
    from interpretable_gan.explorer.server import Explorer

    with Explorer(world.run, world.run.model("cpu")) as other:
        assert len(other.token) >= 32
        assert other.token != served.token
        assert other.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "path",
    ["/parts/../page.js", "/parts/..%2f..%2fschema.yaml", "//etc/passwd", "/../../etc/passwd",
     "/parts/", "/schema.yaml", "/parts/read/../../weights.safetensors"],
)  # fmt: skip
def test_nothing_outside_is_served(ask, path):
    assert ask(path)[0].status == 404


def test_another_name_for_this_machine_is_refused(ask):
    answer, content = ask("/", host="evil.example")
    assert answer.status == 403
    assert b"another name" in content


def test_every_answer_forbids_what_the_page_does_not_need(ask):
    for answer, _ in (ask("/"), ask("/nowhere"), ask("/", token=False)):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def bomb():
    """A PNG of a few bytes that claims 100 megapixels."""
    header = b"IHDR" + (10_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunk = (13).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT" + b"\0" * 20


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        pytest.param(b"", 400, b"empty file", id="nothing"),
        pytest.param(b"GIF? no", 400, b"not an image", id="text"),
        pytest.param(bomb(), 400, b"huge image", id="bomb"),
        pytest.param(b"x" * (LARGEST["/refine"] + 1), 413, b"at most 2,000,000", id="too long"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bad_upload_is_answered_in_one_sentence_and_the_server_lives(ask, body, status, said):
    answer, content = ask("/refine", "POST", body)
    assert (answer.status, said in content) == (status, True), content
    assert ask("/")[0].status == 200


def rows(served, count=1, value=0.0):
    """Codes and styles as the page sends them."""
    width = served.model.schema.columns + served.model.config.style
    return np.full((count, width), value, np.float32)


def test_pictures_are_drawn_as_the_model_draws_them(ask, served):
    asked = rows(served, 3)
    asked[:] = np.random.default_rng(0).uniform(-1, 1, asked.shape)
    answer, content = ask("/draw", "POST", asked.tobytes())
    assert answer.status == 200
    columns = served.model.schema.columns
    code, style = torch.tensor(asked[:, :columns]), torch.tensor(asked[:, columns:])
    drawn = served.model.draw(code, style).numpy()
    assert np.frombuffer(content, np.float32).reshape(drawn.shape) == pytest.approx(drawn, abs=1e-5)


def test_huge_values_are_cut_to_what_can_be_asked(ask, served):
    _, most = ask("/draw", "POST", rows(served, value=1e30).tobytes())
    assert np.isfinite(np.frombuffer(most, np.float32)).all()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda served: b"", id="nothing"),
        pytest.param(lambda served: b"abc", id="no numbers"),
        pytest.param(lambda served: rows(served).tobytes()[:-4], id="one too few"),
        pytest.param(lambda served: rows(served, value=np.nan).tobytes(), id="nan"),
        pytest.param(lambda served: rows(served, 33).tobytes(), id="too many"),
    ],
)
def test_what_is_no_code_is_refused_and_the_server_lives(ask, served, body):
    answer, content = ask("/draw", "POST", body(served))
    assert (answer.status, content) == (400, b"The request cannot be read.")
    assert ask("/draw", "POST", rows(served).tobytes())[0].status == 200


def test_one_connection_carries_many_pictures(served):
    connection = http.client.HTTPConnection(*served.server_address, timeout=20)
    for _ in range(3):
        headers = {"Cookie": f"igan_token={served.token}"}
        connection.request("POST", "/draw", rows(served).tobytes(), headers)
        assert len(connection.getresponse().read()) == 3 * 16 * 16 * 4
    connection.close()


def test_connections_beyond_a_number_are_told_so_and_room_comes_back(served, ask):
    held = [socket.create_connection(served.server_address) for _ in range(CLIENTS + 8)]
    time.sleep(0.3)
    told = 0
    for each in held:
        each.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            told += each.recv(1000).startswith(b"HTTP/1.1 503")
    for each in held:
        each.close()
    assert told >= 8
    time.sleep(0.3)
    assert ask("/")[0].status == 200


def test_a_client_that_leaves_before_its_answer_troubles_nobody(served, ask, capsys):
    host, port = served.server_address
    head = f"Host: {host}:{port}\r\nCookie: igan_token={served.token}\r\nContent-Length: 4\r\n\r\n"
    with served.computing:  # so that the answer comes late
        client = socket.create_connection((host, port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(f"POST /draw HTTP/1.1\r\n{head}".encode() + b"none")
        time.sleep(0.02)
        client.close()
        time.sleep(0.2)
    assert ask("/")[0].status == 200
    assert capsys.readouterr().err == ""


def test_a_picture_is_refined(ask, png, served):
    answer, content = ask("/refine", "POST", png(side=40))
    assert answer.status == 200
    found = json.loads(content)
    assert len(found["code"]) == served.model.schema.columns
    assert len(found["style"]) == served.model.config.style


def test_a_second_computation_is_refused_while_the_first_runs(ask, png, served):
    with served.computing:
        answer, content = ask("/refine", "POST", png())
    assert answer.status == 503
    assert b"try again" in content


def test_one_waits_for_its_turn_and_no_more(ask, served, monkeypatch):
    monkeypatch.setattr("interpretable_gan.explorer.server.MOMENT", 20.0)
    statuses, body = [], rows(served).tobytes()
    threads = [
        threading.Thread(target=lambda: statuses.append(ask("/draw", "POST", body)[0].status))
        for _ in range(3)
    ]
    with served.room, served.computing:  # as while another picture is computed
        for thread in threads:
            thread.start()
        while len(statuses) < 2:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert statuses == [503, 503, 200]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", b"cannot be read"),
        (b"[]", b"cannot be read"),
        (b'{"name": "d01"}', b"cannot be read"),
        (b'{"name": "nobody", "alias": "x"}', b"no attribute 'nobody'"),
        (b'{"name": "d01", "alias": "a=b"}', b"is no alias"),
        (b'{"name": "smiling", "alias": "grin"}', b"has a name already"),
    ],
)
def test_a_bad_name_is_answered_in_one_sentence(ask, body, said):
    answer, content = ask("/name", "POST", body)
    assert (answer.status, said in content) == (400, True), content


def test_a_name_is_saved_to_the_run_and_on_the_page(ask, served):
    body = json.dumps({"name": "d01", "alias": "soft <b>light</b>"}).encode()
    assert ask("/name", "POST", body)[0].status == 200
    assert served.run.open(served.run.path).schema["d01"].alias == "soft <b>light</b>"
    _, page = ask("/")
    assert b"soft \\u003cb>light\\u003c/b>" in page
    assert ask("/name", "POST", json.dumps({"name": "d01", "alias": ""}).encode())[0].status == 200


def test_many_requests_at_once_are_all_answered(ask):
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask("/parts/draw")[0].status))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 40
