"""The rules by which invitations are read, on single lines and short texts."""

import datetime as dt

import pytest

from management.invitation.contacts import contacts_in
from management.invitation.days import days_in, year_of
from management.invitation.deadline import deadline_in
from management.invitation.inviting import KIND, invites
from management.invitation.lines import blocks_of
from management.invitation.links import links_in
from management.invitation.meals import is_meal, served_meals
from management.invitation.people import people_in, presenters_in
from management.invitation.reading import draft_of
from management.invitation.times import hours_in, time_at_start
from management.invitation.titles import row_of_title
from management.invitation.valid import make_valid
from tests.management.test_invitations import SHARED

TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "starts", "ends", "rest"),
    [
        ("8.30 – 8.40 Inledning", "8.30", "8.40", "Inledning"),
        ("09:30–10:15 Inledning", "9.30", "10.15", "Inledning"),
        ("8.30- 9.00: Inledning", "8.30", "9.00", "Inledning"),
        ("kl. 9 Inledning", "9.00", "", "Inledning"),
        ("Klockan 09.00 - Inledning", "9.00", "", "Inledning"),
        ("9-10 Inledning", "9.00", "10.00", "Inledning"),
        ("9 a.m. Welcome", "9.00", "", "Welcome"),
        ("12:00–1:15 p.m. Lunch", "12.00", "13.15", "Lunch"),
        ("11:00–1:15 pm Lunch", "11.00", "13.15", "Lunch"),
        ("från 16.30 Mingel", "16.30", "", "Mingel"),
        ("ca 21.30 – 01.00 Dans", "cirka 21.30", "1.00", "Dans"),
        ("18.00–ca 21.30 Bankett", "18.00", "cirka 21.30", "Bankett"),
        ("22.00–24.00 Dans", "22.00", "24.00", "Dans"),
        ("13.00 -14-00 En slip", "13.00", "14.00", "En slip"),
        ("09.00 12.00 Kurs", "9.00", "12.00", "Kurs"),
        ("09.00 12 nya kommuner", "9.00", "", "12 nya kommuner"),
    ],
)
def test_a_row_begins_with_its_hours(text: str, starts: str, ends: str, rest: str) -> None:
    assert time_at_start(text) == ((starts, ends), rest)


@pytest.mark.parametrize(
    "text",
    ["7–8 september", "24/5 är sista dag", "15 maj", "31.5.2027", "20 personer", "3 tr",
     "5.1 miljoner", "25.00 Nej", "9.75 Nej", "10-9 Nej", "2027-05-31"],
)  # fmt: skip
def test_other_numbers_are_no_hours(text: str) -> None:
    assert time_at_start(text) is None


def test_hours_are_found_inside_a_line() -> None:
    assert hours_in("Måndag 2 oktober 2028, kl. 9–16") == ("9.00", "16.00")
    assert hours_in("Fredag 7-8 maj, 3 tr") is None


@pytest.mark.parametrize(
    ("text", "day", "is_sure"),
    [
        ("måndag 31 maj", "2027-05-31", True),
        ("torsdagen den 21 juni", "2029-06-21", False),
        ("Monday, May 31, 2027", "2027-05-31", True),
        ("28–29 November 2028", "2028-11-28", True),
        ("7 och 8 september 2027", "2027-09-07", True),
        ("the 5th of May 2027", "2027-05-05", True),
        ("2027-05-31", "2027-05-31", True),
        ("31.5.2027", "2027-05-31", True),
        ("24/5", "2027-05-24", False),
        ("den 1 dec", "2026-12-01", False),
        ("den 1 november", "2027-11-01", False),
    ],
)
def test_a_day_has_the_next_year_that_its_weekday_fits(
    text: str, day: str, *, is_sure: bool
) -> None:
    (found,) = days_in(text)
    year, said = year_of([found], TODAY)
    assert (str(found.in_year(year)), said) == (day, is_sure)


@pytest.mark.parametrize("text", ["31 februari", "kl. 12.30", "Rum 3 Marsvinet", "13/13"])
def test_other_numbers_are_no_days(text: str) -> None:
    assert days_in(text) == []


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("30 augusti–1 september 2027", [2027, 2027]),
        ("31 May - 1 June 2027", [2027, 2027]),
        ("30 december till 2 januari 2028", [2027, 2028]),
        ("senast 30 april, mötet är 1 juni 2027", [None, 2027]),
    ],
)
def test_the_first_day_of_a_range_is_in_the_year_of_the_last(
    text: str, years: list[int | None]
) -> None:
    assert [day.year for day in days_in(text)] == years


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("Vänligen anmäl senast 24/5.", (24, 5), ""),
        ("Please register by 24 May.", (24, 5), ""),
        ("Sista anmälningsdag: 18 september", (18, 9), ""),
        ("Sista dag för anmälan är fredag den 5 april", (5, 4), ""),
        ("O.S.A. senast den 14 april kl. 12 till Anna Ek", (14, 4), "12.00"),
        ("Registration no later than 26 September 2028, 11:59 p.m.", (26, 9), ""),
        ("Anmälan senast dagen före kl. 12", None, "12.00"),
    ],
)
def test_a_deadline_is_found(text: str, day: tuple[int, int] | None, time: str) -> None:
    found = deadline_in(blocks_of(text))
    assert found
    assert (found.day and (found.day.day, found.day.month), found.time) == (day, time)


def test_another_day_is_no_deadline() -> None:
    assert deadline_in(blocks_of("Senast uppdaterad: Onsdag 28 mar 2018")) is None
    assert (
        deadline_in(blocks_of("Vi ses på tisdag 24 maj\n\nKonferensen pågår 24 May by the sea"))
        is None
    )


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Kerstin Hermansson, Annette Carlson", ["Kerstin Hermansson", "Annette Carlson"]),
        ("Anna Ek, chef, och Bo Al, jurist", ["Anna Ek, chef", "Bo Al, jurist"]),
        ("Bo Al, barn- och ungdomschef", ["Bo Al, barn- och ungdomschef"]),
        ("Landshövding Anna Ek", ["Anna Ek, landshövding"]),
        ("Regiondirektören och Landsrådet", ["Regiondirektören", "Landsrådet"]),
        ("Anna Ek (Borås Stad), Bo Al", ["Anna Ek (Borås Stad)", "Bo Al"]),
        ("Carl von Linné", ["Carl von Linné"]),
        ("Prof. Anna Ek, Water Agency", ["Prof. Anna Ek, Water Agency"]),
        ("behov och utvecklingen i staden", []),
        ("Hav i balans", []),
        ("Anna Ek, chef. Hon berättar om läget.", []),
        ("fylkesråd Anna Ek, Hedmark", ["Anna Ek, fylkesråd, Hedmark"]),
        ("Storsjöteatern, Östersund", []),
        ("Göteborgs Universitet", []),
    ],
)
def test_a_list_of_persons_is_told_from_other_words(text: str, people: list[str]) -> None:
    assert people_in(text) == people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (
            "Anton Spetz och Mikael Andersson presenterar arbetet",
            ["Anton Spetz", "Mikael Andersson"],
        ),
        (
            "Borås Stad, Polisen och Bostäder i Borås presenterar det",
            ["Borås Stad", "Polisen", "Bostäder i Borås"],
        ),
        (
            "Anna Ek, länsjurist på Länsstyrelsen, informerar om valet",
            ["Anna Ek, länsjurist på Länsstyrelsen"],
        ),
        ("Handboken presenterar arbetet", []),
        ("Vi berättar om läget", []),
        ("Pågående arbetet presenteras.", []),
    ],
)
def test_the_subject_of_a_sentence_speaks(text: str, people: list[str]) -> None:
    assert presenters_in(text) == people


@pytest.mark.parametrize(
    "title",
    ["LUNCH", "Förmiddagsfika", "Kaffe och utställningar", "Registrering och kaffe", "Gala dinner",
     "Konferensmiddag", "Mingel med tilltugg",
     "Lunch serveras i Restaurang & Kafé Ångkvarnen på våning 4"],
)  # fmt: skip
def test_a_title_names_a_meal(title: str) -> None:
    assert is_meal(title)


@pytest.mark.parametrize(
    "title", ["Eftermiddagen", "Lunchföreläsning om mat", "Frukostseminarium", "Te deum"]
)
def test_a_title_names_no_meal(title: str) -> None:
    assert not is_meal(title)


def test_a_sentence_says_what_is_served() -> None:
    said = served_meals("Vi bjuder på kaffe och en enklare lunch.", "sv")
    assert [row.values["title"] for row in said] == ["Kaffe", "Enklare lunch"]
    (breakfast,) = served_meals("Breakfast is served during the seminar.", "en")
    assert breakfast.values["when"] == "during the seminar"
    assert served_meals("Lunchen är kl. 12.", "sv") == []
    (coffee,) = served_meals("Kaffe serveras från 18:30.", "sv")
    assert coffee.values == {"kind": "meal", "title": "Kaffe", "starts": "18.30"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("LUNCH", {"kind": "meal", "title": "Lunch"}),
        ("Inledning - Anna Ek", {"title": "Inledning", "speakers": ["Anna Ek"]}),
        ("Anna Ek, chef: Läget", {"title": "Läget", "speakers": ["Anna Ek, chef"]}),
        ("EST – behov och utveckling", {"title": "EST – behov och utveckling"}),
        ("Dans (Sal 2, chair: Bo Al)", {"title": "Dans", "room": "Sal 2", "chair": "Bo Al"}),
        ("Dans (frivilligt)", {"title": "Dans (frivilligt)"}),
        ("Dans, Festsalen", {"title": "Dans", "room": "Festsalen"}),
        (
            "Samtal. Deltagare: Anna Ek, Bo Al",
            {"title": "Samtal", "speakers": ["Anna Ek", "Bo Al"]},
        ),
        (
            "Middag, Salen, Slottet, Lund",
            {"kind": "meal", "title": "Middag", "room": "Salen", "place": "Slottet, Lund"},
        ),
        ("Anna Ek om läget", {"title": "Anna Ek om läget", "speakers": ["Anna Ek"]}),
        ("Föreläsning med Anna Ek", {"title": "Föreläsning", "speakers": ["Anna Ek"]}),
        ("Vad nu? Anna Ek, chef", {"title": "Vad nu?", "speakers": ["Anna Ek, chef"]}),
        ("Vad nu? Nordregio, Anna Ek", {"title": "Vad nu?", "speakers": ["Anna Ek, Nordregio"]}),
        (
            "Läget i länet, Telemarksforskning, Anna Ek",
            {"title": "Läget i länet", "speakers": ["Anna Ek, Telemarksforskning"]},
        ),
        (
            "Incheckning. Kaffe, te och tilltugg",
            {"kind": "meal", "title": "Incheckning. Kaffe, te och tilltugg"},
        ),
        ("Supé, tre rätter", {"kind": "meal", "title": "Supé", "description": "tre rätter"}),
        (
            "Dinner at Grand Hotel, Lund",
            {"kind": "meal", "title": "Dinner", "place": "Grand Hotel, Lund"},
        ),
    ],
)
def test_a_line_is_a_title_with_what_stands_beside_it(text: str, values: dict[str, object]) -> None:
    assert row_of_title(text) == values


def test_wrapped_lines_are_one_paragraph_and_items_are_not() -> None:
    text = """Här står en mening som är så lång att den har brutits mitt i efter
ungefär sextiofem tecken, vilket är vanligt i brev som skickas från
Skövde, där alla rader är ungefär lika långa utom den allra sista,
som är kort, eftersom det inte fanns mer att säga om saken än så,
just nu.

Vi talar om:
mat
Dryck
annat
• en punkt
8.30 Start
Plats: Här"""
    assert [(block.text[:12], block.is_bullet) for block in blocks_of(text)] == [
        ("Här står en ", False), ("Vi talar om:", False), ("mat", True), ("Dryck", True),
        ("annat", True), ("en punkt", True), ("8.30 Start", False), ("Plats: Här", False),
    ]  # fmt: skip


def test_contact_persons_below_a_heading_and_in_a_sentence() -> None:
    below = "Kontakt\n\nAnna Ek\n\nKommunikatör\n\nanna@x.se\n\n010 - 22 43 248\n\nProgram\n\nBo Al"
    (person,) = contacts_in(blocks_of(below))
    assert person[0].values == {
        "name": "Anna Ek",
        "office": "Kommunikatör",
        "phones": ["010 - 22 43 248"],
        "email": "anna@x.se",
    }
    asked = "Frågor? Ring klubbmästare Bo Al, tfn 0400-911171, eller mejla bo@x.se"
    (person,) = contacts_in(blocks_of(asked))
    assert (person[0].values["phones"], person[0].values["email"]) == (["0400-911171"], "bo@x.se")
    (person,) = contacts_in(blocks_of("Anmäl dig till anna.ek@x.se"))
    assert (person[0].values["name"], [*person[0].todo]) == ("Anna Ek", ["name"])


def test_the_link_to_the_old_form_is_no_link() -> None:
    text = (
        "Läs mer om vårt arbete på www.boras.se.\n\nAnmälan via denna länk:\nhttps://esmaker.net/x"
    )
    (link, _), (form, _) = links_in(blocks_of(text))
    assert link.values == {"url": "https://www.boras.se", "title": "vårt arbete"}
    assert form.values == {}


def test_a_days_heading_and_an_end_are_no_rows() -> None:
    draft = draft_of(
        "Kurs\n\nMåndag 31 maj 2027\n9.00 Start\nTisdag 1 juni\n10.00 Fika\n12.00 Slut", TODAY
    )
    assert [row.values.get("date") for row in draft.rows["agenda"]] == [None, dt.date(2027, 6, 1)]
    assert draft.event.values["ends"] == "12.00"


MAIL = """Från: Karin Holm <karin.holm@falun.example>
Till: Alla rektorer
Ämne: Inbjudan till rektorsdag 14/3

Hej!

Varmt välkomna till vårens rektorsdag den 14 mars på Kristinehallen i Falun.

08.30-09.00 fika
09.00-09.15 Välkomna, Lars Broman, skolchef

Anmäl dig senast 1/3.

Vänliga hälsningar
Karin Holm
Barn- och utbildningsförvaltningen
023-555 10 20
"""


def test_a_mail_is_read_by_its_subject_and_signature() -> None:
    draft = draft_of(MAIL, TODAY)
    event = draft.event.values
    assert (event["title"], event["place"]) == ("Rektorsdag", "Kristinehallen i Falun")
    assert (event["date"], draft.registration.values["last_day"]) == (
        dt.date(2027, 3, 14),
        dt.date(2027, 3, 1),
    )
    (person,) = draft.rows["contacts"]
    assert person.values == {
        "name": "Karin Holm",
        "office": "Barn- och utbildningsförvaltningen",
        "phones": ["023-555 10 20"],
        "email": "karin.holm@falun.example",
    }
    assert [row.values["title"] for row in draft.rows["agenda"]] == ["Fika", "Välkomna"]


def test_columns_and_lines_of_a_table_are_parted() -> None:
    text = "Tid\tPunkt\tTalare\n09.00\tInledning\tPer Ek, kommundirektör\n| 12.00 | Lunch | |\n"
    (talk, lunch) = draft_of(text, TODAY).rows["agenda"]
    assert talk.values == {
        "starts": "9.00",
        "title": "Inledning",
        "speakers": ["Per Ek, kommundirektör"],
    }
    assert lunch.values["title"] == "Lunch"


def test_a_time_alone_has_its_title_below_after_speakers_or_a_blank_line() -> None:
    text = """9.30–9.45
Anders Ek, Bo Al
KUNSKAP PÅ TVÄREN

Ibland beskrivs kunskapen som öar.
Medverkande: Anders Ek, professor

10.00–10.15

En ljusnande framtid

Två rapporter analyserar läget.

Varmt välkomna!
"""
    first, second = draft_of(text, TODAY).rows["agenda"]
    assert first.values["title"] == "Kunskap på tvären"
    assert first.values["description"] == "Ibland beskrivs kunskapen som öar."
    assert second.values["title"] == "En ljusnande framtid"
    assert second.values["description"] == "Två rapporter analyserar läget."


def test_a_paragraph_below_a_time_is_a_title_with_a_description() -> None:
    text = """9.00–10.20

Lärdomar om beredskap efter pandemin – Niklas Berg, känd från radion, är professor och leder en
fond. Han har varit med länge och är nu engagerad i att säkra samhället för framtiden på nya sätt.

10.20 Fika
"""
    row, _ = draft_of(text, TODAY).rows["agenda"]
    assert row.values["title"] == "Lärdomar om beredskap efter pandemin"
    assert row.values["speakers"] == ["Niklas Berg"]
    assert str(row.values["description"]).startswith("Niklas Berg, känd från radion, är")


def test_a_heading_that_no_row_follows_begins_no_programme() -> None:
    head = "Program\n\nProgram för forum | 18 april 2028 | Folkets Hus\n\n"
    draft = draft_of(f"{head}9.00\n\nStart\n\n10.00\n\nFika", TODAY)
    assert (draft.event.values["title"], draft.event.values["place"]) == ("Forum", "Folkets Hus")
    assert [row.values["title"] for row in draft.rows["agenda"]] == ["Start", "Fika"]


def test_the_place_stands_last_after_day_and_hours() -> None:
    text = "Varmt välkomna söndagen den 19 november kl. 13-17 i Villan, Gatan 38 i Handen."
    draft = draft_of(f"Att leda\n\n{text}", TODAY)
    assert draft.event.values["place"] == "Villan, Gatan 38 i Handen"


def test_rows_outside_the_hours_of_the_event_keep_their_times() -> None:
    draft = draft_of("Kurs\n\nTid: 9.00-12.00\n\n8.00 Kaffe\n9.00 Start\n13.00 Lunch\n", TODAY)
    make_valid(draft, SHARED, TODAY)
    assert [row.values["starts"] for row in draft.rows["agenda"]] == ["8.00", "9.00", "13.00"]
    assert draft.event.todo["starts"].startswith('left out "9.00"')


def test_hours_alone_above_the_programme_are_those_of_the_event() -> None:
    text = "Kurs\n\nKl. 9.00–16.00\nRådhuset\n\n9.00 Start\n12.00 Lunch\n"
    draft = draft_of(text, TODAY)
    assert (draft.event.values["starts"], draft.event.values["ends"]) == ("9.00", "16.00")
    assert len(draft.rows["agenda"]) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Region Skåne bjuder in politiker till en dag om mat.", ("Region Skåne", "politiker")),
        ("Vi bjuder in chefer till en dag om mat.", ("", "chefer")),
        ("Chefer hälsas varmt välkomna till en dag om mat.", ("", "Chefer")),
        ("The Council is pleased to invite you to the seminar.", ("The Council", "")),
        ("Region Skåne bjuder in till en konferens.", ("Region Skåne", "")),
        ("Till dagen inbjuds samtliga förtroendevalda:", ("", "samtliga förtroendevalda")),
        ("Region Skåne hälsar er välkomna till en dag.", ("Region Skåne", "")),
    ],
)
def test_a_sentence_says_who_invites_whom(text: str, found: tuple[str, str]) -> None:
    said = invites(text)
    assert said
    assert (said.who, said.invited) == found


@pytest.mark.parametrize(
    "text",
    [
        "MÅLGRUPP: Målgrupp för konferensen är chefer i länet.",
        "Dagen vänder sig främst till chefer i länet. Den är kostnadsfri.",
        "Målgrupp: chefer i länet",
    ],
)
def test_a_text_says_to_whom_it_is_addressed(text: str) -> None:
    draft = draft_of(f"Kurs i mat\n\n{text}\n\nSISTA ANMÄLNINGSDAG: 1/3", TODAY)
    assert draft.event.values["invited"] == "Chefer i länet"
    assert draft.registration.lines == ["SISTA ANMÄLNINGSDAG: 1/3"]


@pytest.mark.parametrize(
    "text", ["Det är regionen som under våren bjuder in till fyra möten.", "Välkommen till en dag."]
)
def test_another_sentence_invites_nobody(text: str) -> None:
    assert invites(text) is None


def test_kinds_of_events_are_told_from_other_days() -> None:
    for word in ("Rektorsdag", "Frukostseminarium", "Temakväll", "Research conference"):
        assert KIND.search(word)
    for word in ("torsdag", "idag", "eftermiddag", "anmälningsdag", "dag"):
        assert not KIND.search(word)
