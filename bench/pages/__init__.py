"""From results to pages: tables, pictures, what was promised, and a line for each release. Nothing here measures anything."""
