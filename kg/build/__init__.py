"""What makes a release from the text files of a project, and nothing else."""
