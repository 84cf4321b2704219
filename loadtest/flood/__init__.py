"""Floods: scenarios and traces, turned into streams of messages that say who sends what when. Pure and seeded."""
