"""Finds for a name that others wrote the thing of the graph that it most likely means, and says how sure that is."""
