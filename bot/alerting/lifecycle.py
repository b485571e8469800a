"""The life of an alert: judged, told once, answered with a click, edited as it goes on and when it ends.

`economy.decide` says what a generation changes (pure), `apply` writes all of it in the caller's transaction;
the other functions are one answer of a person each. Every answer is checked against memory: a key that comes
from a button proves nothing.

Errors, each a sentence for the reader: `NoSuchAlert`, `NotYours`, `AlertOver`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.rules import Rule
from analytics.facts import Ending, Finding
from bot.alerting import book, economy, log, messages, outbox, silences
from bot.alerting.desk import Desk, Render
from bot.alerting.economy import Decision, Expire, Forget, Place, Renew, Resolve, Situation
from bot.alerting.log import What, Why
from bot.alerting.silences import Silence
from bot.alerting.standing import HIDDEN, Alert, State
from bot.audience import Viewer
from bot.narrator.claims import say
from bot.refusals import refusal
from data.mendable import Mendable

__all__ = [
    "AlertError",
    "AlertOver",
    "Desk",
    "NoSuchAlert",
    "NotYours",
    "Render",
    "acknowledge",
    "act",
    "act_on",
    "apply",
    "dismiss",
    "judge",
    "listed",
    "overdue",
    "release",
    "snooze",
    "snooze_subject",
    "useful",
    "wake",
    "withhold",
]

#: An alert in one of these may be in a digest.
LISTED = frozenset({State.TOLD, State.DIGEST})


class AlertError(Mendable):
    """The tree: NoSuchAlert, NotYours, AlertOver."""


class NoSuchAlert(AlertError):
    """No alert has this key, or none that anybody was told of."""

    def __init__(self) -> None:
        super().__init__(refusal("no_such_alert"))


class NotYours(AlertError):
    """An alert about somebody's deal whom the viewer may not see."""

    def __init__(self) -> None:
        super().__init__(refusal("not_your_alert"))


class AlertOver(AlertError):
    """An alert that ended before the answer came."""

    def __init__(self) -> None:
        super().__init__(refusal("alert_over"))


# ------------------------------------------------------------------ a generation is judged


async def judge(
    tx: AsyncConnection,
    findings: Sequence[Finding],
    *,
    rules: Sequence[Rule],
    already: Collection[tuple[str, str]],
    levels: Collection[str],
    ending: Callable[[Finding], Ending],
    desk: Desk,
    day: date | None = None,
    lasts: Callable[[Finding], bool] = economy.never,
) -> int:
    """What a generation's findings change: decided and written; returns how many messages.

    Args:
        findings: what holds now, of `rules`.
        already: (rule, subject_id) of what held a week before.
        levels: alerts of other levels are left alone.
        ending: why an alert that was told holds no more.
        day: of the numbers; None: that of the findings.
        lasts: does what was told go on, though it is over the line no more?
    """
    day = day or max((found.as_of for found in findings), default=desk.now.date())
    open_alerts = await book.open_alerts(tx, desk.workspace, levels)
    seen = await situation(tx, desk, day=day, rules=rules, already=already, levels=levels)
    return await apply(
        tx, economy.decide(open_alerts, findings, seen, ending=ending, desk=desk, lasts=lasts), desk
    )


async def situation(
    tx: AsyncConnection,
    desk: Desk,
    *,
    day: date,
    rules: Sequence[Rule] = (),
    already: Collection[tuple[str, str]] = (),
    levels: Collection[str] = (),
) -> Situation:
    """What memory knows that bears on a decision."""
    workspace = desk.workspace
    return Situation(
        day=day,
        rules=rules,
        already=already,
        seasoned=await book.seasoned(tx, workspace),
        told=await log.told_lately(tx, workspace, desk.now),
        spent=await book.spent(tx, workspace, levels),
        name=book.namer(workspace, await book.keys_of_day(tx, workspace, day)),
    )


async def apply(tx: AsyncConnection, decisions: Iterable[Decision], desk: Desk) -> int:
    """Write what was decided: alerts, log and messages; returns how many messages.

    All of it stands or falls with the caller's transaction. What ended goes first, for there is at most one
    open alert of a rule and a subject.
    """
    decided = list(decisions)
    written = 0
    for decision in decided:
        match decision:
            case Resolve(alert, ending):
                written += await _resolve(tx, alert, ending, desk)
            case Expire(alert, on):
                written += await _expire(tx, alert, on, desk)
            case Forget(alert):
                await book.change(tx, replace(alert, reason="over"))
    placed = [one for one in decided if isinstance(one, Place)]
    renewed = [one.alert for one in decided if isinstance(one, Renew)]
    await book.write(tx, desk.workspace, [*renewed, *(_dated(one, desk) for one in placed)])
    await log.write_all(tx, desk.workspace, [row for one in placed for row in _logged(one, desk)])
    return written + sum([await _tell(tx, one, desk) for one in placed if one.to or one.was])


def _dated(place: Place, desk: Desk) -> Alert:
    """The alert with the moment at which the manager is told, if nobody answers."""
    alert, found = place.alert, place.alert.finding
    asked = found.manager_id not in ("", found.owner_id) and found.owner_id
    if alert.state is not State.TOLD or found.level != "P1" or not asked or found.manager_id in place.to:
        return alert
    return replace(alert, escalate_at=escalation(found.owner_id, desk))


def escalation(owner_id: str, desk: Desk) -> datetime:
    """When an owner who is told now has had time enough to answer."""
    hours = desk.hours(owner_id)
    return hours.after(hours.next_open(desk.now), timedelta(hours=desk.settings.escalate_after_hours))


def _logged(place: Place, desk: Desk) -> list[log.Row]:
    """The rows of the log: one for each person told, else one."""
    alert, found = place.alert, place.alert.finding
    if alert.state is State.TOLD:
        told = [
            log.Row(alert.key, found, What.TOLD, desk.now, _late(person, desk), person) for person in place.to
        ]
        spared = [
            log.Row(alert.key, found, What.SUPPRESSED, desk.now, Why.MANAGER_BUDGET, person)
            for person in place.spared
        ]
        return told + spared
    owner = (found.owner_id or found.manager_id) if alert.state is State.SILENT else ""
    return [log.Row(alert.key, found, place.what, desk.now, place.reason, owner)]


def _late(person_id: str, desk: Desk) -> str:
    return "" if desk.hours(person_id).next_open(desk.now) == desk.now else Why.QUIET_HOURS


async def _tell(tx: AsyncConnection, place: Place, desk: Desk) -> int:
    """A post for each person it is for; who has one from before sees how it stands now."""
    new = set()
    for person_id in place.to:
        recipient = _recipient(place.alert, person_id, desk)
        due = desk.hours(person_id).next_open(desk.now)
        new.add(await messages.post(tx, place.alert, recipient, desk, due=due))
    edited = await _show(tx, place, new, desk) if place.was not in (None, place.alert.state) else 0
    return len(new - {""}) + edited


async def _show(tx: AsyncConnection, place: Place, new: Collection[str], desk: Desk) -> int:
    """Where an alert was put, in the messages it had before: those of the pilot's reviewers.

    They never learn the lot: what is silent looks like what is told.
    """
    event = What.TOLD if place.what is What.SILENT else place.what
    number = await log.newest(tx, desk.workspace, place.alert.key)
    return await messages.edit(tx, place.alert, desk, event, number, but=new)


def _recipient(alert: Alert, person_id: str, desk: Desk) -> outbox.Recipient:
    email = next((one.email for one in desk.reviewers if one.person_id == person_id), "")
    return desk.person(alert.finding, person_id, alert.state, email)


async def _resolve(tx: AsyncConnection, alert: Alert, ending: Ending, desk: Desk) -> int:
    """Close the alert; who saw it sees how it ended, who did not is spared."""
    closed = replace(alert, state=State.RESOLVED, reason=ending.reason, resolved_on=ending.as_of)
    return await _close(tx, closed, What.RESOLVED, desk, ending)


async def _expire(tx: AsyncConnection, alert: Alert, day: date, desk: Desk) -> int:
    """Close what nobody acted on; it still holds, so nothing more is said of it until it was over."""
    closed = replace(alert, state=State.EXPIRED, reason="", resolved_on=day)
    return await _close(tx, closed, What.EXPIRED, desk)


async def _close(
    tx: AsyncConnection, alert: Alert, what: What, desk: Desk, ending: Ending | None = None
) -> int:
    closed = replace(alert, escalate_at=None, until=None)
    await book.change(tx, closed)
    await messages.cancel(tx, alert.key, f"over before it was read: {alert.reason or what}")
    number = await log.write(
        tx, desk.workspace, alert.key, alert.finding, what, at=desk.now, reason=alert.reason
    )
    return await messages.edit(tx, closed, desk, what, number, ending=ending)


# ------------------------------------------------------------------ somebody answers


async def acknowledge(tx: AsyncConnection, key: str, viewer: Viewer, desk: Desk) -> Alert:
    """ "I've got it": nobody else is asked any more. A second click changes nothing.

    Raises:
        NoSuchAlert, NotYours, AlertOver: there is nothing to answer, here or for this viewer.
    """
    alert = await _asked(tx, key, viewer, desk)
    if alert.state in (State.ACKNOWLEDGED, State.ACTED):
        return alert
    taken = _by(alert, viewer, desk, state=State.ACKNOWLEDGED)
    return await _answer(tx, taken, What.ACKNOWLEDGED, viewer, desk)


async def act(tx: AsyncConnection, key: str, viewer: Viewer, what: str, desk: Desk) -> Alert:
    """An action was logged; `what` is the play's text or their own words.

    Raises:
        NoSuchAlert, NotYours, AlertOver: as `acknowledge`.
    """
    alert = _by(await _asked(tx, key, viewer, desk), viewer, desk, state=State.ACTED, acted=what)
    return await _answer(tx, alert, What.ACTED, viewer, desk, what)


async def act_on(tx: AsyncConnection, subject_id: str, viewer: Viewer, what: str, desk: Desk) -> list[Alert]:
    """An action was logged for a deal: every alert about it that the viewer may answer is acted on.

    Returns:
        These alerts; empty when nobody is told of the deal.
    """
    open_now = await book.of_subject(tx, desk.workspace, subject_id)
    theirs = [one for one in open_now if one.state not in HIDDEN and _may_answer(viewer, one, desk)]
    return [await act(tx, one.key, viewer, what, desk) for one in theirs]


async def dismiss(tx: AsyncConnection, key: str, viewer: Viewer, reason: str, desk: Desk) -> Alert:
    """Nothing is to be done about it; `reason` in their words.

    Raises:
        NoSuchAlert, NotYours, AlertOver: as `acknowledge`.
    """
    alert = _by(await _asked(tx, key, viewer, desk), viewer, desk, state=State.DISMISSED, reason=reason)
    return await _answer(tx, alert, What.DISMISSED, viewer, desk, reason)


async def useful(
    tx: AsyncConnection, key: str, viewer: Viewer, is_useful: bool, desk: Desk, reason: str = ""
) -> Alert:
    """Was it worth telling? "Not useful" dismisses what is open, with the reason. Ended alerts may be judged.

    Raises:
        NoSuchAlert, NotYours: as `acknowledge`.
    """
    alert = await _known(tx, key, viewer, desk)
    if is_useful or not alert.is_open:
        what = What.USEFUL if is_useful else What.NOT_USEFUL
        row = log.Row(alert.key, alert.finding, what, desk.now, reason, viewer.key)
        await log.write_all(tx, desk.workspace, [row])
        return alert
    put_aside = _by(alert, viewer, desk, state=State.DISMISSED, reason=reason)
    return await _answer(tx, put_aside, What.NOT_USEFUL, viewer, desk, reason)


async def snooze(tx: AsyncConnection, key: str, viewer: Viewer, days: int, desk: Desk) -> Alert:
    """The viewer hears nothing of this deal for so many days; what waits to be sent to them is not sent.

    Raises:
        NoSuchAlert, NotYours, AlertOver: as `acknowledge`.
    """
    alert = await _asked(tx, key, viewer, desk)
    await snooze_subject(tx, alert.finding.subject_id, viewer, days, desk)
    return await book.find(tx, desk.workspace, key) or alert


async def snooze_subject(
    tx: AsyncConnection, subject_id: str, viewer: Viewer, days: int, desk: Desk
) -> datetime:
    """The viewer hears nothing of a deal for so many days, whether or not there is an alert about it.

    The caller has checked that the viewer may see it. An owner's snooze is an answer: the manager is not
    asked meanwhile.

    Returns:
        Its end.
    """
    person, until = viewer.key, desk.now + timedelta(days=days)
    silence = Silence(person_id=person, subject_id=subject_id, until=until, author=person, reason=str(days))
    await silences.lift(tx, desk.workspace, person, subject_id, desk.now)  # the last word counts
    await silences.keep(tx, desk.workspace, silence, desk.now)
    others = (one for one in desk.silences if (one.person_id, one.subject_id) != (person, subject_id))
    quiet = replace(desk, silences=(*others, silence))
    for alert in await book.of_subject(tx, desk.workspace, subject_id):
        if alert.state in HIDDEN:  # nobody but its reviewers knows it
            await messages.hush(tx, alert.key, person)
        else:
            await _hush(tx, alert, viewer, until, quiet, str(days))
    return until


async def _hush(
    tx: AsyncConnection, alert: Alert, viewer: Viewer, until: datetime, desk: Desk, days: str
) -> None:
    """One alert of what was snoozed: not sent, not asked about, or not listed until the snooze ends."""
    person = viewer.key
    grouped = await messages.hush_groups(tx, alert.key, person)
    unread = await messages.hush(tx, alert.key, person) or bool(grouped)
    if person == (alert.finding.owner_id or person):
        alert = await _asleep(tx, alert, until)
    elif unread and alert.state is State.TOLD:
        alert = replace(alert, escalate_at=until)
    await book.change(tx, alert)
    await _ask_again(tx, [key for key in grouped if key != alert.key], desk)
    row = (alert.key, alert.finding, What.SNOOZED)
    number = await log.write(tx, desk.workspace, *row, at=desk.now, reason=days, person_id=person)
    last = desk.hours(person).local_day(until).isoformat()
    await messages.edit(tx, alert, desk, What.SNOOZED, number, by=viewer.name, detail=last)


async def _asleep(tx: AsyncConnection, alert: Alert, until: datetime) -> Alert:
    """What its owner snoozed: held where nobody has it yet, else neither listed nor asked about meanwhile."""
    if alert.state in (State.HELD, State.TOLD) and not await messages.posts(tx, alert.key):
        return replace(alert, state=State.HELD, reason=Why.SNOOZED, told_on=None, escalate_at=None)
    return replace(alert, until=until if alert.state in LISTED else None, escalate_at=None)


async def _ask_again(tx: AsyncConnection, keys: Collection[str], desk: Desk) -> None:
    """The message they were in was dropped: the next sweep tells the manager of these."""
    for alert in await book.some(tx, desk.workspace, keys):
        if alert.state is State.TOLD:
            await book.change(tx, replace(alert, escalate_at=desk.now))


async def _answer(
    tx: AsyncConnection, alert: Alert, what: What, viewer: Viewer, desk: Desk, detail: str = ""
) -> Alert:
    """Keep an answer, and show it in every message of the alert."""
    await book.change(tx, alert)
    row = (alert.key, alert.finding, what)
    number = await log.write(tx, desk.workspace, *row, at=desk.now, reason=detail, person_id=viewer.key)
    await messages.edit(tx, alert, desk, what, number, by=viewer.name, detail=detail)
    return alert


def _by(alert: Alert, viewer: Viewer, desk: Desk, **changed: object) -> Alert:
    """The alert once somebody took it up: nobody else is asked, no snooze goes on."""
    taken = {"acted_by": viewer.key, "acted_at": desk.now, "escalate_at": None, "until": None}
    return replace(alert, **{**taken, **changed})  # type: ignore[arg-type]


async def _asked(tx: AsyncConnection, key: str, viewer: Viewer, desk: Desk) -> Alert:
    """An alert that is open and this viewer's to answer."""
    alert = await _known(tx, key, viewer, desk)
    if not alert.is_open:
        raise AlertOver
    return alert


async def _known(tx: AsyncConnection, key: str, viewer: Viewer, desk: Desk) -> Alert:
    alert = await book.find(tx, desk.workspace, key)
    if alert is None or alert.state in HIDDEN:
        raise NoSuchAlert
    if not _may_answer(viewer, alert, desk):
        raise NotYours
    return alert


def _may_answer(viewer: Viewer, alert: Alert, desk: Desk) -> bool:
    """Rights of today: who sees the owner's deals; who runs the system, where it is about that.

    A deal that has changed hands since is nobody's to answer for who sees only one of both owners.
    """
    found = alert.finding
    if found.level == "data":
        return viewer.runs_coach
    if viewer.scope.everyone:
        return True
    if not found.owner_id:
        return bool(found.manager_id) and viewer.person_id == found.manager_id
    owners = {found.owner_id, desk.owner_of(found)} if alert.is_open else {found.owner_id}
    return all(map(viewer.scope.allows, owners))


# ------------------------------------------------------------------ the pilot's reviewer


async def release(tx: AsyncConnection, key: str, viewer: Viewer, desk: Desk) -> Alert:
    """A reviewer lets an alert through: it is told now, unless a snooze, the budget or the lot forbid.

    Raises:
        NoSuchAlert: it does not wait for a reviewer.
        NotYours: the viewer does not review.
    """
    alert = await _reviewed(tx, key, viewer, desk)
    day = max(alert.opened_on, await book.newest_day(tx, desk.workspace))
    place = economy.released(alert, await situation(tx, desk, day=day), desk)
    row = (alert.key, alert.finding, What.RELEASED)
    number = await log.write(tx, desk.workspace, *row, at=desk.now, person_id=viewer.key)
    told = replace(place, alert=replace(place.alert, version=alert.version), was=None)  # edited below
    await apply(tx, [told], desk)
    await messages.edit(tx, told.alert, desk, What.RELEASED, number, by=viewer.name)
    return told.alert


async def withhold(tx: AsyncConnection, key: str, viewer: Viewer, reason: str, desk: Desk) -> Alert:
    """A reviewer holds an alert back; `reason` in their words.

    Raises:
        NoSuchAlert: it does not wait for a reviewer.
        NotYours: the viewer does not review.
    """
    alert = await _reviewed(tx, key, viewer, desk)
    held = _by(alert, viewer, desk, state=State.WITHHELD, reason=reason)
    return await _answer(tx, held, What.WITHHELD, viewer, desk, reason)


async def _reviewed(tx: AsyncConnection, key: str, viewer: Viewer, desk: Desk) -> Alert:
    if viewer.key not in {one.person_id for one in desk.reviewers}:
        raise NotYours
    alert = await book.find(tx, desk.workspace, key)
    if alert is None or alert.state is not State.REVIEW:
        raise NoSuchAlert
    return alert


# ------------------------------------------------------------------ time passes


async def wake(tx: AsyncConnection, alert: Alert, desk: Desk) -> None:
    """A snooze is over, and the deal is where it was: say so in the thread, and wait for an answer again."""
    again = escalation(alert.finding.owner_id, desk) if alert.finding.manager_id else None
    awake = replace(alert, until=None, escalate_at=again)
    await book.change(tx, awake)
    number = await log.write(tx, desk.workspace, alert.key, alert.finding, What.WOKEN, at=desk.now)
    owner = desk.person(alert.finding, alert.finding.owner_id)
    due = desk.hours(owner.person_id).next_open(desk.now)
    key = await messages.post(tx, awake, owner, desk, due=due)  # "" unless it was snoozed before it was read
    await messages.edit(tx, awake, desk, What.WOKEN, number, detail=say("alert_log.woken").text, but={key})


async def overdue(tx: AsyncConnection, alert: Alert, desk: Desk) -> None:
    """No reviewer looked at it in time: it goes to the digest."""
    listed_only = replace(alert, state=State.DIGEST, reason=Why.REVIEW, until=None)
    await book.change(tx, listed_only)
    row = (alert.key, alert.finding, What.DIGEST)
    number = await log.write(tx, desk.workspace, *row, at=desk.now, reason=Why.REVIEW)
    await messages.cancel(tx, alert.key, "no reviewer was in time")
    await messages.edit(tx, listed_only, desk, What.DIGEST, number)


async def listed(connection: AsyncConnection, desk: Desk) -> list[Alert]:
    """What digests may list: told and unanswered, in the digest, or over budget; not what its owner snoozed.

    Returns:
        The loudest level first, then by amount.
    """
    found = await book.open_alerts(connection, desk.workspace)
    shown = [one for one in found if one.state in LISTED or one.reason == Why.BUDGET]
    heard = [one for one in shown if not desk.snoozed_until(one.finding.owner_id, one.finding)]
    return sorted(heard, key=lambda one: economy.loudest_first(one.finding))
