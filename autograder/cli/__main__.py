"""`python -m autograder.cli` is `chainrule`."""

from autograder.cli import main

main(prog_name="chainrule")
