"""HTTP: from a request to operations, and from their results to a response."""
