"""Which web pages may open a connection: their own server's, and those that the settings allow."""

from server.http.headers import header_text


def welcome(headers: dict[bytes, bytes], allowed: frozenset[str]) -> bool:
    """Whether the page behind a request may open a WebSocket. Who is no browser sends no Origin."""
    origin = header_text(headers.get(b"origin"))
    if not origin or origin in allowed or "*" in allowed:
        return True
    return origin.partition("://")[2] == header_text(headers.get(b"host"))
