"""The words for mails and their states."""

from chalicelib.mail.outbox import NOTICES, MailKind
from chalicelib.mail.records import MailState
from chalicelib.texts.language import N_

MAILED_THINGS = {
    MailKind.SUMMARY: N_("sammanställningen av specialkost"),
    MailKind.CHANGE: N_("beskedet om ändrad specialkost"),
    MailKind.REMINDER: N_("påminnelsen om anmälan"),
    MailKind.CERTIFICATE: N_("intyget om radering"),
    MailKind.RECEIPT: N_("kvittomejlen till anmälda"),
    MailKind.LINK: N_("mejlen med länkar till anmälda"),
    **dict.fromkeys(NOTICES, N_("beskeden till anmälda")),
    MailKind.PROGRAMME: N_("mejlet om ändrat program"),
    MailKind.DESK: N_("länken till kontaktpersonernas sidor"),
}
# The states of a mail to a contact person.
MAIL_STATES = {
    MailState.SENT: N_("skickad, men det är inte bekräftat att den har kommit fram"),
    MailState.DELAYED: N_("skickad, men mottagarens server tar inte emot den ännu"),
    MailState.DELIVERED: N_("levererad"),
    MailState.COMPLAINED: N_("levererad, men markerad som skräppost"),
    MailState.BOUNCED: N_("kom inte fram"),
    MailState.REJECTED: N_("kom inte fram"),
    MailState.FAILED: N_("kunde inte skickas"),
    MailState.DROPPED: N_("inte skickad"),
}
