"""The error family of Passerelle: every message says what happened, every error says what to do next.

    PasserelleError
    ├── SettingsError          a setting is wrong or missing
    ├── InvalidRequest         a query, parameter, cursor or argument cannot be used
    ├── NotFound               no such document, source or page
    ├── AccessDenied           a login is needed, or the password is wrong
    ├── ConversionError        one file cannot be read (news for the report, never the end of a run)
    ├── ModelError             the embedding model is missing, unknown or unusable
    ├── GlossaryError          a glossary file cannot be used at all
    ├── DocumentsRefused       the engine will never take some documents; the others are written
    ├── IndexUnavailable       the engine does not answer, or its folder cannot be used
    ├── IndexLocked            another process is writing
    ├── IndexOutdated          the index was made by another schema, analysis or model
    └── TranslationUnavailable no machine translation: none is set up, or the service did not give one

Driver exceptions are translated where the driver is called, with the driver's exception as `__cause__`.
They are rendered in one place each: `search_api.problems` for HTTP, `passerelle.cli` for the command line.
"""

from collections.abc import Mapping


class PasserelleError(Exception):
    """Base of the family.

    `message` says what happened and names the thing concerned; `remedy` is one sentence with the next step
    (a command, a setting, a package). `code` is stable and machine-readable.
    """

    code = "error"

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(PasserelleError):
    """A setting is wrong, contradictory or missing."""

    code = "settings"


class InvalidRequest(PasserelleError):
    """A query, parameter, cursor or argument cannot be used; `parameter` names it where one is to blame."""

    code = "invalid_request"

    def __init__(self, message: str, *, remedy: str, parameter: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.parameter = parameter


class NotFound(PasserelleError):
    """The thing asked for does not exist, or the reader may not know that it does."""

    code = "not_found"


class AccessDenied(PasserelleError):
    """A login is needed, or the one given is wrong."""

    code = "access_denied"


class ConversionError(PasserelleError):
    """One file cannot be turned into text."""

    code = "conversion"


class ModelError(PasserelleError):
    """The embedding model is missing, unknown or unusable."""

    code = "model"


class GlossaryError(PasserelleError):
    """A glossary file cannot be used at all (a single malformed line is only reported)."""

    code = "glossary"


class DocumentsRefused(PasserelleError):
    """The engine will never take some documents; the others were written. `reasons` are by id."""

    code = "documents_refused"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        document_id, reason = next(iter(reasons.items()))
        super().__init__(
            f"The engine does not take {len(reasons)} of the documents: {document_id}, because {reason}.",
            remedy="Mend what the reason names, or leave the document out.",
        )
        self.reasons = dict(reasons)


class IndexUnavailable(PasserelleError):
    """The engine does not answer, or the folder of the index cannot be used."""

    code = "index_unavailable"


class IndexLocked(PasserelleError):
    """Another process is writing to the index; the message says who."""

    code = "index_locked"


class IndexOutdated(PasserelleError):
    """The index was made by another schema, analysis version or model identity; the remedy names the command."""

    code = "index_outdated"


class TranslationUnavailable(PasserelleError):
    """No machine translation can be had: no service is set up, or it did not give one."""

    code = "translation_unavailable"
