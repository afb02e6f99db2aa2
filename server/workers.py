"""What serves: uvicorn's server, with an end of its own, and the processes that run it.

A new process imports this before its parent knows that it lives, so that nothing large is imported here.
"""

import logging
import os
import pickle
import signal
import socket
import time
from types import FrameType

import uvicorn
from uvicorn.supervisors import multiprocess

from server.stopping import Stopping

log = logging.getLogger("zhanwang.workers")

LOOK_SECONDS = 0.5
"""How often uvicorn's parent looks after its workers."""

HUNG_SECONDS = 3.0
"""A worker that has served and says nothing for so long is replaced. Its clients wait for that, and so does whoever
needs a row that it has locked. One that is merely busy takes 0.2 s to answer, among nine processes on its core."""

STUCK_SECONDS = 20.0
"""So long after its loop has last turned, a worker says nothing any more. The longest turns take a tenth of a second;
when it ends, what is under way has ten, and closing its connections to the database five."""

BEGIN_SECONDS = 120
"""So long a worker may say nothing until it serves: it loads the program, and among nine processes on its core it
takes 50 s before it says anything. To end it for that would let it begin for ever."""


class Server(uvicorn.Server):
    """Says that it is about to stop, goes on for as long as the settings want, and then finishes what it has begun."""

    _stops_at: float | None = None
    _turned_at: float | None = None

    @property
    def stuck(self) -> bool:
        """Whether its loop stands still, or it does not come to its end."""
        return self._turned_at is not None and time.monotonic() - self._turned_at > STUCK_SECONDS

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
        self._turned_at = time.monotonic()
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

    _server: Server | None
    served = False
    # How many of its parent's looks have found no answer. Looks, not seconds: after a pause of the machine, or Ctrl-Z,
    # parent and worker go on together.
    _silent = 0

    def start(self) -> None:
        """Starts it."""
        super().start()
        # Its own end: as long as it is open here too, one that ends while it is asked lets its parent wait.
        self.child_conn.close()

    def is_alive(self, timeout: float = BEGIN_SECONDS) -> bool:
        """Whether it runs and has answered of late; asks it again, and waits for nothing: others may need the parent.

        timeout: how long it may say nothing until it has served, in seconds.
        """
        if not self.process.is_alive():
            return False
        try:
            while self.parent_conn.poll():
                self.served = self.parent_conn.recv() or self.served
                self._silent = 0
            self.parent_conn.send(b"ping")
        except (OSError, EOFError, pickle.UnpicklingError):
            return False
        self._silent += 1
        silent = self._silent * LOOK_SECONDS
        if hung := silent > (HUNG_SECONDS if self.served else timeout):
            log.warning("Worker %s has not answered for %g s, and is ended.", self.pid, silent)
        return not hung

    def terminate(self) -> None:
        """Tells it to end, and goes on listening to it."""
        if self.exitcode is None:
            self.process.terminate()

    def join(self) -> None:
        """Waits for its end, and ends it if it hangs: it would never hear that it is to end."""
        while self.is_alive(HUNG_SECONDS):
            self.process.join(LOOK_SECONDS)
        self.kill()
        super().join()

    @property
    def server(self) -> Server:
        """The server that it runs."""
        if self._server is None:
            self._server = Server(self.config)
        return self._server

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves, in the new process."""
        # It comes along with what the process is given, and would hide that the parent's own end is closed.
        self.parent_conn.close()
        super().target(sockets)

    def pong(self) -> None:
        """Answers the parent once, unless it has got stuck."""
        self.child_conn.recv()
        if not self.server.stuck:
            self.child_conn.send(self.server.started)

    def always_pong(self) -> None:
        """Answers the parent, and stops when it is gone: nobody else would stop what has lost it."""
        try:
            super().always_pong()
        except (EOFError, OSError):
            os.kill(os.getpid(), signal.SIGTERM)


# uvicorn has no other way to say which class its workers are of.
multiprocess.Process = Worker  # type: ignore[misc]
