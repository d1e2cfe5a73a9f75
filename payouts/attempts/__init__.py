"""Asking somebody outside to do what must not happen twice: one protocol for every purpose (`protocol.py`), one row for each thing asked.

What differs by purpose is an `Errand`: how to ask, how to look up, what a yes and a definite no do. The protocol knows no purpose.
"""
