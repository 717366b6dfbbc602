"""What scripts/scaling.py is made of: inputs and launch, then measure, then summary, plots and page."""
