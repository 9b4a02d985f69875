"""The line to Redis, with one repair.

When Redis goes away while a task is running, kombu 5.7 closes the channel of the lost line, which looks for a server it
no longer knows: AttributeError, of which the worker dies. Said as what it is, a lost connection, the worker waits for
Redis and goes on.
"""

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as stock


class Channel(stock.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict:  # noqa: FBT001, FBT002 - the signature is kombu's
        if self.connection is None or self.connection.client is None:
            raise redis.ConnectionError("the line to the broker is lost")
        return super()._connparams(asynchronous)


class Transport(stock.Transport):
    Channel = Channel


TRANSPORT_ALIASES["redis"] = f"{__name__}:{Transport.__qualname__}"
