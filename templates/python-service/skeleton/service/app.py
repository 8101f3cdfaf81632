"""Routes, and the HTTP server that serves them. One connection per request, so that stopping loses none."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

NAME = "${{ values.name }}"


def home(_query):
    return 200, "application/json", json.dumps({"service": NAME, "message": f"Hello from {NAME}"}) + "\n"


def greeting(query):
    name = query.get("name", ["world"])[0]
    return 200, "application/json", json.dumps({"message": f"Hello, {name}"}) + "\n"


def healthz(_query):
    return 200, "text/plain; charset=utf-8", "ok\n"


ROUTES = {("GET", "/"): home, ("GET", "/greetings"): greeting, ("GET", "/healthz"): healthz}


def answer(method, target):
    """Status, content type and body for a request."""
    url = urlsplit(target)
    route = ROUTES.get(("GET" if method == "HEAD" else method, url.path))
    if route is not None:
        return route(parse_qs(url.query))
    known = any(path == url.path for _, path in ROUTES)
    status, error = (405, "method not allowed") if known else (404, "not found")
    return status, "application/json", json.dumps({"error": error}) + "\n"


class Handler(BaseHTTPRequestHandler):
    timeout = 30

    def _serve(self):
        began = time.monotonic()
        try:
            status, content_type, text = answer(self.command, self.path)
        except Exception as error:  # The person who asked learns nothing of our insides.
            print(f"error {error!r}", flush=True)
            status, content_type, text = 500, "application/json", json.dumps({"error": "something went wrong here"}) + "\n"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        print(f"{self.command} {self.path} {status} {(time.monotonic() - began) * 1000:.0f}ms", flush=True)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def log_message(self, format, *args):
        """Silent: _serve writes the one line."""


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128


def create_server(address):
    return Server(address, Handler)
