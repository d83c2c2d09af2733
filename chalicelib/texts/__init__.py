"""Languages, dates in words, and the rendering of pages and mails from templates."""
