"""Programs that make files of this repository; nothing here runs in a worker."""
