"""What must hold so that the service works on the day, checked one by one in plain words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.event import Event
from chalicelib.event.legal_statements import Privacy
from chalicelib.event.mail_address import is_mail_address
from chalicelib.lifecycle.state import Phase, deletion_overdue
from chalicelib.texts.language import Bilingual
from management.deploy.post_deploy import (
    NotDeployed,
    api_changes,
    event_invoke_configs,
    keeping_failed_events,
)
from management.doctor.deployed_stage import IdentityFacts, Site
from management.stage.table import MADE_EARLIER, MAKE_ANEW

# Domains that belong to nobody (RFC 2606), at the end of an address.
_PLACEHOLDER = re.compile(
    r"[@.](?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?![.-]?[\w@])", re.IGNORECASE
)
# What stands where something is still to be written.
_UNFILLED = re.compile(
    r"\[[^\]]*\]|<[^>]*>|\?{3}|\.{4,}|_{3,}|\b(?:TODO|XXX|FYLL I)\b", re.IGNORECASE
)
# Of an identity that signs: these say that its DNS records are not there, or no longer.
_DKIM_NOT_DONE = {"PENDING", "FAILED", "TEMPORARY_FAILURE"}
_WHOLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


@dataclass(frozen=True)
class Finding:
    """What a check found: well, or what is wrong and what to do about it."""

    check: str
    well: bool
    said: str
    remedy: str = ""


class Wrong(Exception):
    """A check found something; `remedy` says what to do."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(said)
        self.remedy = remedy


@dataclass(frozen=True)
class Check:
    """One thing to look at: it says what is well, or raises Wrong."""

    name: str
    look: Callable[[Site], str]
    before_deploy: bool = False


def examine(site: Site, *, only_before_deploy: bool = False) -> Iterator[Finding]:
    """Takes each check in order; what can't be asked is a finding too."""
    for check in CHECKS:
        if only_before_deploy and not check.before_deploy:
            continue
        try:
            yield Finding(check.name, well=True, said=check.look(site))
        except Wrong as wrong:
            yield Finding(check.name, well=False, said=str(wrong), remedy=wrong.remedy)
            if check.look is _credentials:
                return
        except NotDeployed as missing:
            yield Finding(check.name, well=False, said="not deployed yet", remedy=str(missing))
        except (ClientError, BotoCoreError, StoreUnavailable, OSError) as fault:
            remedy = "See that these credentials may read this, and try again."
            first, _, _ = (str(fault) or type(fault).__name__).partition("\n")
            said = f"AWS did not say: {first}"
            yield Finding(check.name, well=False, said=said, remedy=remedy)


def _credentials(site: Site) -> str:
    try:
        return f"account {site.account}"
    except (ClientError, BotoCoreError) as fault:
        raise Wrong(f"AWS does not know you: {fault}", "See the README, Deploy, step 2.") from None


def _account(site: Site) -> str:
    if site.deployed_account not in {"", site.account}:
        raise Wrong(
            f"the stage was deployed to account {site.deployed_account}, not to this one",
            "Use that account's credentials: see the README, Deploy, step 2.",
        )
    return "the stage is in no other one"


def _region(site: Site) -> str:
    if site.region != site.event.privacy.region:
        raise Wrong(
            f"{site.region} is not where the privacy notice says the data are",
            "Set the region in ~/.aws/config, or correct region and storage under [privacy] in "
            "event.toml.",
        )
    if site.state_file.here and site.deployed_region != site.region:
        raise Wrong(
            f"the stage was deployed to {site.deployed_region}, and commands go to {site.region}",
            "Set the region in ~/.aws/config to where the stage is.",
        )
    return site.region


def _python(site: Site) -> str:
    if site.runtime != site.python:
        raise Wrong(
            f"Lambda has no {site.python}; Chalice would take {site.runtime}",
            f"Install {site.runtime}, then: make clean && make PYTHON={site.runtime} deploy",
        )
    return site.python


def _event_file(site: Site) -> str:
    event = site.event
    return f"{event.title}, {event.date}, {len(event.contacts)} contact persons"


def _stage_settings(site: Site) -> str:
    wrong = [
        f"{name} should be {value}"
        for name, value in site.stage.expected_environment().items()
        if site.stage.environment.get(name) != value
    ]
    if not is_mail_address(site.stage.sender):
        wrong.append("MAIL_SENDER should be like Dukat <dukat@boras.se>")
    if site.stage.api_stage != site.stage.name:
        wrong.append(f"api_gateway_stage should be {site.stage.name}, which the alarms watch")
    if wrong:
        raise Wrong("; ".join(wrong), "Correct .chalice/config.json, under this stage.")
    return f"mails come from {site.stage.environment['MAIL_SENDER']}"


def _placeholders(site: Site) -> str:
    found = placeholders(site.event, site.stage.sender)
    if found:
        raise Wrong(
            f"still made up: {', '.join(found)}",
            "Put the real addresses into chalicelib/event.toml and .chalice/config.json.",
        )
    return "every address is a real one"


def placeholders(event: Event, sender: str) -> list[str]:
    """Where an address is still one that can't receive mail."""
    places = {
        "MAIL_SENDER": sender,
        "operator": event.operator,
        **{f"contact person {n}": c.email for n, c in enumerate(event.contacts, 1)},
        "[privacy] controller_email": event.privacy.controller_email,
        "[privacy] officer_email": event.privacy.dpo_email,
        "[accessibility] contact": event.accessibility.contact,
    }
    return [place for place, text in places.items() if _PLACEHOLDER.search(text)]


def _notice(site: Site) -> str:
    privacy = site.event.privacy
    unfilled = [
        f"{name}{ending}"
        for name, text in _told(privacy).items()
        for ending, words in (("", str(text)), ("_en", _english(text)))
        if _UNFILLED.search(words)
    ]
    if unfilled:
        raise Wrong(
            f"not filled in: {', '.join(unfilled)}",
            "Correct [privacy] in chalicelib/event.toml, with the data protection officer.",
        )
    return (
        f"{privacy.controller}; everything personal is kept through "
        f"{privacy.kept_through(site.event.date)}"
    )


def _told(privacy: Privacy) -> dict[str, str]:
    """The texts of the notice that the controller writes."""
    return {
        "controller": privacy.controller,
        "officer": privacy.dpo,
        "legal_basis": privacy.legal_basis,
        "legal_basis_sensitive": privacy.legal_basis_sensitive,
        "storage": privacy.storage,
        **{f"recipients[{number}]": text for number, text in enumerate(privacy.recipients, 1)},
    }


def _english(text: str) -> str:
    return text.english if isinstance(text, Bilingual) else ""


def _deadline(site: Site) -> str:
    state = site.state
    if state.phase is not Phase.OPEN:
        return f"registration is {state.phase}"
    closes_at = site.event.deadline(state.closes_at)
    if closes_at <= site.now:
        raise Wrong("the last day to register has passed", "Set last_day in chalicelib/event.toml.")
    return f"registration closes {closes_at.astimezone(site.event.timezone):%Y-%m-%d %H:%M}"


def _deletion(site: Site) -> str:
    state, event = site.state, site.event
    if deletion_overdue(state, event.deletes_at, site.now):
        raise Wrong(
            f"personal data should have been deleted {event.deletes_at:%Y-%m-%d %H:%M}",
            "The log of the tick says why. See docs/operations.md, Deletion.",
        )
    if state.deletion and state.deletion.ended_at:
        ended_at = state.deletion.ended_at.astimezone(event.timezone)
        return f"personal data were deleted {ended_at:%Y-%m-%d %H:%M}"
    return f"personal data are deleted {event.deletes_at:%Y-%m-%d %H:%M}"


def _file_modes(site: Site) -> str:
    files = site.unreadable_files
    if files:
        raise Wrong(
            f"Lambda could not read {len(files)} files, such as {files[0].name}",
            "chmod -R a+rX app.py chalicelib && rm -rf .chalice/deployments",
        )
    return "others may read them, as Lambda must"


def _policy_files(site: Site) -> str:
    if site.outdated_policies:
        raise Wrong(
            f"not what the code calls in this account: {', '.join(site.outdated_policies)}",
            "manage.py provision writes them; then deploy, and commit them.",
        )
    return "one for each function, as the code calls AWS"


def _stack(site: Site) -> str:
    if site.stack_status not in _WHOLE:
        raise Wrong(
            f"the stack is {site.stack_status or 'not there'}", f"manage.py provision{_of(site)}"
        )
    if site.stack_differences:
        raise Wrong(
            f"applied otherwise than now: {', '.join(site.stack_differences)}",
            f"manage.py provision{_of(site)}",
        )
    return f"{site.stage.service} is as infrastructure.json says"


def _table(site: Site) -> str:
    table = site.table
    if table is None:
        raise Wrong("there is no table", f"manage.py provision{_of(site)}")
    if table.has_indexes:
        raise Wrong(MADE_EARLIER, MAKE_ANEW)
    wrong = [
        words
        for words, holds in {
            "not billed on demand": table.on_demand,
            "not encrypted with a key of the account's": table.encrypted,
            "not protected from deletion": table.protected,
            f"can be restored {table.backup_days} days back, not as the privacy notice says": (
                table.backup_days == site.event.privacy.backup_days
            ),
            "expired items stay": table.expires_by == "expires_at",
        }.items()
        if not holds
    ]
    if wrong:
        raise Wrong("; ".join(wrong), f"manage.py doctor{_of(site)} --fix")
    return f"protected, encrypted, {table.backup_days} days of backups"


def _copies(site: Site) -> str:
    if site.copies:
        raise Wrong(
            f"the privacy notice says nothing of {', '.join(site.copies)}",
            "Delete it in DynamoDB's console; take the table out of whatever makes it.",
        )
    return "there is none of the table but what it can be restored from"


def _sender(site: Site) -> str:
    identity = site.identity
    if identity is None:
        raise Wrong("SES does not know the sender", f"manage.py provision{_of(site)}")
    if not identity.verified:
        raise Wrong(
            f"SES may not send from {identity.name} yet",
            _verifying(site, identity),
        )
    return f"SES may send from {identity.name}"


def _dkim(site: Site) -> str:
    identity = site.identity
    if identity is None or "@" in identity.name:
        raise Wrong(
            "mails are not signed by the sender's domain, and may end up as junk",
            "Have the domain verified in SES rather than one address.",
        )
    if not identity.signing:
        raise Wrong(f"DKIM is off for {identity.name}", "Turn Easy DKIM on in SES's console.")
    if identity.dkim in _DKIM_NOT_DONE:
        raise Wrong(
            f"DKIM is {identity.dkim.lower()} for {identity.name}",
            _verifying(site, identity),
        )
    return f"{identity.name} signs its mails"


def _verifying(site: Site, identity: IdentityFacts) -> str:
    if "@" in identity.name:
        return f"Follow the link in the mail that AWS sent to {identity.name}."
    if not identity.records:
        return "SES's console says which DNS records it waits for."
    lines = ["Have these records added to its DNS:", *identity.records]
    if identity.dkim == "FAILED":
        lines.append(
            f"SES looks for them no more: when they are there, manage.py provision{_of(site)}"
        )
    return "\n".join(lines)


def _sending(site: Site) -> str:
    if not site.sending.enabled:
        raise Wrong("sending is paused for the account", "Read AWS's message in SES's console.")
    if not site.sending.production:
        raise Wrong(
            "the account is in SES's sandbox: mails go only to verified addresses",
            "SES's console, Account dashboard, Request production access. It takes about a day.",
        )
    return "SES sends to anybody"


def _mail_set(site: Site) -> str:
    found = site.mail_set
    topic = f"{site.stage.service}-mail-events"
    if found is None or topic not in found.topics:
        raise Wrong("SES does not tell what becomes of mails", f"manage.py provision{_of(site)}")
    if not found.requires_tls:
        raise Wrong("mails may go unencrypted", f"manage.py doctor{_of(site)} --fix")
    return "mails go encrypted, and SES tells what becomes of them"


def _recipients(site: Site) -> str:
    people = {
        **{f"contact person {n}": c.email for n, c in enumerate(site.event.contacts, 1)},
        "the operator": site.event.operator,
    }
    refused = [who for who, address in people.items() if site.is_suppressed(address)]
    if refused:
        raise Wrong(
            f"SES mails these no more, since a mail bounced: {', '.join(refused)}",
            "Correct the address, or take it off the suppression list in SES's console.",
        )
    return "SES mails the contact persons and the operator"


def _alarm_mails(site: Site) -> str:
    if not site.alarm_recipients.get(site.event.operator):
        raise Wrong(
            "the operator has not confirmed to get the alarms",
            "Follow the link in the mail from AWS Notifications; it may be among the junk. If "
            f"there is none, or it is too old, manage.py provision{_of(site)} sends a new one.",
        )
    return "the operator gets them"


def _state_file(site: Site) -> str:
    name = f".chalice/deployed/{site.stage.name}.json"
    if not site.state_file.here:
        raise Wrong(f"{name} is not here", f"chalice deploy{_of(site)}")
    if not site.state_file.committed:
        raise Wrong(
            f"git does not have {name} as it is; without it the next deploy makes a second service",
            f"git add .chalice && git commit -m 'Deployed {site.stage.name}', and push it",
        )
    return f"{name} is kept in git"


def _functions(site: Site) -> str:
    wrong = []
    for function in site.functions:
        found = site.deployed_function(function)
        if found is None:
            wrong.append(f"{function.deployed_as} is not there")
        elif found.handler != function.handler:
            wrong.append(f"{function.deployed_as} calls {found.handler}, not {function.handler}")
        elif found.environment != site.stage.environment:
            wrong.append(f"{function.deployed_as} has other settings than .chalice/config.json")
    if wrong:
        raise Wrong("; ".join(wrong), _deploy_again(site))
    return f"{len(site.functions)} functions call what the code has"


def _runtime(site: Site) -> str:
    runtimes = {
        found.runtime for function in site.functions if (found := site.deployed_function(function))
    }
    if runtimes != {site.python}:
        raise Wrong(
            f"the functions run {', '.join(sorted(runtimes)) or 'nothing'}, this is {site.python}",
            f"Use that Python here, or change what runs: chalice deploy{_of(site)}",
        )
    return f"the functions run {site.python}"


def _package(site: Site) -> str:
    found = site.bundle
    if found is None:
        raise Wrong("nothing is deployed", f"chalice deploy{_of(site)}")
    for files, words in (
        (found.missing, "lacks"),
        (found.stale, "has otherwise than this folder"),
        (found.unreadable, "can't read"),
    ):
        if files:
            raise Wrong(f"what runs {words} {_some(files)}", _deploy_again(site))
    return "what runs is this folder's code, and readable"


def _policies(site: Site) -> str:
    wrong = [
        function.deployed_as
        for function in site.functions
        if site.deployed_policy(function) != site.wanted_policy(function)
    ]
    if wrong:
        raise Wrong(
            f"not what the code calls: {', '.join(wrong)}",
            f"manage.py provision{_of(site)}, then chalice deploy{_of(site)}",
        )
    more = [
        f"{function.deployed_as} has {name}"
        for function in site.functions
        for name in site.other_policies(function)
    ]
    if more:
        raise Wrong(
            f"more than the code calls: {', '.join(more)}",
            "Take those off the functions' roles in IAM's console.",
        )
    return "each function may do what it does, and no more"


def _schedules(site: Site) -> str:
    wrong = [
        f"{name} is {site.rule(name) or 'off'}, not {schedule}"
        for name, schedule in site.schedules.items()
        if site.rule(name) != schedule
    ]
    if wrong:
        raise Wrong("; ".join(wrong), f"chalice deploy{_of(site)}")
    return f"closing {site.schedules['close_registration']}, tick each minute"


def _finished(site: Site) -> str:
    wrong = []
    for name, config in event_invoke_configs(site.template).items():
        found = site.retries(name)
        wanted = (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"])
        is_kept = name in keeping_failed_events(site.template)
        queue = f"{site.stage.service}-failed-events" if is_kept else ""
        if found is None or (found.retries, found.seconds) != wanted or found.queue != queue:
            wrong.append(f"failed events of {name} are {'lost' if is_kept else 'kept or repeated'}")
    wrong += [
        f"{function.log_group} is {_kept(days)}"
        for function in site.functions
        if (days := site.log_days(function)) != site.event.privacy.log_days
    ]
    if site.told_address != site.address:
        wrong.append("the mails to the contact persons don't lead to their pages")
    if api_changes(site.api, site.template):
        wrong.append("the API takes any number of requests, or logs them")
    if wrong:
        raise Wrong("; ".join(wrong), f"manage.py finish{_of(site)}")
    return "failed events are kept, logs end, the API is throttled and keeps no log"


def _kept(days: int | None) -> str:
    if days is None:
        return "not there"
    how_long = f"{days} days" if days else "for ever"
    return f"kept {how_long}, not as the privacy notice says"


def _pages(site: Site) -> str:
    wrong = [
        f"{path} answers {status}"
        for path in ("/", "/registration", "/privacy")
        if (status := site.answers(path)) != 200
    ]
    if wrong:
        raise Wrong("; ".join(wrong), "See the log of the web function: docs/operations.md.")
    return "the agenda, the form and the privacy notice answer"


def _ticking(site: Site) -> str:
    if site.ticked_at is None:
        raise Wrong(
            "no tick has ended well for 15 minutes",
            "Just after a deploy, wait two minutes; otherwise see docs/operations.md, no-tick.",
        )
    return f"the last tick ended well {site.ticked_at:%H:%M} UTC"


def _quiet(site: Site) -> str:
    # It rings before the first deploy, and stops within 15 minutes of the first tick.
    ringing = [one for one in site.ringing if not (one.endswith("-no-tick") and site.ticked_at)]
    if ringing or site.failed_events:
        said = [*ringing, *(["events in the queue"] if site.failed_events else [])]
        raise Wrong(f"ringing: {', '.join(said)}", "docs/operations.md says what to do.")
    return "no alarm rings, no failed event waits"


def _of(site: Site) -> str:
    return f" --stage {site.stage.name}"


def _deploy_again(site: Site) -> str:
    return f"rm -rf .chalice/deployments, then chalice deploy{_of(site)}"


def _some(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return ", ".join(files[:3]) + more


CHECKS = (
    Check("credentials", _credentials, before_deploy=True),
    Check("account", _account, before_deploy=True),
    Check("region", _region, before_deploy=True),
    Check("Python", _python, before_deploy=True),
    Check("event file", _event_file, before_deploy=True),
    Check("stage's settings", _stage_settings, before_deploy=True),
    Check("addresses", _placeholders, before_deploy=True),
    Check("notice", _notice, before_deploy=True),
    Check("deadline", _deadline, before_deploy=True),
    Check("file modes", _file_modes, before_deploy=True),
    Check("policy files", _policy_files),
    Check("stack", _stack),
    Check("table", _table),
    Check("copies", _copies),
    Check("sender", _sender),
    Check("DKIM", _dkim),
    Check("sending", _sending),
    Check("mail events", _mail_set),
    Check("recipients", _recipients),
    Check("alarm mails", _alarm_mails),
    Check("state file", _state_file),
    Check("functions", _functions),
    Check("runtime", _runtime),
    Check("package", _package),
    Check("policies", _policies),
    Check("schedules", _schedules),
    Check("finish", _finished),
    Check("pages", _pages),
    Check("tick", _ticking),
    Check("deletion", _deletion),
    Check("alarms", _quiet),
)
