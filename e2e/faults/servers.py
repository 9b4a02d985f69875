"""What the house stands on: real servers, and a proxy in front of each."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.tests.live import Valkey
from config.tests.postgres import Server
from config.up.processes import Family
from e2e.faults.proxy import Proxy
from e2e.faults.sink import Sink


@dataclass
class Servers:
    """What the house stands on, shared by all tests; the proxies are `broker`, `database` and `mail`."""

    family: Family
    postgres: Server
    valkey: Valkey
    sink: Sink
    broker: Proxy
    database: Proxy
    mail: Proxy
    # Who is signed in, by user name: the keys of their sessions in the seeded database.
    sessions: dict[str, str] = field(default_factory=dict)

    def heal(self) -> None:
        for proxy in (self.broker, self.database, self.mail):
            proxy.ok()
        if not self.valkey.answers():
            self.valkey.start()
        self.valkey.flush()
        self.sink.reset()


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """PostgreSQL, Valkey and a mail server, each behind its proxy. Raises NoServerError."""
    with contextlib.ExitStack() as stack:
        family = Family()
        stack.callback(family.close)
        postgres = Server()
        stack.callback(postgres.forget)
        postgres.start()
        valkey = Valkey(folder / "valkey", family)
        stack.callback(valkey.stop)
        sink = Sink()
        stack.callback(sink.close)
        socket_of_valkey = Path(re.search(r"//([^?]+)", valkey.url)[1])
        proxies = [Proxy(one) for one in (socket_of_valkey, postgres.socket, ("127.0.0.1", sink.port))]
        for proxy in proxies:
            stack.callback(proxy.close)
        yield Servers(family, postgres, valkey, sink, *proxies)


def administer(found: Servers, *statements: str) -> None:
    with connect(found, "postgres") as connection:
        for statement in statements:
            connection.execute(statement)


def connect(found: Servers, database: str, *, autocommit: bool = True) -> psycopg.Connection:
    """Past the proxy."""
    folder = str(found.postgres.socket.parent)
    return psycopg.connect(host=folder, user=found.postgres.user, dbname=database, autocommit=autocommit)
