"""Load: keep-alive connections that each ask again as soon as they are answered.

By Debian's `wrk` if it is on the PATH, since it costs the machine least; else by a process of this module, whose raw
protocol over uvloop does nothing but count bytes. CPU is read from /proc for the server and for PostgreSQL apart.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import uvloop

GRACE_SECONDS = 60
WRK = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
local requests, at = {}, 0
failed = 0
function init(args)
  local line = 0
  local token
  for text in io.lines(args[1]) do
    if line % 2 == 0 then token = text else
      requests[#requests + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/json",
        ["Accept"] = "application/json", ["Authorization"] = "Bearer " .. token }, text)
    end
    line = line + 1
  end
end
function request() at = at % #requests + 1; return requests[at] end
function response(status, headers, body)
  if status ~= 200 or body:sub(1, 8) ~= '{"data":' then failed = failed + 1 end
end
function done(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do bad = bad + thread:get("failed") end
  io.write(string.format('RESULT {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, bad))
end
"""


@dataclass(frozen=True)
class Asked:
    """A request: an access token and a JSON body of one line."""

    token: str
    body: str


@dataclass(frozen=True)
class Load:
    """What a load did. `p50`, `p99` in milliseconds; `errors` are answers that are not 200 with data, and lost ones."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Answers per second, without those that are errors."""
        return max(0, self.requests - self.errors) / self.seconds


def generator() -> str:
    """The program that makes the load."""
    return "wrk" if shutil.which("wrk") else "benchmarks.load"


def load(url: str, asked: list[Asked], *, connections: int, seconds: float) -> Load:
    """Load a URL for some seconds, the requests in turn over all connections. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        requests, script = Path(folder, "requests"), Path(folder, "post.lua")
        requests.write_text("".join(f"{each.token}\n{each.body}\n" for each in asked))
        if generator() == "wrk":
            script.write_text(WRK)
            flags = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", f"{GRACE_SECONDS}s"]
            command = ["wrk", *flags, "-s", str(script), url, "--", str(requests)]
        else:
            command = [sys.executable, "-m", "benchmarks.load", url, str(requests), str(connections), str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE_SECONDS, check=False)
    found = [line.removeprefix("RESULT ") for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return Load(**json.loads(found[0]))


class Processes:
    """A process with its children, whose CPU is read: that of children which have ended is their parent's."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    def cpu_seconds(self) -> float:
        """User and system time of all of them so far."""
        total = 0.0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process == self._process:
                total += times.children_user + times.children_system
        return total


class _Connection(asyncio.Protocol):
    """One connection: asks, counts the answer's bytes, asks again."""

    def __init__(self, requests: Iterator[bytes], until: float, tally: "_Tally") -> None:
        self._requests, self._until, self._tally = requests, until, tally
        self._received, self._expected, self._began = b"", 0, 0.0
        self._count = 0

    def connection_made(self, transport: Any) -> None:
        """Ask."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Count; at the answer's end, note it and ask again."""
        self._count += len(data)
        if not self._expected:
            self._received += data
            head, blank, body = self._received.partition(b"\r\n\r\n")
            # The first bytes of the body tell whether there is data.
            if not blank or len(body) < len(b'{"data":'):
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._expected = len(head) + 4 + int(length)
            if b" 200 " not in head[:16] or not body.startswith(b'{"data":'):
                self._tally.errors += 1
        if self._count >= self._expected:
            self._tally.latencies.append(time.perf_counter() - self._began)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """Note an answer that never came."""
        if time.perf_counter() < self._until:
            self._tally.errors += 1

    def _ask(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._until:
            self._transport.close()
            return
        self._received, self._expected, self._count = b"", 0, 0
        self._transport.write(next(self._requests))


class _Tally:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.errors = 0


async def _generate(url: str, lines: list[str], connections: int, seconds: float) -> Load:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    made = cycle(
        [
            (
                f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
                f"Accept: application/json\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
            ).encode()
            for token, body in zip(lines[::2], lines[1::2], strict=True)
        ]
    )
    tally, loop, began = _Tally(), asyncio.get_running_loop(), time.perf_counter()
    until = began + seconds
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(made, until, tally), parts.hostname, parts.port)
    await asyncio.sleep(until - time.perf_counter() + 0.2)
    ordered = sorted(tally.latencies) or [0.0]
    p50, p99 = (1e3 * ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return Load(len(tally.latencies), seconds, p50, p99, tally.errors)


def main() -> None:
    """Make a load from the command line, for `load` above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("requests", type=Path, help="a file of lines, a token and a body in turn")
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    done = uvloop.run(_generate(given.url, given.requests.read_text().splitlines(), given.connections, given.seconds))
    print("RESULT", json.dumps(vars(done)))


if __name__ == "__main__":
    main()
