"""Who may see what: users, sessions, tokens, and limits on guessing."""
