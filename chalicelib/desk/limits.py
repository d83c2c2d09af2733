"""Limits of the desk: how much a page shows, and how long typed texts may be."""

from datetime import timedelta

REGISTRATIONS_ON_A_PAGE = 50
DUPLICATES_ON_A_PAGE = 20
# Registrations shown of one group of likely duplicates.
SHOWN_SIDE_BY_SIDE = 6
# The overview looks for duplicates among so many registrations; their own page, among all.
COMPARED_AT_MOST = 5_000
DAYS_SHOWN = 14
PLATES_ON_A_PAGE = 300
# Of more groups of a tally, two summaries would take longer than a function may.
GROUPS_SUMMARISED_AT_MOST = 10_000
# Longer tables of the kitchen's list are printed in two columns.
ROWS_IN_ONE_COLUMN = 10
LABELS_ON_A_SHEET = 21
LABELS_ON_A_PAGE = 10 * LABELS_ON_A_SHEET
# The most characters of a label's text for each size, a class in the style sheet; longer texts get
# the smallest size. Texts of that length fit in a wide font, with a name and a severe allergy.
LABEL_TEXT_AT_MOST = {"pt14": 50, "pt11": 100, "pt9": 150, "pt8": 190, "pt7": 265, "pt6": 350}
SMALLEST_LABEL_TEXT = "smallest"
CODES_ON_A_PAGE = 500
# A larger list is sent as several files. Lambda's answer may have 6 MB, as JSON, where a character
# takes up to 12 bytes. A workbook becomes base64, a third larger, but is compressed.
ROWS_IN_A_FILE = 10_000
BYTES_IN_A_FILE = 5_000_000
# All of them are written in one transaction, together with the audit entries.
NOTES_ON_A_PAGE = 90
AUDIT_ENTRIES_ON_A_PAGE = 50
# The audit log's page folds longer lists of codes away.
CODES_IN_A_LINE = 10
# Registrations shown of those that a bulk removal is about.
SHOWN_OF_MANY = 20
# Writes of a bulk removal in one transaction, which may have 100: beside two audit entries and the
# event state.
WRITES_AT_ONCE = 97
REASON_AT_MOST = 200
NOTICE_AT_MOST = 300
# Of a row of the programme: characters in a line, and lines of speakers.
LINE_AT_MOST, LINES_AT_MOST = 150, 20
# Of all changes of a programme, in characters: an item of the table has at most 400 KB.
CHANGES_AT_MOST = 50_000
# How long after the event a notice may be shown.
NOTICE_LASTS = timedelta(days=31)
SEARCH_AT_MOST = 100
# A search is stored as long as a session lasts; the page of a forgotten one says it in words.
# Longer than the key of any audit entry; DynamoDB refuses very long keys.
AUDIT_KEY_AT_MOST = 100


LINK_LASTS = timedelta(minutes=30)


SESSION_LASTS = timedelta(hours=8)


# A login mail that can't be sent within this time is dropped.
LINK_SENT_WITHIN = timedelta(hours=1)
