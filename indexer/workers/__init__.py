"""Files are converted in processes of their own, within limits: what one of them does costs that file and no other.

limits.py    how long and how large a conversion may get
program.py   what runs in such a process
process.py   one of these processes: started, asked, ended
worker.py    files to documents in such a process, which is replaced when a file breaks it
pool.py      several of them: a batch of files to documents, in order
alive.py     how a long conversion says that it goes on

Nothing is imported here: converters import `alive`.
"""
