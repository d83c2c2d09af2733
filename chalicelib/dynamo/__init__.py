"""DynamoDB, without anything of Dukat's own: client, connection, writes, and one event's table."""
