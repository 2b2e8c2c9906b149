"""What programs, scanners and telephones write into a file's title, author and date unasked, in both languages."""

from __future__ import annotations

import re

_NUMBER = r"[\s_\d().（）:-]*(?:\.\w{2,4})?"

_NAMELESS = (
    r"untitled|no title|sans titre|sans nom|(?:document )?sans titre|无标题|無標題|未命名|无题|未知",
    r"(?:nouveau |new |新建 ?)?(?:microsoft )?(?:office )?(?:word |excel |powerpoint[ -])?"
    r"(?:document|worksheet|presentation|présentation|feuille de calcul)"
    r"(?: (?:microsoft )?(?:office )?(?:word|excel|powerpoint|texte))?",
    r"(?:新建 ?)?(?:microsoft )?(?:office )?(?:wps ?)?(?:word|excel|powerpoint|docx?|xlsx?|pptx?|rtf|文本|文字)? ?"
    r"(?:文档|文檔|文件|文稿|工作表|工作簿|演示文稿|简报)",
    r"classeur|(?:work)?book|feuil|sheet|diapositive|diapo|slide|page|第 ?\d* ?页|幻灯片|投影片",
    r"(?:microsoft )?(?:word|excel|powerpoint)|wps ?(?:文字|演示|表格|office)",
    r"adobe photoshop pdf|full page photo|print|imprimer|impression|打印|fax|télécopie|传真|crystal reports.*",
    r"\[?(?:titre|title|标题|文档标题|subject|sujet|主题)(?: (?:du|of the) document)?\]?",
    r"\[?(?:tapez|cliquez|saisissez|modifiez|(?:click|type) (?:here )?(?:to|the)) .{0,40}",
    r"\[?(?:在此处)?(?:键入|单击|輸入).{0,20}",
    r"sommaire|table des mati[eè]res|contents|table of contents|目 *[录錄次]",
    r"about:blank|(?:https?|file):\S*|[a-z]:[\\/].*",
)
"""Whole titles, whatever number or ending follows."""

_CAPTURED = (
    r"(?:skm|skmbt|kmbt|sharp|mfp|xerox|ricoh|canon|brother|br[nw]|epson|hp|cc[fi]|scan\w*|numérisation|numerisation"
    r"|numérisé|img|image|dscn?|pict?|doc|pxl|mmexport|微信图片|图片|照片|影像|截图|屏幕截图)"
    r"[\s_-]*[a-z]?\d[\d\s_.()-]*(?:wa\d+)?",
    r"(?:scan\w*|camscanner|numérisation|numerisation|[扫掃]描(?:件|文档|文件|图像|仪|全能王)?)"
    r"[\s_-]*(?:document|image|by camscanner)?[\s\d_:.()-]*",
    r"\d[\d\s_.-]{5,}",
)
"""Names that scanners, copiers and telephones give to what they make."""

_FILE_NAME = (
    r".*\S\.(?:docx?|docm|dotx?|pdf|odt|odp|ods|rtf|txt|pptx?|ppsx?|xlsx?|xlsm|csv|indd|tex|dvi|qxd|wps|et|dps|ofd|html?"
    r"|tiff?|jpe?g|png|msg|eml|pub|vsd|eps|ps|ai|cdr|wpd|xlsb)"
)

_TITLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (*(f"(?:{nameless}){_NUMBER}" for nameless in _NAMELESS), *_CAPTURED, _FILE_NAME)
)

_AUTHORS = re.compile(
    r"(?:python-(?:docx|pptx)|openpyxl|apache poi|steve canny|xuser"
    r"|microsoft(?: office| corporation)?|windows|wps(?: office)?|kingsoft|libreoffice"
    r"|openoffice(?:\.org)?|adobe \S+|unknown|inconnu|anonym\w*|auteur|author|作者|未知|匿名"
    r"|(?:microsoft office |windows |default |local )?user"
    r"|utilisateur(?: (?:windows|microsoft office|de microsoft office))?"
    r"|(?:微软|微軟|windows ?|office|系统|本地|匿名|默认)?(?:用户|使用者|用戶)|系统管理员|管理员|系統管理員"
    r"|admin\w*|root|owner|propriétaire|guest|invité|test(?:eu?r)?|scanner|scan|xerox\S*|canon\S*|ricoh\S*|konica.*|hp"
    r"|lenovo\S*|dell|acer|asus|toshiba|thinkpad|联想|雨林木风|深度技术|番茄花园|萝卜家园|电脑|计算机|pc|my ?pc"
    r"|(?:desktop|laptop|pc|poste|win)-[a-z0-9]{2,}|\W*)[\d\s_-]*",
    re.IGNORECASE,
)
"""Names of programs, machines and accounts.

Steve Canny is in the template of python-pptx; 雨林木风 and 番茄花园 came with copies of Windows that many used.
"""

_UNSET_DATES = frozenset(
    ("1601-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1970-01-01", "1979-12-31", "1980-01-01",
     "2000-01-01")
)  # fmt: skip
"""Where the clocks of programs and machines begin."""


def is_unset_date(iso: str) -> bool:
    """Whether a date is what a file's properties hold where nobody set one."""
    return iso in _UNSET_DATES


def is_unasked_title(title: str) -> bool:
    """Whether a title, on one line, says nothing of its document."""
    return any(pattern.fullmatch(title) for pattern in _TITLES)


def is_unasked_author(author: str) -> bool:
    """Whether an author is none that a reader could ask."""
    return _AUTHORS.fullmatch(author) is not None
