"""The types that a store's metadata is declared to have, and what does not fit them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "datetime": (datetime,),
    "date": (date,),
    "list": (list,),
    "dict": (dict,),
}
"""An int is a float as well, as everywhere in Python; a bool is no int and a datetime no date."""

_NO_KIND_OF = {"int": bool, "float": bool, "date": datetime}


class MetadataSchema:
    """Names to types: one of `str`, `bool`, `int`, `float`, `datetime`, `date`, `list`, `dict`, or `list[...]` of one.

    None fits every type: the document has no such value. Undeclared names are free, unless the schema is `strict`.
    Raises ValueError for a type that there is not.
    """

    def __init__(self, declared: Mapping[str, str], *, strict: bool) -> None:
        for name, kind in declared.items():
            if _item(kind) not in _TYPES:
                known = ", ".join(_TYPES)
                raise ValueError(f"metadata_schema: {name!r} cannot be {kind!r}. Use {known}, or list[...] of one.")
        self._declared = dict(declared)
        self._strict = strict

    def check(self, meta: Mapping[str, Any], document_id: str) -> None:
        """Raise ValueError, naming the document and the field, for what was not declared so."""
        for name, value in meta.items():
            kind = self._declared.get(name)
            if kind is None:
                if self._strict:
                    raise ValueError(
                        f"Document {document_id}: meta[{name!r}] is not declared. "
                        "Add it to metadata_schema, or leave strict_metadata out."
                    )
            elif not _fits(value, kind):
                raise ValueError(
                    f"Document {document_id}: meta[{name!r}] is declared as {kind}, but is {_show(value)}. "
                    "Convert it, or change metadata_schema."
                )


def _item(kind: str) -> str:
    """The type of one value: `str` of `str` and of `list[str]`."""
    return kind[len("list[") : -1] if kind.startswith("list[") and kind.endswith("]") else kind


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return True
    item = _item(kind)
    if item != kind:
        return isinstance(value, list) and all(_is_a(each, item) for each in value)
    return _is_a(value, kind)


def _is_a(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not isinstance(value, _NO_KIND_OF.get(kind, ()))


def _show(value: Any) -> str:
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) <= 60 else f'{shown[:60]}…'}"
