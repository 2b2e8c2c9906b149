"""Fields that nobody declared, proposed by rules: what they are sure of, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from indexer.propose import MetadataProposer
from indexer.report import RunReport
from search_core.analysis.analyzer import Analyzer
from search_core.glossary import load_glossary
from search_core.model import Document, HeadingSpan, Metadata
from search_core.vocabulary import load_vocabulary

Propose = Callable[..., Document]


@pytest.fixture(scope="module")
def proposer() -> MetadataProposer:
    glossary = load_glossary()
    return MetadataProposer(glossary, Analyzer(glossary), load_vocabulary())


@pytest.fixture
def propose(proposer: MetadataProposer) -> Propose:
    def propose_for(title: str, text: str, values: Mapping[str, tuple[str, ...]] | None = None) -> Document:
        first = text.partition("\n")[0]
        metadata = Metadata(title=title, values=values or {})
        return proposer.propose(
            Document("1", "s", "a.txt", "fr", text=text, metadata=metadata, headings=(HeadingSpan(0, len(first), 1),))
        )

    return propose_for


@pytest.mark.parametrize(
    ("title", "text", "field", "values"),
    [
        ("Tourisme à Leshan : étude", "Texte.", "city", ("leshan",)),
        ("赴伊西莱穆利诺市教育考察报告", "正文。", "city", ("issy-les-moulineaux",)),
        ("Bilan", "Issy et Leshan. Issy 31 %, Leshan 24 %. Issy, Leshan.", "city", ("issy-les-moulineaux", "leshan")),
        ("Accueil de la délégation de Leshan", "Texte.", "city", None),
        ("Enquête", "Leshan a répondu. Leshan a écrit. Leshan viendra. Leshan paie.", "city", None),
        ("Bilan d’un an", "Groupe de travail « logement » · cahier n° 3\n\nTexte.", "working_group", ("housing",)),
        ("评估", "调研单位：交通工作组、城市管理工作组\n\n正文。", "working_group", ("transport", "city_management")),
        ("纪要", "一、关于城市规划\n\n甲。\n\n二、关于住房\n\n乙。", "working_group", ("urban_planning", "housing")),
        ("Programme", "- urbanisme : un\n- transports : deux", "working_group", ("urban_planning", "transport")),
        ("Un titre", "Il y est question d’une école, d’un logement et d’un bus.", "working_group", None),
        ("Compte rendu de la séance", "Texte.", "kind", ("minutes",)),
        ("两市合作会议纪要", "正文。", "kind", ("minutes",)),
        ("Le Fort", "Communiqué de presse\n\nTexte.", "kind", ("press",)),
        ("智能电网可行性研究", "正文。", "kind", ("study",)),
        ("Les objets par rapport aux marges", "Texte.", "kind", None),
        ("Note de délégation : mission à Leshan, 23-27 mars 2015", "Texte.", "delegation", ("leshan-2015-03",)),
        ("报告", "考察团于2014年12月8日至13日赴法国伊西莱穆利诺市。", "delegation", ("issy-2014-12",)),
        ("Étude", "Commandée après la rencontre de Leshan de mars 2016, cette étude commence.", "delegation", None),
        ("Conseil municipal du 15 décembre 2016", "Leshan.", "delegation", None),
        ("Visite d’un chantier à Leshan, 3 mars 2009", "Texte.", "delegation", None),
    ],
)  # fmt: skip
def test_rules_propose_what_is_certain(
    propose: Propose, title: str, text: str, field: str, values: tuple[str, ...] | None
) -> None:
    metadata = propose(title, text).metadata

    assert metadata.values.get(field) == values
    assert (field in metadata.proposed) == (values is not None)


def test_what_is_declared_is_not_proposed_and_neither_is_what_was_said_to_be_none(propose: Propose) -> None:
    declared = {"city": ("paris",), "kind": ()}
    metadata = propose("Compte rendu, Leshan", "Texte.", declared).metadata

    assert metadata.values == declared
    assert metadata.proposed == ()


def test_terms_of_one_group_that_fill_a_text_propose_it(propose: Propose) -> None:
    text = "L’école, les collèges, le lycée et l’université. La cantine scolaire. Les écoles maternelles et le lycée."

    assert propose("Rentrée", text).metadata.values["working_group"] == ("education",)


@pytest.mark.parametrize("text", ["", "\n" * 1000, "Leshan " * 100_000, "伊西" * 100_000, "groupe " * 50_000])
def test_odd_texts_are_no_trouble(propose: Propose, text: str) -> None:
    assert "delegation" not in propose("", text).metadata.values


def test_proposals_can_be_filtered_by_and_are_marked(
    folder: Path, run: Callable[..., RunReport], read_all: Callable[[], dict[str, Document]]
) -> None:
    (folder / "a.txt").write_text("Compte rendu\n\nIssy-les-Moulineaux, le 3 mars 2015\n\nTexte.", "utf-8")
    (folder / "b.txt").write_text("---\nkind: report\n---\nCompte rendu\n\nTexte.", "utf-8")
    run(folder)

    found = {path: document.metadata for path, document in read_all().items()}
    assert (found["a.txt"].values, found["a.txt"].proposed) == ({"kind": ("minutes",)}, ("date", "kind"))
    assert (found["b.txt"].values, found["b.txt"].proposed) == ({"kind": ("report",)}, ())
