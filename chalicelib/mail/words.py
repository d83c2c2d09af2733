"""Swedish words for mails, their states and their faults."""

from chalicelib.mail.outbox import NOTICES, MailKind
from chalicelib.mail.records import MailState

MAILED_THINGS = {
    MailKind.SUMMARY: "sammanställningen av specialkost",
    MailKind.CHANGE: "beskedet om ändrad specialkost",
    MailKind.REMINDER: "påminnelsen om anmälan",
    MailKind.CERTIFICATE: "intyget om radering",
    MailKind.RECEIPT: "kvittomejlen till anmälda",
    **dict.fromkeys(NOTICES, "beskeden till anmälda"),
    MailKind.DESK: "länken till kontaktpersonernas sidor",
}
# The states of a mail to a contact person.
MAIL_STATES = {
    MailState.SENT: "skickad, men det är inte bekräftat att den har kommit fram",
    MailState.DELAYED: "skickad, men mottagarens server tar inte emot den ännu",
    MailState.DELIVERED: "levererad",
    MailState.COMPLAINED: "levererad, men markerad som skräppost",
    MailState.BOUNCED: "kom inte fram",
    MailState.REJECTED: "kom inte fram",
    MailState.FAILED: "kunde inte skickas",
    MailState.DROPPED: "inte skickad",
}
