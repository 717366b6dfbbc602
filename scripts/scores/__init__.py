"""What scripts/plot_scores.py is made of: the table that it reads, the distribution and the contact sheet."""
