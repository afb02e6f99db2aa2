"""What the server tells whoever operates it: logs, metrics, traces, and who still uses what is deprecated."""
