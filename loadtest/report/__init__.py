"""What people read: the verdict, the report and its pictures."""
