"""All settings, read once: in the command, in the ASGI module and by a Haystack store. All below takes plain values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from search_core.errors import SettingsError
from search_core.model import DEFAULT_ACCESS


class SecretFiles(SecretsSettingsSource):
    """Files named like settings (`passerelle_password`), as systemd credentials and container secrets are handed over.

    Raises `SettingsError` where the folder or a file in it cannot be read.
    """

    def __call__(self) -> dict[str, Any]:
        folder = self.current_state.get("secrets") or os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            return {}
        self.secrets_dir = folder
        try:
            next(Path(folder).iterdir(), None)  # pydantic would pass over a folder that is not there
            return super().__call__()
        except (OSError, SourceError) as error:
            cause = error.__cause__ or error
            reason = f"{cause.strerror} ({cause.filename})" if isinstance(cause, OSError) else "a file is no UTF-8 text"
            raise SettingsError(
                f"The folder of secrets {folder} cannot be used: {reason}.",
                remedy="Let PASSERELLE_SECRETS name a folder of text files that this user may read, or unset it.",
            ) from error


class Settings(BaseSettings):
    """Environment variables with the prefix `PASSERELLE_` (docs/settings.md lists them)."""

    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", frozen=True, extra="ignore")

    secrets: Path | None = Field(
        None, description="Folder of files named like settings, for passwords (default: $CREDENTIALS_DIRECTORY)."
    )
    data: Path = Field(Path(".passerelle"), description="Folder of the embedded index and other state.")
    engine: Literal["embedded", "opensearch"] = Field("embedded", description="Where passages are stored.")
    opensearch_hosts: str = Field(
        "", repr=False, description="Comma-separated URLs of the OpenSearch nodes."
    )  # not shown: somebody may have put a password there, which is refused
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
    cross_encoder: str = Field(
        "bundled",
        description="Cross-encoder of the bundled model: `bundled`, `none`, or a file of the same form.",
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic gives them by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes before files."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @property
    def reader_labels(self) -> frozenset[str]:
        return frozenset(label.strip() for label in self.reader_access.split(",") if label.strip())
