"""Merging two registrations of one person: one is removed, and may be added to the other."""

from chalicelib.audit.log import AuditAction, concerning
from chalicelib.desk import notices
from chalicelib.desk.union import together
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import StaleRevision
from chalicelib.registration.store import Keyed
from chalicelib.texts.language import N_


def merge(
    work: DeskWork, kept: tuple[str, int], gone: tuple[str, int], *, adding: bool, linking: bool
) -> bool:
    """Remove `gone` as a duplicate of `kept`, each a key and the revision shown; False unless both
    exist.

    With `adding`, keep all that either does not tolerate. With `linking`, whatever opens `gone`
    opens `kept` from now on. Raises StaleRevision if the stored revision of either is another.
    """
    (key, _), (gone_key, _) = kept, gone

    def attempt() -> bool:
        stored = registrations.find_all(work.table, [key, gone_key])
        if len(stored) < 2:
            return False
        for one, revision in (gone, kept):
            if stored[one].revision != revision:
                raise StaleRevision(stored[one])
        _merge(
            work, (key, stored[key]), (gone_key, stored[gone_key]), adding=adding, linking=linking
        )
        return True

    return retry_on_conflict(attempt)


def _merge(work: DeskWork, kept: Keyed, gone: Keyed, *, adding: bool, linking: bool) -> None:
    (key, before), (gone_key, removed) = kept, gone
    answers = together(before.answers, removed.answers, work.event) if adding else before.answers
    after, entries = before, []
    if answers != before.answers:
        after = before.changed(answers, work.now, by_contact=True)
        entries.append(work.audit_entry(AuditAction.CORRECTED, before.plate_code))
    words = (
        N_("dubblett av %(code)s, länkarna öppnar den") if linking else N_("dubblett av %(code)s")
    )
    why = work.say(words, code=before.plate_code)
    entries.append(work.audit_entry(AuditAction.REMOVED, concerning([removed.plate_code], why)))
    mails = notices.of_merge(work, before, (key, after), gone, linking=linking)
    own = [] if removed.links_ended_at else [gone_key]
    links = [*link_store.opening(work.table, removed), *own] if linking else []
    also = [*mails, *work.state_writes(), *entries]
    registrations.merge(work.table, kept, gone, after, also, links)
