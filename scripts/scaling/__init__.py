"""The parts of scripts/scaling.py: inputs and launch, then measure, then summary, plots and page."""
