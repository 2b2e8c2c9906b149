"""ZIP archives read as folders: what lies in them under which path, and its bytes.

names.py    what an entry's name says, in whatever charset, as a path that stays inside
listing.py  the members of an archive and of the archives in it, within bounds
opened.py   looking into archives and reading their members, each opened once
"""

from search_core.archives.listing import ARCHIVE_MARKS, Contents, Member
from search_core.archives.opened import Archives

__all__ = ["ARCHIVE_MARKS", "Archives", "Contents", "Member"]
