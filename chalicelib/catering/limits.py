"""Limits of the size of a summary and of its mail."""

# With more registrations nobody reads plate codes in the body of a mail: an attachment has them.
CODES_AT_MOST = 300
# Plate codes that a tally and the attachments have at most: a mail has room for so many, and
# strangers need a quarter of an hour to register so many people.
COUNTED_CODES_AT_MOST = 50_000
# Three meals, and the ways to choose among them; with more it is a count of meals and people.
MEALS_NAMED_AT_MOST, ATTENDANCE_AT_MOST = 3, 7
# Characters of a mail's subject; lists of mails cut longer ones.
SUBJECT_AT_MOST = 120
# Characters of the event's title in a subject, or the whole title: it must say which event it is.
TITLE_AT_LEAST = 40
# Mail programs cut a mail off at about 100 KB, and base64 turns 3 bytes into 4.
MAIL_BYTES_AT_MOST = 68_000
# Plates listed in the body of a mail at most; fewer, if these are too large.
LISTED_AT_MOST = 1_000
# Plates in the attachments at most, and characters of both files, which make a mail of 9 MB. A row
# has its words, and in each file about so many others.
ATTACHED_AT_MOST = 25_000
ATTACHED_CHARACTERS_AT_MOST = 6_500_000
ROW_CHARACTERS = 60
