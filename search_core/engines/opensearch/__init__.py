"""The OpenSearch engine: one document a passage on a server that several machines share.

index.py       OpenSearchIndex: what the rest of the product sees
address.py     where the servers are and how to log in
cluster.py     every request to them; the only file that knows the driver, with
failures.py    what goes wrong there, as errors of our family
names.py       the names of the indices
mapping.py     what the indices hold, and how a token is found exactly as given
rows.py        domain types to rows and back

head.py        one record says which commit counts: the whole of the engine's atomicity (read its docstring first)
commit.py      a commit, step by step, and what a killed writer left
bulk.py        sending rows
pace.py        how long to wait, and what to do again
lock.py        who may write, rebuild and purge
writer.py      the one writer, each call one commit
purge.py       purging from the sets beside the living one
erase.py       purging without a trace
sets.py        which sets of indices live, are kept or unfinished
rebuild.py     the next set, beside the living one
rollback.py    back to the one before

backups.py     backups: snapshots, and what is enclosed with them
snapshots.py   requests about those
recovery.py    a set of indices that comes from a backup, made the living one

queries.py     the few queries that everything is made of
filters.py     filters and scope as queries
statistics.py  how many passages hold a token
legs.py        one leg as a query, its reply as a result
search.py      all legs of a search
reads.py       everything else that is read, but
states.py      state records

condition.py   what `passerelle doctor` finds at the servers, with
certificate.py how the connections are protected and
rights.py      what this user may do
"""

from search_core.engines.opensearch.address import ServerAddress, split_hosts
from search_core.engines.opensearch.backups import OpenSearchBackups
from search_core.engines.opensearch.condition import examine_server
from search_core.engines.opensearch.index import OpenSearchIndex, open_opensearch_index

__all__ = [
    "OpenSearchBackups",
    "OpenSearchIndex",
    "ServerAddress",
    "examine_server",
    "open_opensearch_index",
    "split_hosts",
]
