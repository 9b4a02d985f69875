"""The proxy does to a line what its words say."""

import contextlib
import socket
import threading

import pytest

from e2e.faults.proxy import Proxy


@pytest.fixture
def echo():
    """A server that says what it hears; its address."""

    def answer(line):
        with line, contextlib.suppress(ConnectionError):
            while heard := line.recv(100):
                line.sendall(heard)

    def serve():
        while True:
            try:
                line, _address = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(echo):
    one = Proxy(echo)
    yield one
    one.close()


class Line:
    def __init__(self, proxy):
        self.socket = socket.create_connection(("127.0.0.1", proxy.port))
        self.socket.settimeout(1)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def says(self, text):
        self.socket.sendall(text)
        return self.socket.recv(100)


def test_bytes_pass_both_ways(proxy):
    with Line(proxy) as line:
        assert line.says(b"one") == b"one"
        assert line.says(b"two") == b"two"


def test_down_resets_and_refuses_until_it_is_ok(proxy):
    with Line(proxy) as line:
        assert line.says(b"one") == b"one"
        proxy.down()
        with pytest.raises(ConnectionResetError):
            line.says(b"two")
    with pytest.raises(ConnectionRefusedError):
        Line(proxy)
    port = proxy.port
    proxy.ok()
    assert proxy.port == port
    with Line(proxy) as line:
        assert line.says(b"three") == b"three"


def test_a_line_in_a_black_hole_stays_dead(proxy):
    with Line(proxy) as old:
        assert old.says(b"one") == b"one"
        proxy.blackhole()
        with Line(proxy) as late:
            for line in (old, late):
                with pytest.raises(TimeoutError):
                    line.says(b"two")
            proxy.ok()
            with Line(proxy) as new:
                assert new.says(b"three") == b"three"
            for line in (old, late):
                with pytest.raises(TimeoutError):
                    line.says(b"four")


def test_one_answer_is_swallowed_and_its_line_cut(proxy):
    proxy.cut(b"secret")
    with Line(proxy) as line:
        assert line.says(b"one") == b"one"
        with pytest.raises(ConnectionResetError):
            line.says(b"a secret")
    assert not proxy.cuts_left
    with Line(proxy) as line:
        assert line.says(b"a secret") == b"a secret"
