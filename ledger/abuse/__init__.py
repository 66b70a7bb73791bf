"""Patterns of abuse, found in what tills sent, each told as a sentence that a person can check. Nobody is stopped by one."""
