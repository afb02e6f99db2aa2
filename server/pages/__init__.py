"""Pages for people: where to go, GraphiQL, the schema's definition, and what is said where nothing is."""
