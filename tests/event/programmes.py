"""Small events of one or several days: each a text for the agenda of an event file."""

import re

from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from tests.examples import EVENT, WHOLE_FILE

# Doors to dancing, past midnight; mingle and banquet overlap.
CEREMONY = """
[[agenda]]
starts = "14.00"
title = "Dörrarna öppnas"
[[agenda]]
starts = "15.00"
ends = "16.30"
title = "Procession och högtid"
[[agenda]]
kind = "meal"
id = "mingle"
starts = "16.30"
ends = "18.00"
title = "Mingel med snittar"
[[agenda]]
kind = "meal"
id = "banquet"
starts = "17.45"
ends = "cirka 21.30"
title = "Bankett"
room = "Stora salen"
[[agenda]]
starts = "cirka 21.30"
ends = "1.00"
title = "Dans"
"""

_LONG_TITLE = (
    "Vattenförvaltningsmyndigheternas åtgärdsprogram och hur kommunernas dagvattenhantering, "
    "översvämningsskydd och naturvårdsplanering kan samordnas bättre över kommungränserna i ett "
    "förändrat klimat under de kommande femton åren"
)
_SPEAKERS = """[
    "Anna Sjö, Länsstyrelsen", "Bo Å, Havs- och vattenmyndigheten", "Cia Älv", "Dan Bäck",
    "Eva Damm", "Fia Källa", "Gun Sund", "Hans Vik",
]"""
# Two days, parallel sessions in rooms, a dinner elsewhere, meals without times, a moderator a day.
TWO_DAYS = f"""
[[days]]
date = 2027-09-07
moderator = "Karin Ek, länsråd"
[[days]]
date = 2027-09-08
chair = "Nils Berg"
chair_en = "Nils Berg (in English)"
[[agenda]]
kind = "meal"
id = "coffee"
starts = "8.30"
ends = "9.00"
title = "Registrering och kaffe"
[[agenda]]
starts = "9.00"
title = "Invigning"
title_en = "Opening"
speakers = ["Eva Ask"]
[[agenda]]
starts = "11.00"
ends = "12.00"
title = "{_LONG_TITLE}"
room = "Rum 202"
speakers = {_SPEAKERS}
moderator = "Ida Holm"
[[agenda]]
starts = "11.00"
ends = "12.00"
title = "Frisk luft"
room = "Kongresshall A"
[[agenda]]
starts = "11.00"
ends = "11.45"
title = "Giftfri miljö"
room = "Kongresshall B"
moderator = "Jan Alm"
[[agenda]]
starts = "11.15"
ends = "12.00"
title = "Livsmiljöbeskrivningar och miljöövervakningsprogrammet"
room = "Rum 204"
description = "En genomgång av länets miljöövervakning."
[[agenda]]
starts = "11.00"
ends = "12.00"
title = "Samhällsplaneringsprocesser"
room = "Rum 205"
[[agenda]]
kind = "meal"
id = "dinner"
starts = "19.00"
title = "Konferensmiddag"
room = "Södra Bergets restaurang"
[[agenda]]
date = 2027-09-08
starts = "9.00"
ends = "14.00"
title = "Utflykter"
[[agenda]]
kind = "meal"
id = "packed_lunch"
when = "under utflykten"
when_en = "during the excursion"
title = "Matsäck"
title_en = "Packed lunch"
"""

# No sessions, and meals without times; the event says its own hours.
MEALS_ONLY = """
[[agenda]]
kind = "meal"
id = "coffee"
when = "under dagen"
when_en = "during the day"
title = "Kaffe"
[[agenda]]
kind = "meal"
id = "lunch"
when = "under dagen"
title = "Enklare lunch"
"""


def _seminars(starts: str, ends: str) -> str:
    rooms = ("Kongresshall A", "Kongresshall B", "Rum 201", "Rum 202", "Rum 203")
    return "".join(
        f'[[agenda]]\nstarts = "{starts}"\nends = "{ends}"\ntitle = "Seminarium {starts} {room}"\n'
        f'room = "{room}"\nmoderator = "Moderatorn i {room}"\nspeakers = ["Talare ett", "Två"]\n'
        for room in rooms
    )


# Three rounds of five parallel seminars, a meal between, and an end that is open.
SEMINARS = f"""
[[agenda]]
starts = "9.00"
ends = "10.00"
title = "Plenum"
{_seminars("10.00", "10.45")}
{_seminars("11.00", "11.45")}
[[agenda]]
kind = "meal"
id = "lunch"
starts = "11.45"
ends = "13.00"
title = "Lunch"
{_seminars("13.00", "13.45")}
[[agenda]]
starts = "16.30"
title = "Mingel i baren"
"""


def event_of(
    agenda: str,
    date: str = "2027-09-07",
    *,
    head: str = "",
    zone: str = "Europe/Stockholm",
    last_day: str = "2027-01-20",
) -> Event:
    """The tests' event with another agenda; `head` is more of the table [event]."""
    return parse_event(EVENT.id, file_of(agenda, date, head=head, zone=zone, last_day=last_day))


def file_of(agenda: str, date: str, *, head: str, zone: str, last_day: str) -> str:
    """The event file of `event_of`."""
    text = WHOLE_FILE
    for key, value in (("date", date), ("last_day", last_day), ("timezone", f'"{zone}"')):
        text = re.sub(rf"(?m)^{key} = .*", f"{key} = {value}", text)
    text = re.sub(r'(?m)^(starts|ends) = "(8.30|16.00)"\n', "", text, count=2)
    return text[: text.index("[[agenda]]")].replace("[event]\n", f"[event]\n{head}\n") + agenda
