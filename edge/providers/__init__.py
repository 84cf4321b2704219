"""The providers, by the name that the static file uses. A new one is a file here, a line below, a folder of samples."""
