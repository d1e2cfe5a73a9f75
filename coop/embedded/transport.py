"""kombu's own pgmq transport, which declares a queue only where there is none.

Every channel declares its queue. In kombu 5.7 that means CREATE TABLE and CREATE TRIGGER each time, under exclusive locks: several
threads that publish at once deadlock, and their messages are lost. The queue is made with the database (`queue.install`).
"""

from typing import Any

from kombu.transport import pgmq


class Channel(pgmq.Channel):
    """A channel that leaves a queue alone which is there."""

    def _new_queue(self, queue: str, **options: Any) -> None:
        if self._has_queue(queue):
            self.connection._register_notify_queue(self._queue_name(queue))
        else:
            super()._new_queue(queue, **options)


class Transport(pgmq.Transport):
    """The transport with these channels."""

    Channel = Channel
