"""What answers from a release, and nothing else."""
