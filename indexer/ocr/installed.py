"""What of Tesseract is installed, and whether it may be used."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache

LANGUAGES = ("fra", "chi_sim", "chi_tra")
"""Names of Tesseract's data: French, Simplified and Traditional Chinese."""

INSTALL_COMMAND = "apt install tesseract-ocr tesseract-ocr-fra tesseract-ocr-chi-sim tesseract-ocr-chi-tra"

_is_allowed = True


@dataclass(frozen=True)
class Tesseract:
    """`languages` are those of `LANGUAGES` that it has data for; `finds_rotation`: it can tell how a page lies."""

    version: str
    languages: tuple[str, ...]
    finds_rotation: bool

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in LANGUAGES if name not in self.languages)


def allow_ocr(allowed: bool) -> None:
    """Whether this process recognises pictures (the setting `ocr`; it does unless told otherwise)."""
    global _is_allowed  # noqa: PLW0603 - one setting a process
    _is_allowed = allowed


def find_tesseract() -> Tesseract | None:
    """The one on the path; None where there is none, where it has data of no language of ours, or may not be used."""
    program = shutil.which("tesseract") if _is_allowed else None
    return _examine(program) if program else None


def name_ocr() -> str:
    """What recognising depends on, for fingerprints: with another one, what was not read whole is read anew."""
    found = find_tesseract()
    return f"tesseract-{found.version}-{'-'.join(found.languages)}" if found else ""


def explain_missing() -> str:
    """Why pictures are not recognised (or not all of them), and what to do; a sentence that ends a reason."""
    if not _is_allowed:
        return "OCR is needed, and PASSERELLE_OCR is off."
    found = find_tesseract()
    if found is None:
        return f"OCR is needed: {INSTALL_COMMAND}"
    return f"OCR needs Tesseract's data for {', '.join(found.missing)}: {INSTALL_COMMAND}"


@cache
def _examine(program: str) -> Tesseract | None:  # noqa: ARG001 - another program on the path is examined anew
    import subprocess

    import pytesseract

    try:
        version = str(pytesseract.get_tesseract_version())
        known = pytesseract.get_languages()
    # It ends the process over a version that it cannot read.
    except (pytesseract.TesseractNotFoundError, subprocess.SubprocessError, SystemExit):
        return None
    languages = tuple(name for name in LANGUAGES if name in known)
    return Tesseract(version, languages, finds_rotation="osd" in known) if languages else None
