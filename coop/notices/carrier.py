"""Handing a mail to the mail server, by Django's mail backend. No transaction is open across it; `EMAIL_TIMEOUT` bounds it."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from enum import Enum, auto

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend


class Handed(Enum):
    """What came of it."""

    TAKEN = auto()
    UNREACHABLE = auto()
    """Nothing was handed over to anybody; others would fare the same."""
    NOT_NOW = auto()
    """A no that may be a yes later."""
    REFUSED = auto()
    """A no for good."""
    BROKEN_OFF = auto()
    """Nobody knows."""


def hand_over(message: EmailMessage) -> Handed:
    """Give one mail to the server, once."""
    connection: BaseEmailBackend = get_connection()
    try:
        connection.open()
    except OSError:  # what smtplib raises is one, too
        return Handed.UNREACHABLE
    try:
        taken = connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as no:
        return _no(max(code for code, _said in no.recipients.values()))
    except smtplib.SMTPDataError as no:
        return _no(no.smtp_code)
    except smtplib.SMTPResponseException:  # of ourselves, not of the one who reads: the operator mends it
        return Handed.NOT_NOW
    except smtplib.SMTPNotSupportedError:
        return Handed.REFUSED
    except OSError:
        return Handed.BROKEN_OFF
    finally:
        with suppress(OSError):  # what was taken stays taken, however the line ends
            connection.close()
    return Handed.TAKEN if taken else Handed.NOT_NOW


def _no(code: int) -> Handed:
    """By the first figure (RFC 5321, 4.2.1): 4 for now, 5 for good."""
    return Handed.REFUSED if code >= 500 else Handed.NOT_NOW
