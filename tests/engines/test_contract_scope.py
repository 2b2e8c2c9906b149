"""What every engine promises of scope: what a reader may not see changes no hit and no count."""

from __future__ import annotations

import pytest

from search_core.engines.base import BrowseRequest, DenseLeg, Filters, LexicalLeg, Scope

EVERYTHING = Scope.everything()
PUBLIC = Scope.of(["public"])


@pytest.fixture
def archive(engine, make_document, put):
    """Public, secret and shared documents about the same thing."""
    put(
        engine,
        make_document("open", "tram issy", title="Ouvert", date="2014", values={"kind": ("study",)}),
        make_document("secret", "tram tram issy", date="2015", values={"kind": ("report",)}, access=("board",)),
        make_document("shared", "tram lune", date="2016", access=("board", "public")),
        make_document("nobody", "tram bus", access=()),
    )
    return engine


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (PUBLIC, {"open", "shared"}),
        (Scope.of(["board"]), {"secret", "shared"}),
        (Scope.of(["public", "board"]), {"open", "secret", "shared"}),
        (Scope.of(["stranger"]), set()),
        (Scope.of([]), set()),
        (Scope.of(["public' OR '1'='1"]), set()),
        (EVERYTHING, {"open", "secret", "shared", "nobody"}),
    ],
)
def test_every_read_obeys_the_scope(archive, make_vector, find, find_near, scope, expected):
    names = ["open", "secret", "shared", "nobody"]

    assert set(find(archive, "tram", scope=scope)) == expected
    assert set(find_near(archive, make_vector("q"), scope=scope)) == expected
    assert set(archive.documents(names, scope)) == expected
    assert set(archive.passages([f"{name}-0" for name in names], scope)) == {f"{name}-0" for name in expected}
    assert {sampled.passage.document_id for sampled in archive.sample("fr", 10, scope)} == expected
    assert {record.document_id for record in archive.records(None, scope)} == expected
    page = archive.browse(BrowseRequest(facet_fields=("language", "source")), scope)
    assert {document.document_id for document in page.documents} == expected
    assert page.total == len(expected)
    assert page.facets["language"] == ({"fr": len(expected)} if expected else {})
    assert page.facets["source"] == ({"notes": len(expected)} if expected else {})


def test_reply_holds_no_document_out_of_scope(archive, make_vector):
    legs = [LexicalLeg("words", "fr", ("tram",)), DenseLeg("near", "fr", make_vector("q"))]

    assert set(archive.search(legs, PUBLIC).documents) == {"open", "shared"}


def test_documents_out_of_scope_cannot_push_others_out_of_a_leg(engine, make_document, put, find, find_near):
    near = make_document("q", "tram").passages[0].vector
    secret = [make_document(f"a{n}", "tram", vectors=[near], access=("board",)) for n in range(30)]
    put(engine, *secret, make_document("open", "tram " + "mot " * 20 + "fin", vectors=[-near]))

    legs = [LexicalLeg("words", "fr", ("tram",), k=1), DenseLeg("near", "fr", near, k=1)]
    for result in engine.search(legs, PUBLIC).legs:
        assert [hit.document_id for hit in result.hits] == ["open"]
        assert not result.truncated


def test_exclusions_and_required_tokens_see_only_what_the_reader_sees(engine, make_document, put):
    put(engine, make_document("open", "tram"), make_document("secret", "tram lune", access=("board",)))

    def total(filters):
        return engine.browse(BrowseRequest(filters), PUBLIC).total

    assert total(Filters(excluded=(("lune",),))) == 1
    assert total(Filters(required=("lune",))) == 0


def test_metadata_values_cannot_grant_access(engine, make_document, put, find):
    put(engine, make_document("secret", "tram", access=("board",), values={"access": ("public",)}))

    assert find(engine, "tram", scope=PUBLIC) == []


def test_change_of_access_acts_with_the_next_search(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))
    assert find(engine, "tram", scope=PUBLIC) == ["d"]

    put(engine, make_document("d", "tram", access=("board",)))

    assert find(engine, "tram", scope=PUBLIC) == []
    assert engine.documents(["d"], PUBLIC) == {}
