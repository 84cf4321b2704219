"""Floods: scenarios and traces, turned into streams of messages (who sends what when). Pure and seeded."""
