"""Every link the page contains: relative to the host, below the path the service is mounted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.types import Scope

from search_api.schemas import SearchRequest

Pairs = list[tuple[str, str]]


def root_of(scope: Scope) -> str:
    """The path the service is mounted on, without a slash at its end."""
    return str(scope.get("app_root_path", scope.get("root_path", ""))).rstrip("/")


def path_below_root(scope: Scope) -> str:
    """The path of a request as the routes know it; servers may or may not repeat the root in front of it."""
    root, path = root_of(scope), str(scope["path"])
    return path[len(root) :] if root and path.startswith(root + "/") else path


def is_local_path(target: str) -> bool:
    """True for a path on this host: what a browser could read as another host or scheme is not one."""
    return (
        target.startswith("/")
        and not target.startswith("//")
        and all(character.isprintable() and character not in " \\" for character in target)
    )


def request_pairs(request: SearchRequest) -> Pairs:
    """The query parameters of a request, without what is at its default; `read_request` reads them back."""
    single = request.model_dump(exclude_defaults=True, exclude={"filters"})
    pairs = [(name, str(value)) for name, value in single.items() if value is not None]
    return pairs + [(name, value) for name, values in request.filters.items() for value in values]


@dataclass(frozen=True)
class Links:
    """Addresses for one page; `root` as `root_of` gives it."""

    root: str

    @classmethod
    def of(cls, request: Request) -> Links:
        return cls(root_of(request.scope))

    def search(self, asked: SearchRequest | None = None) -> str:
        return self._at("/", request_pairs(asked) if asked else [])

    def changed(self, asked: SearchRequest, **changes: Any) -> str:
        """The same question with some of it changed, from its first page."""
        return self.search(asked.model_copy(update={"cursor": None, **changes}))

    def toggled(self, asked: SearchRequest, field: str, value: str) -> str:
        """The same question with one value of a filter added, or taken away where it was set."""
        return self.changed(asked, filters=_toggled(asked.filters, field, value))

    def page(self, asked: SearchRequest, cursor: str) -> str:
        return self.search(asked.model_copy(update={"cursor": cursor}))

    def unfiltered(self, asked: SearchRequest) -> str:
        return self.changed(asked, filters={}, date_from=None, date_to=None)

    def document(self, document_id: str, passage_id: str = "", q: str = "") -> str:
        """The page of a document, at one of its passages and with the words of a question marked."""
        pairs = [(name, value) for name, value in (("passage", passage_id), ("q", q)) if value]
        return self._at(f"/documents/{quote(document_id, safe='')}", pairs) + ("#passage" if passage_id else "")

    def document_part(self, document_id: str, part: int, kept: Pairs, anchor: str) -> str:
        """One part of a document, at one of its places; `kept` is what else was asked of its page."""
        return self._at(f"/documents/{quote(document_id, safe='')}", [*kept, ("part", str(part))]) + f"#{anchor}"

    def page_image(self, document_id: str, number: int, passage_id: str = "", size: str = "") -> str:
        """A page as an image; a passage that stands on it is marked."""
        pairs = [(name, value) for name, value in (("passage", passage_id), ("size", size)) if value]
        return self._at(f"/documents/{quote(document_id, safe='')}/pages/{number}.png", pairs)

    def translated(self, asked: SearchRequest, passage_id: str) -> str:
        """The same page of answers with one of its passages translated."""
        return self._at("/", [*request_pairs(asked), ("translate", passage_id)]) + "#translation"

    def translated_passage(self, document_id: str, passage_id: str, q: str = "") -> str:
        """The page of a document with one of its passages translated."""
        pairs = [(name, value) for name, value in (("passage", passage_id), ("q", q)) if value]
        address = f"/documents/{quote(document_id, safe='')}"
        return self._at(address, [*pairs, ("translate", passage_id)]) + "#translation"

    def original(self, document_id: str) -> str:
        return self._at(f"/documents/{quote(document_id, safe='')}/original")

    def report(self, status: str = "", page: int = 1) -> str:
        """What became of the files, those of one status or all."""
        pairs = [("status", status)] if status else []
        return self._at("/report", [*pairs, *([("page", str(page))] if page > 1 else [])])

    def static(self, name: str) -> str:
        return self._at(f"/static/{name}")

    def login(self, target: str = "") -> str:
        return self._at("/login", [("next", target)] if target else [])

    def logout(self) -> str:
        return self._at("/logout")

    def here(self, request: Request, **changes: str) -> str:
        """The address being answered, with some query parameters changed."""
        kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
        path = "/" + path_below_root(request.scope).lstrip("/")
        return self._at(quote(path), [*kept, *changes.items()])

    def _at(self, path: str, pairs: Pairs | None = None) -> str:
        query = f"?{urlencode(pairs)}" if pairs else ""
        return f"{self.root}{path}{query}"


def _toggled(filters: Mapping[str, tuple[str, ...]], field: str, value: str) -> dict[str, tuple[str, ...]]:
    present = filters.get(field, ())
    kept = tuple(other for other in present if other != value) if value in present else (*present, value)
    return {name: values for name, values in {**filters, field: kept}.items() if values}
