"""The reports that people read: the verdict, the page and its pictures."""
