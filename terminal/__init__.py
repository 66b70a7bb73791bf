"""The counter's face: the Textual app. The only room that imports textual.

`main.open_app` is where the command line enters. Screens show what `till.counter.Counter` says and hand on what people do;
no rule is decided here.
"""
