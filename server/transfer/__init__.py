"""Tables as townships keep them: what the schema's connections export, and what is imported through its mutations."""
