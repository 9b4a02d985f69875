"""The mail server: how we call it, and what its answers mean for a mail."""

import smtplib

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from approvals.rules.retries import is_final


def connect() -> BaseEmailBackend:
    server = get_connection()
    server.open()
    return server


def hang_up(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError):
        # The server hung up first; what it accepted is marked already.
        return


def is_permanent(error: Exception) -> bool:
    """The server refuses this recipient or this message for good, or it cannot be written as a message at all."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(is_final(code) for code, _reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return is_final(error.smtp_code)
    # Other answers refuse our name, password or sender address: the mail is sent once somebody has put that right.
    # A certificate that does not fit is a ValueError too, but says nothing of the mail.
    return isinstance(error, ValueError) and not isinstance(error, OSError)


def may_have_arrived(error: Exception) -> bool:
    """The line broke before the answer came: the server may have taken the mail."""
    return isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)


def stalls(error: Exception) -> bool:
    """The server let the time run out (EMAIL_TIMEOUT), and would do so again with every other mail."""
    # smtplib hides the time-out behind a broken line.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
