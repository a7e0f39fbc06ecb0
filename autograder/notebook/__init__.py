"""Notebooks: the handout that students get, the solved one, and what they hand in."""
