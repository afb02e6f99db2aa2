"""Who asks, and the machinery around the answer: settings, database, accounts' identity, app, command line, demo."""
