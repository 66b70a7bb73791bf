"""The store's pages: what a supervisor or a manager sees of his store in a browser. HTML that prints; no script at all."""
