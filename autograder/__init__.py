"""Chainrule: auto-graded homework and exams for deep-learning courses."""

__version__ = "0.1.0"
