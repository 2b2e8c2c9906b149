"""French punctuation that stays on the line of its word."""

import pytest

from search_api.messages import load_messages
from search_api.reasons import load_reasons
from search_api.typography import set_french


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Sans : mot", "Sans\u00a0: mot"),
        ("« mot »", "«\u00a0mot\u00a0»"),
        ("« mot » : exactement", "«\u00a0mot\u00a0»\u00a0: exactement"),
        ("confiance {percent} %", "confiance {percent}\u00a0%"),
        ("lu ; le reste ?", "lu\u202f; le reste\u202f?"),
        ("{name} : {problem}.", "{name}\u00a0: {problem}."),
        ("de 10:30 à 12 h", "de 10:30 à 12 h"),
        ("un format lisible ici (.csv, .doc)", "un format lisible ici (.csv, .doc)"),
    ],
)
def test_spaces_beside_french_punctuation_do_not_break(written: str, printed: str) -> None:
    assert set_french(written) == printed
    assert set_french(printed) == printed


def test_texts_of_the_page_are_set_so() -> None:
    french = [texts["fr"] for texts in load_messages().values()]
    french += [known.translations["fr"] for known in load_reasons()]
    assert any("\u00a0:" in text for text in french)
    assert [text for text in french if set_french(text) != text] == []
