// A purpose: a category or a topic.
