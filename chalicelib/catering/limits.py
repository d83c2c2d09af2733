"""Limits of the size of a summary and of its mail."""

# With more registrations nobody reads a list of plate codes, and the mail grows too large.
CODES_AT_MOST = 300
# Characters of a mail's subject; lists of mails cut longer ones.
SUBJECT_AT_MOST = 120
# Mail programs cut a mail off at about 100 KB, and base64 turns 3 bytes into 4.
MAIL_BYTES_AT_MOST = 68_000
# Lines per meal, tried in this order until the mail is small enough.
LINES_AT_MOST = (1000, 150, 70, 30, 10)
