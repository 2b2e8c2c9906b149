from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.sentences import sentence_spans

GOLDEN = [
    ("M. Zhang Tong est venu. Il a signé.", ["M. Zhang Tong est venu.", "Il a signé."]),
    ("MM. Dupont et Mme. Li arrivent. Fin.", ["MM. Dupont et Mme. Li arrivent.", "Fin."]),
    ("Voir l’art. 5 du traité, p. ex. en 2014.", ["Voir l’art. 5 du traité, p. ex. en 2014."]),
    ("Le n° 3 coûte 3.5 % de plus. Oui.", ["Le n° 3 coûte 3.5 % de plus.", "Oui."]),
    ("J.-P. Martin et A. Santini signent. Bien.", ["J.-P. Martin et A. Santini signent.", "Bien."]),
    ("« Vraiment ? » dit-il. « Oui. » Elle part.", ["« Vraiment ? » dit-il.", "« Oui. »", "Elle part."]),
    ("Ah ! dit-elle. Vite !", ["Ah ! dit-elle.", "Vite !"]),
    ("Il hésite… puis part… Rien.", ["Il hésite… puis part…", "Rien."]),
    ("Voir www.issy.com pour 3,5 millions. Suite.", ["Voir www.issy.com pour 3,5 millions.", "Suite."]),
    ("C’était en 2014. Il pleuvait.", ["C’était en 2014.", "Il pleuvait."]),
    ("1. Introduction\n2.1. Suite du texte. Fin.", ["1. Introduction", "2.1. Suite du texte.", "Fin."]),
    ("Une ligne\nqui continue. Autre.", ["Une ligne\nqui continue.", "Autre."]),
    ("Liste :\n- un\n- deux", ["Liste :", "- un", "- deux"]),
    ("a | b\nc | d", ["a | b", "c | d"]),
    ("Un paragraphe\n\nUn autre", ["Un paragraphe", "Un autre"]),
    ("乐山是一座城市。它有350万人！", ["乐山是一座城市。", "它有350万人！"]),
    ("“真的吗？”他问。是的；当然……走吧", ["“真的吗？”", "他问。", "是的；", "当然……", "走吧"]),
    ("（见附件。）会议结束。", ["（见附件。）", "会议结束。"]),
    ("IssyGrid.该项目很好.结束", ["IssyGrid.", "该项目很好.", "结束"]),
    ("约1.5公里，第3.2节。", ["约1.5公里，第3.2节。"]),
    (
        "Le maire (M. Santini) a dit « 智慧城市。» Puis rien.",
        ["Le maire (M. Santini) a dit « 智慧城市。»", "Puis rien."],
    ),
    ("", []),
    (" \n\t\n ", []),
]


@pytest.mark.parametrize(("text", "sentences"), GOLDEN)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet="aé Z1.。！？?!…；;»«”\n\t |-—（\u00a0乐山M", max_size=80))
def test_sentences_hold_everything_but_white_space_once_and_in_order(text: str) -> None:
    spans = sentence_spans(text)

    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
