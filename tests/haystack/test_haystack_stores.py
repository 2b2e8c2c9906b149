"""How stores are made, stored, copied, shared and closed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from haystack import Document, Pipeline
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder
from haystack.core.errors import DeserializationError
from haystack.document_stores.errors import DocumentStoreError
from haystack.utils import Secret
from pydantic import SecretStr

from indexer.run import index_paths
from passerelle.haystack import PasserelleDocumentStore, PasserelleRetriever
from passerelle.workspace import Workspace
from search_core.engines.embedded import open_embedded_index
from search_core.errors import IndexLocked, IndexOutdated, SettingsError
from search_core.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def make_pipeline(store: PasserelleDocumentStore) -> Pipeline:
    pipeline = Pipeline()
    retriever = PasserelleRetriever(
        store,
        filters={"field": "meta.year", "operator": ">", "value": 2014},
        top_k=7,
        lang="zh",
        prefer="fr",
        passages_per_document=2,
        filter_policy="merge",
    )
    pipeline.add_component("retriever", retriever)
    return pipeline


def test_a_stored_pipeline_is_the_same_again(folder: str) -> None:
    store = PasserelleDocumentStore(
        folder,
        settings={
            "engine": "opensearch",
            "opensearch_hosts": "https://search.example:9200",
            "glossary": Path("own.tsv"),
        },
        opensearch_password=Secret.from_env_var("SEARCH_PASSWORD"),
        embedding_dim=8,
        text_embedder=MockTextEmbedder(dimension=8),
        document_embedder=MockDocumentEmbedder(dimension=8),
        metadata_schema={"type": "str", "year": "int", "topics": "list[str]"},
        strict_metadata=True,
    )
    pipeline = make_pipeline(store)
    assert store.settings["glossary"] == "own.tsv"

    loaded = Pipeline.loads(pipeline.dumps(), allowed_modules=["passerelle"])

    assert loaded.to_dict() == pipeline.to_dict()
    again = loaded.get_component("retriever").document_store
    assert isinstance(again, PasserelleDocumentStore)
    assert again.opensearch_password == Secret.from_env_var("SEARCH_PASSWORD")
    assert again.text_embedder.dimension == 8


def test_a_pipeline_of_strangers_is_not_loaded_unasked(folder: str) -> None:
    stored = make_pipeline(PasserelleDocumentStore(folder)).dumps()

    with pytest.raises(DeserializationError):
        Pipeline.loads(stored)


def test_no_secret_is_in_a_stored_pipeline(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_OPENSEARCH_PASSWORD", "zanzibarite")
    store = PasserelleDocumentStore(folder, settings={"opensearch_prefix": "notes"})

    assert "zanzibarite" not in make_pipeline(store).dumps()
    assert "zanzibarite" not in repr(store.__dict__)
    with pytest.raises(ValueError, match="token-based secret"):
        PasserelleDocumentStore(folder, opensearch_password=Secret.from_token("zanzibarite")).to_dict()


SECRETS = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]


@pytest.mark.parametrize(
    ("name", "value"),
    [*((name, "zanzibarite") for name in SECRETS), ("opensearch_hosts", "https://u:zanzibarite@host")],
)
def test_a_secret_among_the_settings_is_refused(folder: str, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} (is a secret|holds a user or a password)") as refused:
        PasserelleDocumentStore(folder, settings={name: value})
    assert "zanzibarite" not in str(refused.value)


def test_what_is_no_setting_is_refused_when_the_store_is_made(folder: str) -> None:
    with pytest.raises(SettingsError, match="no setting 'modle'"):
        PasserelleDocumentStore(folder, settings={"modle": "hash"})
    with pytest.raises(SettingsError, match="both embedders"):
        PasserelleDocumentStore(folder, text_embedder=MockTextEmbedder(), embedding_dim=768)
    with pytest.raises(SettingsError, match="both embedders"):
        PasserelleDocumentStore(folder, text_embedder=MockTextEmbedder(), document_embedder=MockDocumentEmbedder())


def test_a_wrong_value_of_a_setting_is_told_by_name(folder: str) -> None:
    store = PasserelleDocumentStore(folder, settings={"engine": "elsewhere"})

    with pytest.raises(SettingsError, match="The setting engine is wrong"):
        store.warm_up()


def test_a_dimension_that_the_model_has_not_is_told(folder: str) -> None:
    store = PasserelleDocumentStore(folder, settings={"model": "hash"}, embedding_dim=768)

    with pytest.raises(SettingsError, match="The model hash gives 64 numbers, but embedding_dim is 768"):
        store.warm_up()


def test_a_dimension_that_the_embedders_do_not_give_is_told(folder: str) -> None:
    store = PasserelleDocumentStore(
        folder, embedding_dim=9, text_embedder=MockTextEmbedder(), document_embedder=MockDocumentEmbedder()
    )

    with pytest.raises(Exception, match="vectors of 768 numbers, embedding_dim is 9"):
        store.write_documents([Document(content="a")])
    store.close()


def test_another_model_is_refused_by_an_index_that_was_made_with_one(folder: str) -> None:
    store = PasserelleDocumentStore(folder, settings={"model": "hash"})
    store.write_documents([Document(content="a")])
    store.close()
    other = PasserelleDocumentStore(
        folder, embedding_dim=64, text_embedder=MockTextEmbedder(dimension=64), document_embedder=MockDocumentEmbedder()
    )

    with pytest.raises(IndexOutdated, match="another embedding model"):
        other.write_documents([Document(content="b")])
    other.close()


@pytest.mark.parametrize("given", ["argument", "setting", "environment"])
def test_the_folder_is_an_argument_or_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PASSERELLE_MODEL", "hash")
    folder = tmp_path / "chosen"
    monkeypatch.setenv("PASSERELLE_DATA", str(folder if given == "environment" else tmp_path / "other"))
    made = {
        "argument": lambda: PasserelleDocumentStore(str(folder)),
        "setting": lambda: PasserelleDocumentStore(settings={"data": str(folder)}),
        "environment": PasserelleDocumentStore,
    }
    store = made[given]()
    store.write_documents([Document(content="a")])
    store.close()

    assert folder.is_dir()
    assert not (tmp_path / "other").exists()


def test_nothing_is_opened_before_it_is_needed_and_again_after_closing(folder: str) -> None:
    store = PasserelleDocumentStore(folder, settings={"model": "hash"})
    store.close()
    assert not Path(folder).exists()

    store.warm_up()
    assert Path(folder).exists()
    store.write_documents([Document(content="a")])
    store.close()
    assert store.count_documents() == 1
    store.close()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda store: pickle.loads(pickle.dumps(store))])
def test_a_copy_is_a_store_of_its_own_on_the_same_index(folder: str, duplicate: Callable[[Any], Any]) -> None:
    store = PasserelleDocumentStore(folder, settings={"model": "hash"})
    store.write_documents([Document(content="a")])

    copied = duplicate(store)
    store.close()

    assert copied.to_dict() == store.to_dict()
    assert copied.count_documents() == 1
    copied.write_documents([Document(content="b")])
    copied.close()


def test_threads_that_write_at_once_wait_for_each_other(store: PasserelleDocumentStore) -> None:
    with ThreadPoolExecutor(6) as threads:
        written = list(
            threads.map(lambda number: store.write_documents([Document(content=f"texte {number}")]), range(6))
        )

    assert written == [1] * 6
    assert store.count_documents() == 6


def test_another_writer_is_named(folder: str) -> None:
    store = PasserelleDocumentStore(folder, settings={"model": "hash"})
    index = open_embedded_index(Path(folder))

    with index.writer("indexing files"), pytest.raises(IndexLocked, match="indexing files"):
        store.write_documents([Document(content="a")])

    assert store.write_documents([Document(content="a")]) == 1
    index.close()
    store.close()


@pytest.fixture
def files(tmp_path: Path, make_store: Callable[..., PasserelleDocumentStore]) -> PasserelleDocumentStore:
    """A store on an index of two files."""
    store = make_store()
    known = tmp_path / "documents"
    known.mkdir()
    (known / "a.md").write_text(
        "---\nkind: study\nhaystack: of hay\ncity: [issy, leshan]\n---\n\nLe réseau électrique.", "utf-8"
    )
    (known / "b.txt").write_text("公共自行车单独统计。", "utf-8")
    workspace = Workspace(Settings(**{"model": "hash", **store.settings}))
    report = index_paths([known], **workspace.file_tools())
    assert report.ok
    workspace.close()
    return store


def test_the_files_of_an_index_are_documents(files: PasserelleDocumentStore) -> None:
    by_path = {document.meta["path"]: document for document in files.filter_documents()}

    assert by_path.keys() == {"a.md", "b.txt"}
    assert by_path["a.md"].content == "Le réseau électrique."
    assert by_path["a.md"].meta["kind"] == ["study"]
    assert by_path["a.md"].meta["haystack"] == "of hay"
    assert by_path["b.txt"].meta["language"] == "zh"
    assert by_path["b.txt"].id == by_path["b.txt"].meta["document_id"]


@pytest.mark.parametrize(
    ("field", "operator", "value", "found"),
    [
        ("meta.kind", "==", "study", {"a.md"}),
        ("meta.kind", "!=", "study", {"b.txt"}),
        ("meta.city", "in", ["leshan", "paris"], {"a.md"}),
        ("meta.city", "not in", ["leshan"], {"b.txt"}),
        ("meta.city", "==", None, {"b.txt"}),
        ("meta.language", "==", "zh", {"b.txt"}),
    ],
)
def test_one_of_several_values_of_a_file_satisfies_a_filter(
    files: PasserelleDocumentStore, field: str, operator: str, value: Any, found: set[str]
) -> None:
    chosen = {"field": field, "operator": operator, "value": value}

    assert {document.meta["path"] for document in files.filter_documents(chosen)} == found
    retrieved = PasserelleRetriever(files).run("réseau électrique 自行车", filters=chosen)["documents"]
    assert {document.meta["path"] for document in retrieved} == found


def test_an_index_of_files_is_read_only(files: PasserelleDocumentStore) -> None:
    everything = {"field": "id", "operator": "!=", "value": ""}
    for change in (
        lambda: files.write_documents([Document(content="a")]),
        lambda: files.delete_documents([files.filter_documents()[0].id]),
        lambda: files.delete_by_filter(everything),
        files.delete_all_documents,
        lambda: files.update_by_filter(everything, {"a": 1}),
        files.purge_deleted,
    ):
        with pytest.raises(DocumentStoreError, match="read-only"):
            change()

    assert files.count_documents() == 2
