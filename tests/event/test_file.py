"""Reading the event file, and its errors."""

import datetime as dt
from pathlib import Path

import pytest

from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.event.problems import InvalidEvent
from chalicelib.texts.language import language_of, localized
from tests.examples import EVENT, WHOLE_FILE

TEXT = WHOLE_FILE


def test_the_event_has_the_values_of_the_file(event: Event) -> None:
    assert event.title == "Säker och trygg kommun"
    assert event.kind == "Strategisk utvecklingsdag"
    assert event.invited == "Presidier och förvaltningschefer"
    assert event.place == "Borås Kongress"
    assert (event.starts, event.ends) == (dt.time(8, 30), dt.time(16, 0))
    assert event.links[0].url.startswith("https://www.boras.se/kommunochpolitik/")
    assert [(meal.id, meal.title) for meal in event.meals] == [("lunch", "Lunch"), ("fika", "Fika")]
    melia, asa = event.contacts
    assert (melia.name, melia.office) == ("Melia Hadzisalihovic", "Stadsledningskansliet")
    assert melia.phones == ("073-432 87 30",)
    assert (asa.name, asa.office) == ("Åsa Skytt Jansson", "Fritids- och folkhälsoförvaltningen")
    assert asa.phones == ("033-35 72 19", "033-35 82 97")


def test_every_row_of_the_agenda_has_its_times_and_speakers(event: Event) -> None:
    rows = [
        (f"{s.starts:%H.%M}-{s.ends:%H.%M}", s.title, len(s.bullets), len(s.speakers))
        for s in event.agenda
    ]
    assert rows == [
        ("08.30-08.40", "Inledning", 0, 2),
        ("08.40-08.55", "Vad har hänt sen sist och fortsatt arbete", 0, 2),
        ("08.55-10.50", "Områdesutveckling för ett socialt hållbart Borås", 5, 1),
        ("10.50-11.45", "Vad säger forskningen om ”Tillit i områdesutveckling”", 0, 1),
        ("11.45-12.45", "Lunch", 0, 0),
        ("12.45-13.10", "Handbok för trygghet i offentlig miljö", 0, 2),
        ("13.10-13.40", "Medborgarlöftet", 0, 2),
        ("13.40-14.10", "EST-arbetet – behov och utvecklingen i staden", 0, 3),
        ("14.10-14.40", "Handlingsplan mot hemlöshet", 0, 0),
        ("14.40-15.00", "Fika", 0, 0),
        ("15.00-15.30", "Otillåten påverkan", 0, 1),
        ("15.30-15.50", "Arena skola", 0, 1),
        ("15.50-16.00", "Avrundning och slut för idag", 0, 0),
    ]


@pytest.mark.parametrize(
    ("last_day", "utc"),
    [
        ("2027-03-26", "2027-03-26T23:00"),  # winter time
        ("2027-03-27", "2027-03-27T23:00"),  # the clocks go forward the next night
        ("2027-03-28", "2027-03-28T22:00"),  # summer time since that night
        ("2027-05-24", "2027-05-24T22:00"),
    ],
)
def test_the_deadline_is_local_midnight_on_both_sides_of_the_clock_change(
    last_day: str, utc: str
) -> None:
    event = parse_event(EVENT.id, TEXT.replace("last_day = 2027-05-24", f"last_day = {last_day}"))
    assert event.closes_at == dt.datetime.fromisoformat(utc + "+00:00")


LUNCH = 'kind = "meal"\nid = "lunch"'
FIRST_ROW = 'starts = "8.30"\nends = "8.40"'


@pytest.mark.parametrize(
    ("before", "after", "key", "words"),
    [
        ('place = "Borås Kongress"', "", "event.place", "key is missing"),
        ('place = "Borås Kongress"', 'place = " "', "event.place", "text is empty"),
        ('place = "Borås Kongress"', "place = 7", "event.place", "in quotes"),
        ('place = "Borås', 'plats = "B"\nplace = "Borås', "event.plats", "key is unknown"),
        ("[registration]", "[anmalan]\nx = 1\n[registration]", "anmalan", "key is unknown"),
        ("[registration]", "[registrations]", "registration", "key is missing"),
        ('accent = "#0b5563"', 'accent = "teal"', "look.accent", "not a colour"),
        ('accent = "#0b5563"', 'accent = "#8fd3de"', "look.accent", "too light"),
        ("revision = 0", 'revision = "0"', "event.revision", "not a whole number"),
        ("revision = 0", "revision = true", "event.revision", "not a whole number"),
        ("revision = 0", 'languages = ["de"]', "event.languages", 'write ["sv", "en"]'),
        ("revision = 0", "languages = []", "event.languages", 'write ["sv", "en"]'),
        ("revision = 0", 'languages = "en"', "event.languages", 'write ["sv", "en"]'),
        ("revision = 0", 'languages = ["en", "en"]', "event.languages", 'write ["sv", "en"]'),
        ("revision = 0", "expected = 0", "event.expected", "must be 1 or more"),
        ("revision = 0", "expected = -120", "event.expected", "must be 1 or more"),
        ("revision = 0", 'expected = "120"', "event.expected", "not a whole number"),
        ("delete_after_days = 7", "delete_after_days = -1", "privacy.delete_after_days", "0 or"),
        ("backup_days = 35", "backup_days = 36", "privacy.backup_days", "must be 1 to 35"),
        ("backup_days = 35", "backup_days = 0", "privacy.backup_days", "must be 1 to 35"),
        ("log_days = 30", "log_days = 31", "privacy.log_days", "must be one of 1, 3, 5"),
        ("log_days = 30", "", "privacy.log_days", "key is missing"),
        ('email = "kommunst', 'email = "kommun st', "privacy.controller_email", "not a mail"),
        ('officer_email = "', 'officer_email = "a@', "privacy.officer_email", "not a mail address"),
        (
            'basis = "6.1 e"',
            'basis = "6.1 a"',
            "privacy.basis",
            'is not one of "6.1 c", "6.1 e", "6.1 f"',
        ),
        ("artikel 6.1 e", "artikel 6.1 c", "privacy.legal_basis", 'must contain "6.1 e"'),
        ("article 6.1 e", "article 6(1)(e)", "privacy.legal_basis_en", 'must contain "6.1 e"'),
        ('region = "eu-north-1"', 'region = "Stockholm"', "privacy.region", "not a region"),
        ('region = "eu-north-1"', 'region = "eu-west-1"', "privacy.storage", 'contain "eu-west-1"'),
        ("in Stockholm (eu-north-1)", "in Stockholm", "privacy.storage_en", 'contain "eu-north-1"'),
        ("recipients = []", 'recipients = ""', "privacy.recipients", "list of texts"),
        ("recipients = []", "recipient = []", "privacy.recipient", "key is unknown"),
        ('status = "helt"', 'status = "full"', "accessibility.status", "not one of"),
        ('status = "helt"', 'status = "delvis"', "accessibility.faults", "needs a fault"),
        ("faults = []", 'faults = ["Kartan"]', "accessibility.status", "must not be"),
        ("https://www.digg.se", "www.digg.se", "accessibility.supervisor_url", "https://"),
        ("law = ", "laws = ", "accessibility.laws", "key is unknown"),
        ("https://www.imy.se/", "www.imy.se", "privacy.supervisor_url", "https://"),
        ('contact = "dukat@', 'contact = "', "accessibility.contact", "not a mail address"),
        ("assessed = 2026-11-22", 'assessed = "i år"', "accessibility.assessed", "not a date"),
        ('"continued work towards a common goal",\n', "", "agenda[3].bullets_en", "as many texts"),
        ('office = "Stads', 'ofice = "x"\noffice = "Stads', "contacts[1].ofice", "key is unknown"),
        (FIRST_ROW, 'starts = "8.60"\nends = "8.40"', "agenda[1].starts", "not a time of day"),
        (FIRST_ROW, 'starts = "24.00"\nends = "8.40"', "agenda[1].starts", "not a time of day"),
        (FIRST_ROW, 'starts = 8.30\nends = "8.40"', "agenda[1].starts", "in quotes"),
        (FIRST_ROW, 'starts = "8.40"\nends = "8.30"', "agenda[1].ends", "must end after it starts"),
        (FIRST_ROW, 'starts = "8.00"\nends = "8.40"', "agenda[1].starts", "outside the event"),
        ('ends = "16.00"\nrevision', 'ends = "8.00"\nrevision', "event.ends", "after it starts"),
        ("date = 2027-05-31", 'date = "31 maj"', "event.date", "not a date"),
        ("date = 2027-05-31", "date = 2027-05-31T08:30:00", "event.date", "not a date"),
        ("last_day = 2027-05-24", "last_day = 2027-06-01", "registration.last_day", "not before"),
        ("last_day = 2027-05-24", "last_day = 2027-05-31", "registration.last_day", "not before"),
        (LUNCH, 'kind = "meal"', "agenda[5].id", "key is missing"),
        (LUNCH, 'kind = "meal"\nid = "fika"', "agenda[10].id", "two meals have the id"),
        (LUNCH, 'kind = "meal"\nid = "lun|ch"', "agenda[5].id", "use only"),
        (LUNCH, 'kind = "dinner"\nid = "lunch"', "agenda[5].kind", "not one of"),
        (LUNCH, 'id = "lunch"', "agenda[5].id", 'add kind = "meal"'),
        ('email = "melia.hadzisalihovic@boras.example"', "", "contacts[1].email", "key is missing"),
        ("melia.hadzisalihovic@boras.example", "melia", "contacts[1].email", "not a mail address"),
        ('email = "dukat@boras.example"', 'email = "dukat"', "operator.email", "not a mail"),
        ('["073-432 87 30"]', '["432 87 30"]', "contacts[1].phones", "not a phone number of SE"),
        ('["073-432 87 30"]', '["073-432 87 30/"]', "contacts[1].phones", '"" is not a phone'),
        ('["073-432 87 30"]', '["073-432 87 30 vx"]', "contacts[1].phones", "not a phone number"),
        ('timezone = "', 'country = "Sverige"\ntimezone = "', "event.country", "not a code like"),
        ('["073-432 87 30"]', '"073-432 87 30"', "contacts[1].phones", "list of texts"),
        ("Europe/Stockholm", "Europe/Boras", "event.timezone", "not a time zone"),
        ('url = "https://', 'url = "javascript://', "links[1].url", "https://"),
        ("[event]", "[event", "the file", "not valid TOML"),
        ("[[links]]", "[links]", "links", "[[links]]"),
    ],
)
def test_an_invalid_file_is_refused_with_the_key_and_the_problem(
    before: str, after: str, key: str, words: str
) -> None:
    assert before in TEXT
    with pytest.raises(InvalidEvent) as refusal:
        parse_event(EVENT.id, TEXT.replace(before, after, 1))
    assert refusal.value.key == key
    assert words in str(refusal.value)


def test_the_number_of_expected_participants_can_be_left_out(event: Event) -> None:
    assert event.expected is None
    assert parse_event(EVENT.id, TEXT.replace("revision = 0", "expected = 1")).expected == 1


def test_another_legal_basis_can_be_chosen(event: Event) -> None:
    assert event.privacy.allows_objection
    obliged = parse_event(EVENT.id, TEXT.replace("6.1 e", "6.1 c"))
    assert not obliged.privacy.allows_objection


def test_personal_data_and_their_backups_have_different_last_days(event: Event) -> None:
    assert event.privacy.stored_through(event.date) == dt.date(2027, 6, 7)
    assert event.privacy.in_backups_through(event.date) == dt.date(2027, 7, 13)


@pytest.mark.parametrize(
    ("people", "words"), [(0, "there is no contact person"), (51, "there are more than 50")]
)
def test_there_are_1_to_50_contact_persons(people: int, words: str) -> None:
    start, end = TEXT.index("[[contacts]]"), TEXT.index("[operator]")
    one = '[[contacts]]\nname = "A"\noffice = "B"\nphones = ["033-35 70 00"]\n'
    one += 'email = "{}@b.example"\n'
    contacts = "".join(map(one.format, range(people)))
    with pytest.raises(InvalidEvent, match=f"contacts: {words}"):
        parse_event(EVENT.id, TEXT[:start] + contacts + TEXT[end:])


def test_a_file_without_meals_is_refused() -> None:
    text = TEXT.replace(LUNCH, "").replace('kind = "meal"\nid = "fika"', "")
    with pytest.raises(InvalidEvent, match="no row is a meal"):
        parse_event(EVENT.id, text)


def test_every_text_of_the_event_is_translated(event: Event) -> None:
    texts = [event.title, event.kind, event.welcome, event.invited]
    for session in event.agenda:
        texts += [session.title, session.description, *session.bullets]
    for text in texts:
        assert not text or language_of(text, "en") == "en", text
    assert localized(event.title, "en") == "A safe and secure municipality"
    assert localized(event.title, "sv") == "Säker och trygg kommun"


def test_a_text_without_translation_is_shown_in_swedish() -> None:
    event = parse_event(EVENT.id, TEXT.replace('title_en = "Introduction"\n', ""))
    first = event.agenda[0].title
    assert localized(first, "en") == "Inledning"
    assert language_of(first, "en") == "sv"


ENGLISH = (Path(__file__).parents[1] / "english.toml").read_text("utf-8")


def test_a_plain_text_of_an_event_in_english_only_is_english() -> None:
    event = parse_event(EVENT.id, ENGLISH)
    assert event.languages == ("en",)
    assert (event.title, localized(event.title, "en")) == ("Sculling in winter",) * 2
    for text in (event.title, event.place, event.agenda[0].speakers[0], event.privacy.storage):
        assert language_of(text, "en") == "en"


def test_an_event_in_english_only_takes_the_english_texts_of_a_file_in_both() -> None:
    event = parse_event(EVENT.id, TEXT.replace("revision = 0", 'languages = ["en"]'))
    assert event.title == "A safe and secure municipality"
    assert event.privacy.supervisor == "the Swedish Authority for Privacy Protection (IMY)"
    assert event.agenda[2].bullets[2] == "co-creation as a method"
    assert event.place == "Borås Kongress"
    assert language_of(event.place, "en") == "en"


def test_english_texts_alone_are_enough_for_an_event_in_english_only() -> None:
    text = ENGLISH.replace('title = "Sculling', 'title_en = "Sculling').replace(
        "recipients = []", 'recipients_en = ["The boatman."]'
    )
    event = parse_event(EVENT.id, text)
    assert event.title == "Sculling in winter"
    assert event.privacy.recipients == ("The boatman.",)


def test_an_event_in_swedish_only_has_no_english_texts() -> None:
    event = parse_event(EVENT.id, TEXT.replace("revision = 0", 'languages = ["sv"]'))
    assert localized(event.title, "en") == "Säker och trygg kommun"
    assert language_of(event.title, "en") == "sv"


def test_the_text_itself_is_in_the_events_first_language() -> None:
    event = parse_event(EVENT.id, TEXT.replace("revision = 0", 'languages = ["en", "sv"]'))
    assert event.language == "en"
    assert event.title == "A safe and secure municipality"
    assert localized(event.title, "sv") == "Säker och trygg kommun"
    assert localized(event.title, "en") == "A safe and secure municipality"
    assert event.place == "Borås Kongress"
    assert language_of(event.place, "en") == "sv"


def test_a_law_and_its_authority_belong_together() -> None:
    start, end = TEXT.index('law = "'), TEXT.index('supervisor = "Mynd')
    with pytest.raises(InvalidEvent, match=r"accessibility\.law: a law and its supervisor"):
        parse_event(EVENT.id, TEXT[:start] + TEXT[end:])
