"""How much a summary and its mail hold."""

# Past this many plates a list of codes is no longer read by anybody, and a mail grows too large.
CODES_AT_MOST = 300
# Mail programs cut a mail off at some 100 KB, and base64 makes four bytes of three.
MAIL_BYTES_AT_MOST = 68_000
LINES_AT_MOST = (1000, 150, 70, 30, 10)
