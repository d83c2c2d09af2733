"""The time zone of a place in Europe, by the name of its city or country in English or Swedish."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HOME = "SE"
_MORE = {
    "Helsinki": "Helsingfors Finland Esbo Espoo Åbo Turku Vasa Tampere",
    "Mariehamn": "Åland",
    "Copenhagen": "Köpenhamn Danmark",
    "Oslo": "Norge Bergen Trondheim",
    "Tallinn": "Estland",
    "Riga": "Lettland",
    "Vilnius": "Litauen",
    "Brussels": "Bryssel Belgien",
    "Berlin": "Germany Tyskland Hamburg Munich München Cologne Köln Frankfurt Bonn",
    "Vienna": "Wien Österrike",
    "Zurich": "Genève Geneva Schweiz",
    "Rome": "Italien Milan Milano Bologna Turin",
    "Athens": "Aten Grekland",
    "Lisbon": "Lissabon",
    "Dublin": "Irland",
    "London": "Storbritannien UK England Scotland Wales Skottland Edinburgh Liverpool Manchester"
    " Birmingham Leeds Glasgow Cardiff Belfast Bristol Oxford Cambridge",
    "Prague": "Prag",
    "Paris": "Frankrike Strasbourg",
    "Madrid": "Spanien Barcelona Valencia",
    "Warsaw": "Warszawa Polen",
    "Amsterdam": "Haag Hague Utrecht Rotterdam Leiden Nederländerna",
    "Budapest": "Ungern",
    "Reykjavik": "Reykjavík",
}


def zone_of(text: str) -> tuple[str, str] | None:
    """The time zone and the country (ISO 3166-1) of a place abroad; the last that a text names."""
    names = "|".join(map(re.escape, _places()))
    found = re.findall(rf"(?<!\w)(?:{names})(?!\w)", text)
    zone, country = _places()[found[-1]] if found else ("", _HOME)
    return None if country == _HOME else (zone, country)


@cache
def _places() -> dict[str, tuple[str, str]]:
    """Zones with their countries, by the names of cities and countries (from the tz database)."""
    zones = {
        zone.rpartition("/")[2].replace("_", " "): (zone, country)
        for country, _, zone, *_ in _rows("zone.tab")
        if zone.startswith("Europe/") or zone == "Atlantic/Reykjavik"
    }
    countries = [country for _, country in zones.values()]
    of_one = {zone[1]: zone for zone in zones.values() if countries.count(zone[1]) == 1}
    named = {name: of_one[country] for country, name, *_ in _rows("iso3166.tab")
             if country in of_one}  # fmt: skip
    more = {name: zones[city] for city, names in _MORE.items() for name in names.split()}
    return zones | named | more


def _rows(name: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
