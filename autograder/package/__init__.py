"""What is handed out: the student package, and the part of the toolkit that travels in it."""
