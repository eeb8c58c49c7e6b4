"""Withdrawal: a thing or a name taken out of the sources, of what is served and of the releases before."""
