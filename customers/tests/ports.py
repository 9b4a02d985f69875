"""Ports for the servers that tests start."""

import contextlib
import secrets
import socket


def free_port() -> int:
    """A port of this machine that stays free until a server of the test takes it, now or again after a pause.

    It lies below those that the kernel hands out, by which any outgoing connection of another test could take it.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
