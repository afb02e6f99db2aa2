"""The file of a request: its body, or the one file of a form. Kept in memory, for personal data are in it."""

from collections.abc import AsyncGenerator
from http import HTTPStatus

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from server.http.headers import header_text
from server.http.refusals import HTTPRefusal
from server.transfer.calls import Broken, Call
from server.transfer.writing import XLSX_TYPE

FORM = "multipart/form-data"
# What browsers and scripts call CSV and XLSX; Windows calls both Excel's.
TYPES = {"text/csv", "application/csv", XLSX_TYPE, "application/vnd.ms-excel", "application/octet-stream"}


async def uploaded(call: Call, limit: int) -> bytes:
    """The file. Raises HTTPRefusal, and Broken if the client goes away before its end."""
    headers = call.headers
    media_type = header_text(headers.get(b"content-type")).partition(";")[0].strip().lower()
    if media_type != FORM and media_type not in TYPES:
        raise HTTPRefusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            Message(
                "Send the file as the body, with Content-Type text/csv or {xlsx}, or in a form as {form}.",
                xlsx=XLSX_TYPE,
                form=FORM,
            ),
            Code.UNSUPPORTED_MEDIA_TYPE,
        )
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    parts = _parts(call, limit)
    if media_type == FORM:
        return await _from_form(call, parts, limit)
    return b"".join([part async for part in parts])


async def _parts(call: Call, limit: int) -> AsyncGenerator[bytes, None]:
    received, more = 0, True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise Broken
        part: bytes = message.get("body", b"")
        received += len(part)
        if received > limit:
            raise _too_large(limit)
        yield part
        more = message.get("more_body", False)


async def _from_form(call: Call, parts: AsyncGenerator[bytes, None], limit: int) -> bytes:
    parser = MultiPartParser(Headers(scope=call.scope), parts, max_files=1, max_fields=10)
    parser.spool_max_size = limit + 1
    try:
        form = await parser.parse()
    except MultiPartException:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("The form must have one file, and cannot be read.")) from None
    try:
        file = next((value for _, value in form.multi_items() if isinstance(value, UploadFile)), None)
        if file is None:
            raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("The form has no file."))
        return await file.read()
    finally:
        await form.close()


def _too_large(limit: int) -> HTTPRefusal:
    return HTTPRefusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message("A file may have {most} bytes at the most; split the table.", most=limit),
        Code.TOO_LARGE,
    )
