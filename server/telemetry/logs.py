"""The log: one line an event, JSON for programs and columns for people.

Nothing in it is a value that a client sent or a row has: not of an error's text either, which may quote one.
"""

import os
import sys
from contextvars import ContextVar
from typing import Any, Final, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor

from server.telemetry.tracebacks import traceback_of

Form = Literal["auto", "json", "console"]

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id")
"""The id of the request that is being answered, for every line that is logged meanwhile."""

_SEVERITY = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def configuration(level: str, form: Form) -> dict[str, Any]:
    """For `logging.config.dictConfig`. level: the least that this program logs of itself.

    What others say stays at INFO: at DEBUG, the libraries of HTTP and WebSockets log what they receive.
    """
    others = max("INFO", level.upper(), key=_SEVERITY.index)
    # uvicorn tells at "info" of every process that starts and stops; that is for whoever looks for a fault.
    quiet = others if level == "debug" else max("WARNING", others, key=_SEVERITY.index)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "server.telemetry.logs.formatter", "form": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": others, "handlers": ["stderr"]},
        "loggers": {
            "zhanwang": {"level": level.upper()},
            **{name: {"level": quiet} for name in ("uvicorn", "websockets", "httpx", "opentelemetry")},
        },
    }


def formatter(form: Form) -> structlog.stdlib.ProcessorFormatter:
    """Writes records; "auto": for people if the standard error is a terminal."""
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    last: list[Processor] = [structlog.processors.JSONRenderer(serializer=_json)]
    if readable:
        colours = sys.stderr.isatty() and "NO_COLOR" not in os.environ
        last = [_printable, structlog.dev.ConsoleRenderer(colors=colours)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _request,
            _fields,
            _exception,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _request(_: Any, __: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get(None)
    if request_id is not None:
        event["request_id"] = request_id
    return event


def _fields(_: Any, __: str, event: EventDict) -> EventDict:
    event.update(getattr(event["_record"], "fields", {}))
    return event


def _exception(_: Any, __: str, event: EventDict) -> EventDict:
    if event["logger"] == "asyncio":
        # Its next lines show a task and the text of the exception that has ended it.
        event["event"] = str(event["event"]).partition("\n")[0]
    told = event.pop("exc_info", None)
    if told and told[1] is not None:
        event["exception"] = traceback_of(told[1])
    return event


def _printable(_: Any, __: str, event: EventDict) -> EventDict:
    """Without characters that would begin a line or move a terminal's cursor."""
    return {key: _escaped(value) if key != "exception" else value for key, value in event.items()}


def _escaped(value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
