"""Who sends what when: scenarios and traces, turned into streams of messages. Pure and seeded."""
