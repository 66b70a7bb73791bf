"""The counter's face: the Textual app. The only room that imports textual.

`main.open_app` is where the command line enters. Screens show what `till.counter.Counter` says and hand on what people do;
no rule is decided here.
"""

import os

# Textual waits so long (ms) whether an Esc is the head of another key's bytes; its 100 are felt at every Esc. A counter's
# keyboard is not at the end of a slow line; where it is, somebody sets ESCDELAY. Read once, when textual is imported.
os.environ.setdefault("ESCDELAY", "25")
