"""The deletion of personal data, the counts that stay, and the certificate."""
