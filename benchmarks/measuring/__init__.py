"""What benchmarks/grading.py measures with, one way of grading a file."""
