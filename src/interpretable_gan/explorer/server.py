"""The explorer's page on this machine: a small HTTP server that only holders of a token may ask.

Nothing is read from a path that a request names: all answers are in memory.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import torch

from interpretable_gan.data.decoding import Framing, Unusable, frame, open_picture
from interpretable_gan.errors import InterpretableGANError
from interpretable_gan.explain.discovered import set_alias
from interpretable_gan.explain.reconstruction import reconstruct
from interpretable_gan.explorer.built import asset
from interpretable_gan.explorer.knowledge import Explained, page_data
from interpretable_gan.explorer.onnx_files import gan_of
from interpretable_gan.explorer.page import parts, policy, served_page
from interpretable_gan.training.run import Run

LOOPBACK = "127.0.0.1"

COOKIE = "igan_token"

LARGEST = {"/draw": 1_000_000, "/name": 10_000, "/refine": 2_000_000}
"""Bytes that may be sent to each address; the page sends pictures at the model's own size."""

DRAWN = 32
"""Pictures that one request may ask for."""

FAR = 10.0
"""Styles are cut to this; those of the data lie within 4."""

CLIENTS = 64
"""Connections at a time; more are refused, so that memory and threads stay bounded."""

WAITING, MOMENT = 1, 0.05
"""Requests that may wait while another is computed, so that none is lost between two, and for how
many seconds; more are refused at once."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\nContent-Length: 42\r\n\r\nBusy with too many connections: try again."
)
"""What a connection beyond `CLIENTS` is told before it is closed."""

PASSED_OVER = 50_000_000
"""Bytes of a refused request that are read, and kept nowhere."""

PATIENCE = 15.0
"""Seconds that a client may be silent in the middle of a request."""

SAFE = {
    "Content-Security-Policy": policy("'self'", "'self'", connect="'self'")
    + "; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer."""


class Refused(Exception):
    """A request that is not answered: the status and one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Explorer(ThreadingHTTPServer):
    """Serves a run to browsers.

    Args:
        run: where names of discovered attributes are saved.
        model: which the page plays with.
        host, port: where to listen; port 0 is any that is free.
        token: what the first address must carry; a fresh one by default.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    request_queue_size = 2 * CLIENTS
    """Connections that may wait to be accepted. With the usual 5, one of a burst is lost, and the
    client's system tries again only after a second or more."""

    def __init__(
        self,
        run: Run,
        model: Explained,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        token: str | None = None,
    ) -> None:
        self.run, self.model = run, model
        self.data = page_data(run, model, served=True)
        self.token = secrets.token_urlsafe(24) if token is None else token
        self.computing, self.room = threading.Lock(), threading.BoundedSemaphore(1 + WAITING)
        self.clients = threading.BoundedSemaphore(CLIENTS)
        self.files = {f"/parts/{name}": each for name, each in parts(model, half=False).items()}
        self.files |= {f"/{name}": asset(name) for name in ("page.js", "page.css")}
        super().__init__((host, port), Answer)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/?token={self.token}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, unless there are too many already."""
        if self.clients.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            with suppress(OSError):
                request.sendall(FULL)
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one client until it leaves."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.clients.release()

    def page(self) -> bytes:
        """The page with the names as they are now."""
        return served_page(self.data).encode()

    def draw(self, body: bytes) -> bytes:
        """Pictures as float32, (n, channels, size, size), from codes and styles, one row each."""
        columns = self.model.schema.columns
        width = columns + self.model.config.style
        asked = torch.frombuffer(bytearray(body), dtype=torch.float32).reshape(-1, width)
        if not 1 <= len(asked) <= DRAWN or not asked.isfinite().all():
            raise ValueError
        code, style = asked[:, :columns].clamp(-1, 1), asked[:, columns:].clamp(-FAR, FAR)
        drawn = self.model.draw(code, style)
        return drawn.contiguous().numpy().tobytes()

    def name(self, body: bytes) -> bytes:
        """Save a name for a discovered attribute."""
        asked = json.loads(body)
        schema = set_alias(Run.open(self.run.path), str(asked["name"]), str(asked["alias"]))
        for attribute in self.data["about"]["attributes"]:
            attribute["label"] = schema[attribute["name"]].label
        return b"{}"

    def refine(self, body: bytes) -> bytes:
        """Code and style from which the model draws a picture best."""
        size, channels = self.model.config.size, gan_of(self.model).modality.channels
        framing = Framing(size, channels=channels)
        pixels = frame(open_picture(body, framing).image, framing)
        image = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
        found = reconstruct(self.model, image)  # type: ignore[arg-type]
        told = {"code": found.code[0].tolist(), "style": found.style[0].tolist()}
        return json.dumps(told).encode()


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Explorer
    protocol_version = "HTTP/1.1"  # one connection for many pictures
    server_version, sys_version = "igan", ""
    disable_nagle_algorithm = True  # which would hold small answers back
    timeout = PATIENCE

    def do_GET(self) -> None:
        """The page and its parts."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """A name to be saved, a picture to be refined."""
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the address holds the token."""

    def _answer(self, respond: Callable[[], None]) -> None:
        try:
            try:
                respond()
            except Refused as refused:
                self.close_connection = True  # what was sent along may not have been read
                self._send(str(refused).encode(), "text/plain", refused.status)
        except (ConnectionError, TimeoutError):  # the client left
            self.close_connection = True

    def _get(self) -> None:
        asked = urlsplit(self.path)
        self._check_host()
        if asked.path == "/" and (given := parse_qs(asked.query).get("token")):
            self._check(given[0])
            self._enter()
            return
        self._check(self._cookie())
        if asked.path == "/":
            self._send(self.server.page(), "text/html")
            return
        if asked.path not in self.server.files:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        kinds = {"js": "text/javascript", "css": "text/css"}
        kind = kinds.get(asked.path.rpartition(".")[2], "application/octet-stream")
        self._send(self.server.files[asked.path], kind)

    def _post(self) -> None:
        self._check_host()
        self._check(self._cookie())
        server = self.server
        jobs = {"/draw": server.draw, "/name": server.name, "/refine": server.refine}
        if self.path not in jobs:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        body = self._body(LARGEST[self.path])
        with self._turn():
            found = self._done(jobs[self.path], body)
        kind = "application/octet-stream" if self.path == "/draw" else "application/json"
        self._send(found, kind)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One computes, and one may wait a moment for its turn."""
        server, busy = self.server, "Busy with another picture: try again."
        if not server.room.acquire(blocking=False):
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, busy)
        try:
            if not server.computing.acquire(timeout=MOMENT):
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, busy)
            try:
                yield
            finally:
                server.computing.release()
        finally:
            server.room.release()

    def _done(self, job: Callable[[bytes], bytes], body: bytes) -> bytes:
        """What a job answers, or in one sentence why it does not."""
        try:
            return job(body)
        except Unusable as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The picture cannot be used: {error}.") from None
        except InterpretableGANError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        except (ValueError, KeyError, TypeError, RuntimeError):
            raise Refused(HTTPStatus.BAD_REQUEST, "The request cannot be read.") from None

    def _body(self, most: int) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "The request does not say how long it is.")
        if int(length) > most:
            self._pass_over(int(length))
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The request has {int(length):,} bytes; at most {most:,} are taken.",
            )
        return self.rfile.read(int(length))

    def _pass_over(self, length: int) -> None:
        """Read what is refused, as far as is patient, so that the client hears why."""
        left = min(length, PASSED_OVER)
        while left and (read := self.rfile.read(min(left, 65_536))):
            left -= len(read)
        self.close_connection = True

    def _check_host(self) -> None:
        """Refuse names that others may point at this machine."""
        host, port = self.server.server_address[:2]
        allowed = {f"{host!s}:{port}", f"localhost:{port}"}
        if str(host) == LOOPBACK and self.headers.get("Host") not in allowed:
            raise Refused(HTTPStatus.FORBIDDEN, "This server is asked under another name.")

    def _check(self, given: str) -> None:
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "The token is missing or wrong: open the address that igan explore printed.",
            )

    def _cookie(self) -> str:
        try:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        return cookies[COOKIE].value if COOKIE in cookies else ""

    def _enter(self) -> None:
        """Keep the token in a cookie, and out of the address."""
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        kept = f"{COOKIE}={self.server.token}; HttpOnly; SameSite=Strict; Path=/"
        self.send_header("Set-Cookie", kept)
        self._headers("text/plain", 0)

    def _send(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self._headers(f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, len(content))
        self.wfile.write(content)

    def _headers(self, kind: str, length: int) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in SAFE.items():
            self.send_header(name, value)
        self.end_headers()
