"""A policy as most people would model and show it: three tables, one view, one template."""
