"""The till's two SQLite files: the journal, which is the truth of this till, and the cache, which can be rebuilt."""
