"""The search: an index of names and texts that a build writes into its release, and how it is asked."""
