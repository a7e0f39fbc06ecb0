"""Where the student's code runs: the warm server, its supervisors, and the isolation layers."""
