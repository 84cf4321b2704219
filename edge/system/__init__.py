"""What the system gives a process: files, a clock, cores, a place in a folder, and lines that nobody has to wait for."""
