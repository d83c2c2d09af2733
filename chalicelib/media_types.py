"""The media types of requests and responses."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
CALENDAR = "text/calendar"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The types of request bodies that reach a page and its error message.
ANY_BODY = [FORM, JSON, "application/xml", "multipart/form-data", "text/plain", "text/xml"]
