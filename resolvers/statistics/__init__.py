"""What the statistics of each noun are of."""
