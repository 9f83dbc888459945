"""Whose is a recording that an account handed out?

Idea: the bench keeps a log of all that it ever played and heard on an account. A recording that
lies in the log is ours; one that lies nowhere in a whole log is a stranger's. Flows in: an export
archive as its maker delivered it, and the recordings of runs. Flows out: for each recording whose
it is and why, and never the sound of a stranger.
"""
