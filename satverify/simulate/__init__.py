"""Simulated truth and what the satellites would have seen of it: for the demo, the tests and power analysis."""
