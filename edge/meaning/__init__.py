"""What follows from a static file, in words and in figures. Nothing is opened."""
