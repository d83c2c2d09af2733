"""The service's own texts: languages, dates, and the templates that pages and mails are made of."""
