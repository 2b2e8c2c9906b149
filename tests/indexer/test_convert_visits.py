"""One document in each language, which LibreOffice saved as DOCX, ODT and RTF: the same text comes out of all three."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.family import Family
from indexer.convert.office.docx import DOCX
from indexer.convert.opendocument.odt import ODT
from indexer.convert.registry import find_family
from indexer.convert.rtf.rtf import RTF

FILES = Path(__file__).parent / "files"

FRENCH = """1. Compte rendu de la visite à Leshan

La délégation d’Issy-les-Moulineaux a visité le centre de gestion urbaine le 23 octobre 2014.

Ouvert en septembre 2013, près de la mairie.

1.1 Déplacements

Le réseau de bus compte trente-deux lignes ; « l’été », la fréquence baisse.

À retenir : un capteur par carrefour.

[Zhang Tong] Chiffre à vérifier auprès de la régie.

Lieu | Sujet
Issy | Réseau électrique
Leshan | Tourisme

Année | Visiteurs
2013 | 41 000

Partager les données

Former les équipes

Prochaine réunion à l’hôtel de ville.

Ville d’Issy – coopération

Diffusion interne, page"""

CHINESE = """1. 乐山市代表团访法纪要

代表团考察了伊西莱穆利诺市的智能电网，并与市政府举行座谈。

该电网于2012年建成。

1.1 交通出行

全市共有公交线路三十二条，夏季班次减少。

要点：每个路口安装一个传感器。

[Zhang Tong] 数据需要核实。

地点 | 主题
伊西 | 智能电网
乐山 | 旅游管理

年份 | 游客
2013 | 四万一千

共享数据

培训人员

下次会议在市政厅举行。

乐山市外事办公室

内部资料 第"""


def put_comment_first(text: str) -> str:
    """The text box and the comment of one paragraph change places: DOCX keeps them in this order."""
    blocks = text.split("\n\n")
    blocks[5:7] = reversed(blocks[5:7])
    return "\n\n".join(blocks)


@pytest.mark.parametrize("family", [DOCX, ODT, RTF], ids=lambda family: family.name)
@pytest.mark.parametrize(
    ("language", "text", "declared"),
    [
        ("fr", FRENCH, "2014-10-31|Compte rendu de la visite à Leshan|Hélène Mercier|ville intelligente"),
        ("zh", CHINESE, "2014-10-31|乐山市代表团访法纪要|张彤|智慧城市"),
    ],
    ids=["fr", "zh"],
)
def test_text_is_in_order_with_what_hangs_on_each_paragraph(
    family: Family, language: str, text: str, declared: str
) -> None:
    data = (FILES / f"visit-{language}.{family.name}").read_bytes()
    converted = convert_bytes(data, family)
    values = converted.declared.values

    assert find_family(data, "note.bin") is family
    assert converted.text == (put_comment_first(text) if family is DOCX else text)
    assert [heading.level for heading in converted.headings] == [1, 2]
    assert "|".join(values[key] for key in ("date", "title", "author", "keywords")) == declared
