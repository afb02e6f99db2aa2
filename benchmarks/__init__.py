"""Zhanwang against hand-written statements: requests per second and CPU per request."""
