"""A mail server that says what a test tells it to, reached over SMTP by Django's own backend."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` has the code for an address at RCPT; `after_data` the code at the end of a mail, None to hang up instead."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[tuple[str, Message]] = []
        self.answers: dict[str, int] = {}
        self.sender_answer = 250
        self.after_data: int | None = 250
        self.asked = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say(220)
        to = ""
        while line := self.rfile.readline().decode():
            verb = line.strip().upper()
            if verb.startswith("RCPT"):
                to = line.split("<")[1].split(">")[0]
                self.server.asked += 1
                self.say(self.server.answers.get(to, 250))
            elif verb.startswith("MAIL"):
                self.say(self.server.sender_answer)
            elif verb == "DATA":
                self.say(354)
                self.server.taken.append((to, message_from_bytes(self.content())))
                if self.server.after_data is None:
                    return
                if self.server.after_data != 250:
                    self.server.taken.pop()
                self.say(self.server.after_data)
            elif verb == "QUIT":
                self.say(221)
                return
            else:
                self.say(250)

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def say(self, code: int) -> None:
        self.wfile.write(f"{code} said\r\n".encode())


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """The server, to which the settings lead."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
        server.shutdown()
