"""The command line, a file per noun. What a program reads goes to stdout, what tells a person how it goes to stderr."""
