"""What serves: uvicorn's server, with an end of its own, and the processes that run it.

A new process imports this before its parent knows that it lives, so that nothing large is imported here.
"""

import os
import signal
import socket
import time
from types import FrameType

import uvicorn
from uvicorn.supervisors import multiprocess

from server.stopping import Stopping


class Server(uvicorn.Server):
    """Says that it is about to stop, goes on for as long as the settings want, and then finishes what it has begun."""

    _stops_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Begins the end."""
        # uvicorn's own breaks off at a second Ctrl-C, with tracebacks; the grace period bounds the wait as well.
        if self._stops_at is None:
            self._stops_at = time.monotonic()
            if (stopping := self._stopping) is not None:
                stopping.begun = True
                self._stops_at += stopping.seconds
                # Whoever is answered from now on comes back by a new connection, to another server.
                self.config.encoded_headers.append((b"connection", b"close"))
                self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to go."""
        if self._stops_at is not None and time.monotonic() >= self._stops_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what would not end by itself, and waits for the rest."""
        if (stopping := self._stopping) is not None:
            await stopping.end()
        await super().shutdown(sockets)

    @property
    def _stopping(self) -> Stopping | None:
        """None as long as the application has not started."""
        lifespan = getattr(self, "lifespan", None)
        return lifespan.state.get("stopping") if lifespan is not None else None


class Worker(multiprocess.Process):
    """A process that serves.

    served: whether it has told its parent that it does.
    """

    served = False

    def start(self) -> None:
        """Starts it."""
        super().start()
        # Its own end: as long as it is open here too, one that ends while it is asked lets its parent wait.
        self.child_conn.close()

    def _healthcheck(self, timeout: float) -> bool | None:
        started = super()._healthcheck(timeout)
        self.served = self.served or started is True
        return started

    @property
    def server(self) -> uvicorn.Server:
        """The server that it runs."""
        if self._server is None:
            self._server = Server(self.config)
        return self._server

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves, in the new process."""
        # It comes along with what the process is given, and would hide that the parent's own end is closed.
        self.parent_conn.close()
        super().target(sockets)

    def always_pong(self) -> None:
        """Answers the parent, and stops when it is gone: nobody else would stop what has lost it."""
        try:
            super().always_pong()
        except (EOFError, OSError):
            os.kill(os.getpid(), signal.SIGTERM)


# uvicorn has no other way to say which class its workers are of.
multiprocess.Process = Worker  # type: ignore[misc]
