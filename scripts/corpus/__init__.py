"""The parts of scripts/corpus_check.py: readers of other programs, and the comparison with their pixels."""
