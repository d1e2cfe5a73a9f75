"""The mail server of these tests."""

from tests.coop.notices.mail_server import mail_server

__all__ = ["mail_server"]
