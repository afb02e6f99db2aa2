"""The document that a request is about: its text, or what it names."""

from dataclasses import dataclass
from http import HTTPStatus

from resolvers.core.messages import Message
from server.documents import AutomaticDocuments, TrustedDocuments
from server.http.reading import Request
from server.http.refusals import HTTPCode, HTTPRefusal

# The words by which Apollo's clients know that they must send the text, or never try again without it.
UNKNOWN, UNSUPPORTED = Message("PersistedQueryNotFound"), Message("PersistedQueryNotSupported")


@dataclass(frozen=True)
class Choice:
    """Which documents a server answers.

    only_trusted: whether a text alone is refused. automatic: the documents that clients may register by sending them.
    """

    trusted: TrustedDocuments
    only_trusted: bool
    automatic: AutomaticDocuments | None

    async def text(self, request: Request) -> str:
        """The document's text. Raises HTTPRefusal and Unavailable."""
        if request.document_id is None and request.digest is None:
            assert request.query is not None
            if self.only_trusted:
                raise _required()
            return request.query
        text = await self.trusted.text(request.document_id or f"{request.digest}")
        if text is not None:
            if request.query not in (None, text):
                raise HTTPRefusal(
                    HTTPStatus.BAD_REQUEST,
                    Message("`query` is not the document that the id names. Send one of the two."),
                )
            return text
        if self.only_trusted:
            raise _required()
        if request.document_id is not None:
            raise HTTPRefusal(
                HTTPStatus.NOT_FOUND,
                Message("No document has this id. Add it with `zhanwang documents add`, or send its text."),
                HTTPCode.DOCUMENT_NOT_FOUND,
            )
        return self._persisted(f"{request.digest}", request.query)

    def _persisted(self, digest: str, text: str | None) -> str:
        if self.automatic is None:
            if text is None:
                # Apollo's clients look into an answer of 200 alone.
                raise HTTPRefusal(HTTPStatus.OK, UNSUPPORTED, HTTPCode.PERSISTED_QUERY_NOT_SUPPORTED)
            return text
        if text is None:
            kept = self.automatic.text(digest)
            if kept is None:
                raise HTTPRefusal(HTTPStatus.OK, UNKNOWN, HTTPCode.PERSISTED_QUERY_NOT_FOUND)
            return kept
        if not self.automatic.keep(digest, text):
            raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("The provided sha256Hash is not the query's."))
        return text


def _required() -> HTTPRefusal:
    return HTTPRefusal(
        HTTPStatus.FORBIDDEN,
        Message("This server answers trusted documents alone: send the `documentId` of one."),
        HTTPCode.DOCUMENT_REQUIRED,
    )
