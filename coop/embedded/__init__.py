"""A PostgreSQL and a message queue in it, for machines that have neither. Production settings import nothing of this.

Nothing here imports Django: the scripts and the tests start clusters before there are settings.
"""
