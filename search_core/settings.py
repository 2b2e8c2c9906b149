"""All settings, read once: in the command, in the ASGI module and by a Haystack store. All below takes plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from search_core.model import DEFAULT_ACCESS


class Settings(BaseSettings):
    """Environment variables with the prefix `PASSERELLE_` (docs/settings.md lists them)."""

    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", frozen=True, extra="ignore")

    data: Path = Field(Path(".passerelle"), description="Folder of the embedded index and other state.")
    engine: Literal["embedded", "opensearch"] = Field("embedded", description="Where passages are stored.")
    opensearch_hosts: str = Field("", description="Comma-separated URLs of the OpenSearch nodes.")
    opensearch_user: str = Field("", description="OpenSearch user.")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch password.")
    opensearch_ca: Path | None = Field(None, description="Certificate authority of the OpenSearch nodes.")
    opensearch_prefix: str = Field("passerelle", description="How the names of this collection's indices begin.")
    opensearch_allow_plain: bool = Field(False, description="Allow http:// to OpenSearch nodes on other machines.")
    model: str = Field(
        "bundled",
        description="Embedding model: `bundled`, a sentence-transformers folder, or a name in the local hub cache.",
    )
    adapter: str = Field(
        "bundled",
        description="Bilingual adapter of the bundled model: `bundled`, `none`, or a file of the same form.",
    )
    model_cache: Path | None = Field(
        None, description="Where the unpacked bundled model is kept (default: the user's cache)."
    )
    query_prompt: str | None = Field(None, description="Prompt before queries, for models that do not declare one.")
    passage_prompt: str | None = Field(None, description="Prompt before passages, for models that do not declare one.")
    glossary: Path | None = Field(None, description="A glossary file of one's own, added to the one shipped.")
    workers: int = Field(0, ge=0, le=64, description="Processes that convert files. 0: one a core, 4 at most.")
    convert_timeout_s: int = Field(120, ge=1, description="Seconds without progress after which a file is given up.")
    convert_memory_mb: int = Field(2048, ge=512, description="Memory that converting a file may take, in MB.")
    ocr: Literal["auto", "off"] = Field(
        "auto", description="Recognise text in pictures: `auto` where Tesseract is installed, or `off`."
    )
    sync_removed_percent: int = Field(
        20, ge=0, le=100, description="Share of a source's documents that `sync` removes at once without --yes."
    )
    sync_removed_fewest: int = Field(3, ge=1, description="Fewer documents than this are removed whatever their share.")
    watch_poll_s: float = Field(0, ge=0, description="Seconds between two looks of `sync --watch`; 0: change events.")
    host: str = Field("127.0.0.1", description="Address to serve on. Beyond loopback a password must be set.")
    port: int = Field(8000, ge=0, le=65535, description="Port to serve on.")
    root_path: str = Field("", description="Path that a proxy offers the service below, such as /passerelle.")
    trusted_proxies: str = Field(
        "", description="Comma-separated addresses or networks of proxies whose X-Forwarded headers are believed."
    )
    password: SecretStr = Field(SecretStr(""), description="The shared password of the web page and the API.")
    session_key: SecretStr = Field(
        SecretStr(""), description="Signs session cookies; made once in the data folder when empty."
    )
    reader_access: str = Field(
        DEFAULT_ACCESS,
        description="Comma-separated access labels that readers hold, on the page, in the API and in `search`.",
    )
    page_images_mb: int = Field(
        256, ge=0, description="Room on disk for images of pages that were looked at, in MB. 0: none is kept."
    )
    log_queries: bool = Field(False, description="Write queries to the log (off: they are confidential).")

    translation_url: str = Field(
        "", description="Address of a LibreTranslate service; empty: nothing is translated, and no text leaves."
    )
    translation_api_key: SecretStr = Field(SecretStr(""), description="Key that the translation service asks for.")

    @property
    def reader_labels(self) -> frozenset[str]:
        return frozenset(label.strip() for label in self.reader_access.split(",") if label.strip())
