"""The embedded engine: one SQLite file (FTS5 over our tokens, WAL) and exact vector search with NumPy.

index.py     EmbeddedIndex: what the rest of the product sees
folder.py    the data folder: which file is the living index, which are kept or unfinished
lock.py      who may write, rebuild and purge
store.py     one SQLite file: connections, transactions, errors translated
schema.py    its tables, and how a token is written so that FTS5 finds it exactly
rows.py      domain types to rows and back

writer.py    the one writer, each call one transaction
change.py    what one commit does to the tables
erase.py     purging without a trace
rebuild.py   the next index file, beside the living one
rollback.py  back to the one before

backups.py   backups: a folder of files each, whose
backup_files.py   files are written and read with their checksums
recovery.py  an index file that comes from a backup, made the living one

memory.py    the passages of a commit in memory, caught up with what is new
legs.py      one leg of a search
bm25.py      tokens to scores of passages
ranking.py   scores of passages to the best documents
filters.py   filters and scope as SQL, and as masks over the passages in memory
cache.py     what is kept of earlier searches at the same commit
headers.py   documents without their text, kept in memory
reads.py     everything that is read but searches

condition.py what `passerelle doctor` finds in the folder
"""

from search_core.engines.embedded.backups import EmbeddedBackups
from search_core.engines.embedded.condition import examine_folder
from search_core.engines.embedded.index import EmbeddedIndex, open_embedded_index

__all__ = ["EmbeddedBackups", "EmbeddedIndex", "examine_folder", "open_embedded_index"]
