"""What a reader should know of an answer, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from search_api.legs import failed_legs
from search_api.pipeline import Answer
from search_api.query import ParsedQuery
from search_api.question import QueryTools
from search_api.schemas import MAX_QUERY_CHARS, Label, Notice, SearchRequest
from search_core.model import TitleLanguage

NOTHING_CLOSE = Notice(
    code="nothing_close",
    message=Label(
        fr="Rien de proche n’a été trouvé. Essayez d’autres mots, une question entière, ou moins de filtres.",
        zh="没有找到相近的内容。请换一种说法、输入完整的问题，或减少筛选条件。",
    ),
)

NOTHING_CLOSE_IN: Mapping[TitleLanguage, Notice] = {
    "fr": Notice(
        code="nothing_close_in_language",
        message=Label(
            fr="Rien de vraiment proche n’a été trouvé en français.", zh="法文文件中没有找到与问题真正相近的内容。"
        ),
    ),
    "zh": Notice(
        code="nothing_close_in_language",
        message=Label(
            fr="Rien de vraiment proche n’a été trouvé en chinois.", zh="中文文件中没有找到与问题真正相近的内容。"
        ),
    ),
}
"""In one of the two languages, beside something close in the other one."""

QUERY_TRUNCATED = Notice(
    code="query_truncated",
    message=Label(
        fr=f"Texte trop long : seuls les {MAX_QUERY_CHARS} premiers caractères ont été cherchés.",
        zh=f"文本过长：仅检索了前{MAX_QUERY_CHARS}个字符。",
    ),
)

LEG_UNAVAILABLE = Notice(
    code="leg_unavailable",
    message=Label(
        fr="Une partie de la recherche n’a pas répondu : ces résultats sont incomplets.",
        zh="部分检索未能响应，结果可能不完整。",
    ),
)

EMPTY_INDEX = Notice(
    code="empty_index",
    message=Label(
        fr="Aucun document ici. Indexez un dossier (« passerelle index DOSSIER ») ou retirez des filtres.",
        zh="这里没有文档。请先为文件夹建立索引（passerelle index 文件夹），或取消部分筛选条件。",
    ),
)

REINDEX_ADVISED = Notice(
    code="reindex_advised",
    message=Label(
        fr="Le glossaire a changé depuis l’indexation ; « passerelle reindex » en tiendra compte partout.",
        zh="建立索引后术语表已有更新；运行 passerelle reindex 可使其全面生效。",
    ),
)


def notice_query(parsed: ParsedQuery, tools: QueryTools) -> list[Notice]:
    """What concerns the question, whatever is found."""
    return [
        *([QUERY_TRUNCATED] if parsed.truncated else []),
        *([REINDEX_ADVISED] if tools.reindex_advised else []),
    ]


def notice_answer(answer: Answer, total: int) -> list[Notice]:
    """What concerns the documents found."""
    return [
        *([LEG_UNAVAILABLE] if _has_failed(answer) else []),
        *([] if total and any(answer.close.values()) else [NOTHING_CLOSE]),
    ]


def find_distant(request: SearchRequest, answer: Answer) -> TitleLanguage | None:
    """The one of the two languages in which nothing is close, beside something close in the other one.

    None where the request hides documents (filters, phrases, excluded words) or a part of the search failed: what is
    close may be what is missing. None where nothing at all was found in it by meaning: then it has no documents.
    """
    parsed = answer.question.parsed
    hides = (
        request.filters or request.lang != "both" or request.date_from or request.date_to or request.only is not None
    )
    if hides or parsed.phrases or parsed.excluded or _has_failed(answer):
        return None
    distant: list[TitleLanguage] = [language for language in NOTHING_CLOSE_IN if not answer.close.get(language, False)]
    if len(distant) != 1 or all(legs.best("dense", distant[0]) is None for legs in answer.legs):
        return None
    return distant[0]


def _has_failed(answer: Answer) -> bool:
    return answer.model_failed or bool(failed_legs(answer.reply))
