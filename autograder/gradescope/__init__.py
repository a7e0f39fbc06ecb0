"""What runs on Gradescope: from a folder laid out as Gradescope does to `results/results.json`, whatever happens."""
