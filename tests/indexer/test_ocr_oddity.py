from __future__ import annotations

import pytest

from indexer.ocr.oddity import has_language, measure_oddity

FRENCH = (
    "La ville d’Issy-les-Moulineaux a ouvert en 2016 une ligne de tramway T2 vers la gare ; les vélos et la 5G y sont "
    "admis, ce que les habitants du quartier attendaient depuis longtemps, avec un tarif unique pour tous."
)
CHINESE = "乐山市人民政府于2015年决定在高新区建设智慧城市示范项目，首期投资9,500万元，采用5G网络与CO2监测。"
GERMAN = (
    "Die Stadt hat im Jahr 2016 eine neue Linie eröffnet, und die Fahrräder dürfen mitfahren, was viele Bewohner seit "
    "langem verlangt hatten; der Preis ist für alle gleich und bleibt auch nachts unverändert gültig."
)


@pytest.mark.parametrize(
    "text", [FRENCH, CHINESE, GERMAN, FRENCH.upper(), "樂山市人民政府決定建設智慧城市示範項目", "12 345,6 %", ""]
)
def test_what_people_write_is_not_odd(text: str) -> None:
    assert measure_oddity(text) == 0


@pytest.mark.parametrize(
    ("text", "least"),
    [
        (CHINESE.encode("gb18030").decode("latin-1") + " " + " ".join(["ÖÐ¹ú"] * 30), 0.2),
        ("(cid:12)(cid:345)(cid:6)", 1),
        ("\ue001\ue002\ue003 \ufffd", 1),
        ("".join(chr(ord(letter) - 3) if letter.isalpha() else letter for letter in FRENCH), 0.2),
        ("20I5 年 Z0l5 年", 0.5),
        ("LJLW Xj EJT fl JUL Tp KZ tJ LL JJ lI fJ RX HHl wp " * 4, 0.9),
        ("犍镡鼋龢鞯骣蠼", 0.9),
    ],
)
def test_what_machines_misread_is_odd(text: str, least: float) -> None:
    assert measure_oddity(text) >= least


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (FRENCH, True),
        (CHINESE, True),
        ("Fiche 12", True),
        ("AE tere Tek Zana iho oso ema nipe Aue rie " * 4, False),
    ],
)
def test_a_language_is_known_by_its_small_words(text: str, known: bool) -> None:
    assert has_language(text) is known


def test_one_misread_word_weighs_as_much_as_it_is_long() -> None:
    assert measure_oddity("un co11ège") == 7 / 9
