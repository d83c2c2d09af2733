"""What the table keeps, by domain: reads of a Table, and writes of it as values."""
