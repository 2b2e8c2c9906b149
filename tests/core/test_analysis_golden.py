"""What texts become, side by side: the text, its segments as they stand in it, its tokens."""

from __future__ import annotations

import pytest

from search_core.analysis.analyzer import Analyzer, Token

# fmt: off
ROWS = [
    # Accents, case, ligatures, decomposed text and soft hyphens make no difference.
    ("électricité", "électricité", "electricite electricit"),
    ("electricite", "electricite", "electricite electricit"),
    ("ÉLECTRICITÉ", "ÉLECTRICITÉ", "electricite electricit"),
    ("un velo electrique", "velo | electrique", "velo electrique electr"),
    ("les vélos électriques", "vélos | électriques", "velos velo electriques electr"),
    ("cœur de ville", "cœur | ville", "coeur ville vill"),
    ("œuvre", "œuvre", "oeuvre oeuvr"),
    ("e\u0301cole", "e\u0301cole", "ecole ecol"),
    ("coopéra\u00adtion", "coopéra\u00adtion", "cooperation cooper"),
    # Both apostrophes; elided articles say nothing, a letter that is a name does.
    ("l’énergie", "énergie", "energie energ"),
    ("l'energie", "energie", "energie energ"),
    ("d’Issy", "Issy", "issy"),
    ("jusqu’à Leshan", "Leshan", "leshan"),
    ("aujourd’hui", "", ""),
    ("presqu’île", "presqu’île", "presquile presquil presqu presc ile"),
    ("bâtiment L", "bâtiment | L", "batiment bat l"),
    # Stop words are decided as written: sur is one, sûr is not; été is a season, car a coach, AI a subject.
    ("il est sûr", "sûr", "sur"),
    ("sur la ville", "ville", "ville vill"),
    ("activités d’été", "activités | été", "activites activit ete"),
    ("où et à", "", ""),
    ("un car scolaire", "car | scolaire", "car scolaire scolair"),
    ("l’AI", "AI", "ai"),
    ("parc A, à Issy", "parc | A | Issy", "parc a issy"),
    # Stems: accents are folded first, and what Snowball keeps apart is brought together.
    ("revenus élus", "revenus | élus", "revenus revenu elus elu"),
    ("la place publique", "place | publique", "place plac publique public"),
    ("voie privée", "voie | privée", "voie voi privee prif"),
    ("voie prive", "voie | prive", "voie voi prive prif"),
    ("ligne active", "ligne | active", "ligne lign active actif"),
    ("lieux", "lieux", "lieux lieu"),
    ("lieu", "lieu", "lieu"),
    # Protected names are not stemmed: Saintes is no saint, Paris no bet.
    ("la ville de Saintes", "ville | Saintes", "ville vill saintes"),
    ("les saintes", "saintes", "saintes"),
    ("saint Martin", "saint | Martin", "saint martin"),
    ("Issy-les-Moulineaux", "Issy | Moulineaux", "issy moulineaux"),
    ("le fort d’Issy", "fort | Issy", "fort issy"),
    ("Paris", "Paris", "paris"),
    ("un pari", "pari", "pari"),
    # Compounds are found with and without their hyphen, unless it is grammar.
    ("éco-quartier", "éco-quartier", "ecoquartier ecoquarti eco quartier quarti"),
    ("écoquartiers", "écoquartiers", "ecoquartiers ecoquarti"),
    ("Wi-Fi", "Wi-Fi", "wifi wif wi fi"),
    ("est-ce que", "", ""),
    ("c’est-à-dire", "dire", "dire dir"),
    ("public/privé", "public | privé", "public prive prif"),
    ("S.I.G.", "S.I.G", "sig"),
    ("plan local d’urbanisme (PLU)", "plan | local | urbanisme | PLU", "plan local urbanisme urban plu"),
    # Codes, numbers and addresses are found as typed and by their parts.
    ("DCM-2014/117", "DCM-2014/117", "dcm-2014/117 dcm 2014 117"),
    ("n° 2014-10-31", "n | 2014-10-31", "n 2014-10-31 2014 10 31"),
    ("31/10/2014", "31/10/2014", "31/10/2014 31 10 2014"),
    ("3,5 %", "3,5", "3.5"),
    ("3.5%", "3.5%", "3.5% 3.5"),
    ("C++ et C#", "C++ | C#", "c++ c c# c"),
    ("C++17", "C++17", "c++17 c 17"),
    ("R&D", "R&D", "r&d r d"),
    ("PM2.5", "PM2.5", "pm2.5 pm2 5"),
    ("CO₂", "CO₂", "co2"),
    ("m²", "m²", "m2"),
    ("5G", "5G", "5g"),
    ("x.li@ville-issy.fr", "x.li@ville-issy.fr", "x.li@ville-issy.fr x li ville vill issy fr"),
    ("www.issy.com/smart-city", "www.issy.com/smart-city", "www.issy.com/smart-city www issy com smart city"),
    # Chinese words with the dictionary's words inside; glossary terms stay whole.
    ("智慧城市", "智慧城市", "智慧城市 智慧 城市"),
    ("智慧城市建設", "智慧城市 | 建設", "智慧城市 智慧 城市 建设"),
    ("中国农业发展银行", "中国 | 农业发展银行", "中国 农业发展银行 农业 发展 银行"),
    ("乐山市人民政府", "乐山市 | 人民政府", "乐山市 乐山 人民政府 人民 民政 政府"),
    ("樂山大佛", "樂山大佛", "乐山大佛 乐山 山大 大佛"),
    ("伊西莱穆利诺市", "伊西莱穆利诺市", "伊西莱穆利诺市 伊西 伊西莱 伊西莱穆利诺 穆利诺"),
    ("中国家庭", "中国 | 家庭", "中国 家庭"),
    ("可再生能源", "可再生能源", "可再生能源 可再生 再生 再生能源 能源"),
    ("第十三个五年规划", "第十三个 | 五年规划", "第十三个 第十 第十三 十三 十三个 三个 五年规划 五年 规划"),
    ("乾隆皇帝", "乾隆皇帝", "干隆皇帝 干隆 皇帝"),
    ("智慧城\n市建设", "智慧城\n市 | 建设", "智慧城市 智慧 城市 建设"),
    ("智慧\u3000城市", "智慧 | 城市", "智慧 城市"),
    ("“智慧城市”：报告", "智慧城市 | 报告", "智慧城市 智慧 城市 报告"),
    # Scripts mix freely: each run is analysed by its own.
    ("5G智慧城市", "5G | 智慧城市", "5g 智慧城市 智慧 城市"),
    ("在vélo道上", "在 | vélo | 道 | 上", "在 velo 道 上"),
    ("乐山IssyGrid项目", "乐山 | IssyGrid | 项目", "乐山 issygrid 项目"),
    ("Ｉｓｓｙ智慧城市", "Ｉｓｓｙ | 智慧城市", "issy 智慧城市 智慧 城市"),
    ("AI技术", "AI | 技术", "ai 技术"),
    ("A区", "A | 区", "a 区"),
    ("2014年10月31日", "2014 | 年 | 10 | 月 | 31 | 日", "2014 年 10 月 31 日"),
    ("增长３．５％", "增长 | ３．５％", "增长 3.5% 3.5"),
    ("Leshan (乐山)", "Leshan | 乐山", "leshan 乐山"),
    ("le 乐山 projet", "乐山 | projet", "乐山 projet"),
    ("PPP模式", "PPP | 模式", "ppp 模式"),
    ("东京タワー", "东京 | タワー", "东京 タワー"),
    ("Москва", "Москва", "москва"),
    ("서울 시", "서울 | 시", "서울 시"),
]
# fmt: on


@pytest.mark.parametrize(("text", "segments", "tokens"), ROWS)
def test_analyze_golden(analyzer: Analyzer, text: str, segments: str, tokens: str) -> None:
    found = analyzer.analyze(text)
    assert list_segments(text, found) == segments, "the segments differ"
    assert " ".join(token.text for token in found) == tokens, "the tokens differ"


def list_segments(text: str, tokens: list[Token]) -> str:
    """The widest spans of tokens, as they stand in the text."""
    spans = dict.fromkeys((token.start, token.end) for token in tokens)
    widest = [span for span in spans if not any(_is_inside(span, other) for other in spans)]
    return " | ".join(text[start:end] for start, end in widest)


def _is_inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]
