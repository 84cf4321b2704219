"""Reports, which people read: the verdict, the page and its pictures."""
