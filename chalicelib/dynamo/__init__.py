"""DynamoDB: client, connection, writes, and the table of one event; nothing of Dukat's domain."""
