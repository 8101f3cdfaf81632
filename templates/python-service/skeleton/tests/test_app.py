import contextlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

from service.app import NAME, create_server


class AppTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = io.StringIO()
        cls.redirect = contextlib.redirect_stdout(cls.lines)
        cls.redirect.__enter__()
        cls.server = create_server(("127.0.0.1", 0))
        threading.Thread(target=cls.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        cls.base = f"http://127.0.0.1:{cls.server.server_address[1]}"

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.redirect.__exit__(None, None, None)

    def get(self, path, method="GET"):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, method=method)) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def test_the_front_page_says_who_answers(self):
        status, body = self.get("/")
        self.assertEqual((200, NAME), (status, json.loads(body)["service"]))

    def test_a_greeting_uses_the_name(self):
        self.assertEqual({"message": "Hello, Ada"}, json.loads(self.get("/greetings?name=Ada")[1]))

    def test_healthz_is_ok(self):
        self.assertEqual((200, "ok\n"), self.get("/healthz"))

    def test_what_is_not_there_is_404_and_a_wrong_method_405(self):
        self.assertEqual(404, self.get("/nothing")[0])
        self.assertEqual(405, self.get("/greetings", method="POST")[0])

    def test_each_request_writes_one_line(self):
        self.get("/greetings?name=line")

        # The line is written after the answer was sent.
        until = time.monotonic() + 5
        while "name=line" not in self.lines.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(1, self.lines.getvalue().count("GET /greetings?name=line 200"))


class StopTest(unittest.TestCase):
    def test_sigterm_ends_the_process_with_0(self):
        root = pathlib.Path(__file__).parent.parent
        with subprocess.Popen([sys.executable, "main.py"], cwd=root, env={**os.environ, "PORT": "0"}, stdout=subprocess.PIPE, text=True) as child:
            self.assertIn("listening", child.stdout.readline())
            child.send_signal(signal.SIGTERM)
            self.assertEqual(0, child.wait(timeout=10))
