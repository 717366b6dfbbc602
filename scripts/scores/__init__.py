"""The parts of scripts/plot_scores.py: the table that it reads, the distribution and the contact sheet."""
