"""Who is told what: findings and open alerts in, decisions out. Pure; `lifecycle.apply` acts on them.

Few things, once: of the rules that hold for a deal the loudest counts; an owner gets at most so many P1 in a
week, the biggest deals first; what was over the line before its rule was switched on goes to the digest.

Only what its owner may read of, in a message or a list, keeps the quieter rules of a deal out of the lists.
While the louder one waits for a review, was held back by a reviewer, is unwanted, or is silent by lot, the
deal stands in the list under its quieter rule, as if the louder one had not been. For a silent deal too,
though the line makes it less unlike a deal that was told: the lot is drawn about messages, both arms were
listed before they crossed the line, and to strike the line of one arm alone would be a treatment of its
own, and tell its owner of the lot. What is measured is what a message adds to the list.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from analytics.alerts.rules import Level, Rule
from analytics.facts import Ending, Finding
from bot.alerting.desk import Desk
from bot.alerting.log import What, Why
from bot.alerting.standing import HIDDEN, UNTOLD, Alert, State

LOUDNESS = tuple(Level)  #: the loudest first
REVIEW_WAIT = timedelta(hours=72)  #: working hours a reviewer has; then it goes to the digest
QUIET_LEVELS = (Level.P2, Level.P3, Level.DRIVER)  #: told in digests only
UNHEARD = (Why.SNOOZED, Why.PREFERENCE)  #: held so, it is in no list either
#: An alert in one of these ends when nobody acts on it for too long.
MAY_EXPIRE = frozenset({State.HELD, State.SILENT, State.DIGEST, State.TOLD, State.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Put an alert, new or not, into the state it has here; `to` are told with a message of their own."""

    alert: Alert
    what: What
    reason: str = ""
    to: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()  # managers who had enough this week
    was: State | None = None  # its state before; None: it is new


@dataclass(frozen=True, slots=True)
class Resolve:
    """The subject is no longer over the line: edit what was told."""

    alert: Alert
    ending: Ending


@dataclass(frozen=True, slots=True)
class Expire:
    """Nobody acted for too long: edit what was told, and say no more while it lasts."""

    alert: Alert
    day: date


@dataclass(frozen=True, slots=True)
class Forget:
    """What had expired is over: from now on it may be told anew."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Renew:
    """Nothing changed but the figures of an alert that is in digests only."""

    alert: Alert


Decision = Place | Resolve | Expire | Forget | Renew


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What memory knows that bears on a decision.

    `told` counts the alerts of level P1 that a person had in the last seven days: by person and whether they
    own what it was about.
    """

    day: date  # of the numbers
    rules: Sequence[Rule] = ()  # in the order in which they are told
    already: Collection[tuple[str, str]] = ()  # (rule, subject_id) of what held a week before
    seasoned: Collection[tuple[str, int]] = ()  # (rule, version) that were judged before
    told: Mapping[tuple[str, bool], int] = field(default_factory=dict)
    spent: Sequence[Alert] = ()  # expired, and not known to be over
    name: Callable[[Finding], str]  # the key of a new alert


def never(_: Finding) -> bool:
    """Nothing outlasts the line it crossed."""
    return False


def decide(
    open_alerts: Sequence[Alert],
    findings: Sequence[Finding],
    situation: Situation,
    *,
    ending: Callable[[Finding], Ending],
    desk: Desk,
    lasts: Callable[[Finding], bool] = never,
) -> list[Decision]:
    """What a generation changes about the alerts: what ended, what is new and worth telling, what must wait.

    An open alert that still holds under the same owner says nothing more. What was held is told as soon as
    there is room. What was told goes on while it `lasts`, over the line or not: an alert that ends and begins
    again within days is noise.

    Returns:
        Endings first, then the rest, the loudest and biggest first. Empty when nothing changed.
    """
    over_the_line = {(f.rule, f.subject_id) for f in findings}
    going_on = [a.finding for a in open_alerts if a.id not in over_the_line and _goes_on(a, lasts)]
    findings = [*findings, *going_on]
    holding = {(f.rule, f.subject_id): f for f in findings}
    lasting = {a.id: a for a in open_alerts if _same(a, holding.get(a.id))}
    spent = {a.id: a for a in situation.spent if _same(a, holding.get(a.id))}
    late = {i: a for i, a in lasting.items() if _is_late(a, situation.day, desk)}
    over: list[Decision] = [Resolve(a, ending(a.finding)) for a in open_alerts if a.id not in lasting]
    over += [Expire(a, situation.day) for a in late.values()]
    over += [Forget(a) for a in situation.spent if a.id not in spent]
    told = {i for i, a in lasting.items() if a.state not in UNTOLD} | spent.keys() | late.keys()
    leading = leaders(findings, told, situation.rules)
    quiet = leaders([f for f in findings if f.level in QUIET_LEVELS], told, situation.rules)
    telling = _Telling(situation, desk, lasting, leading, quiet)
    untold = [f for i, f in holding.items() if i not in told]
    return [*over, *(d for f in sorted(untold, key=loudest_first) if (d := telling.decided(f)))]


def _goes_on(alert: Alert, lasts: Callable[[Finding], bool]) -> bool:
    """Was somebody told, or is it kept silent, and does it last? What was held is told anew or not at all."""
    return alert.state is not State.HELD and lasts(alert.finding)


def leaders(
    findings: Iterable[Finding], told: Collection[tuple[str, str]], rules: Sequence[Rule]
) -> set[tuple[str, str]]:
    """Of the rules that hold for one subject the one that counts: the loudest, told before others, by order.

    Returns:
        (rule, subject_id) of each leading finding.
    """
    order = {rule.id: place for place, rule in enumerate(rules)}
    best: dict[tuple[str, str], tuple[int, bool, int, str]] = {}
    for found in findings:
        place = order.get(found.rule, len(order))
        is_new = (found.rule, found.subject_id) not in told
        rank = (LOUDNESS.index(Level(found.level)), is_new, place, found.rule)
        subject = _group(found)
        best[subject] = min(best.get(subject, rank), rank)
    return {(f.rule, f.subject_id) for f in findings if best[_group(f)][3] == f.rule}


def _group(found: Finding) -> tuple[str, str]:
    """What is told of once: a deal, whatever its rules; anything else, each rule by itself."""
    return ("deal" if found.subject == "deal" else found.rule, found.subject_id)


def _unheard(alert: Alert) -> bool:
    """Does its owner read of it nowhere, be it in a list?"""
    return alert.state in HIDDEN or (alert.state is State.HELD and alert.reason in UNHEARD)


def loudest_first(found: Finding) -> tuple[int, Decimal, str]:
    """The order in which findings are worth telling: by level, then the biggest amount."""
    return LOUDNESS.index(Level(found.level)), -(amount(found) or Decimal(0)), found.subject_id


def amount(found: Finding) -> Decimal | None:
    """The money a finding is about; None where there is none."""
    return found.figures["amount"].value if "amount" in found.figures else None


def _same(alert: Alert, found: Finding | None) -> bool:
    return found is not None and found.owner_id == alert.finding.owner_id


def _is_late(alert: Alert, day: date, desk: Desk) -> bool:
    """Has nobody acted on it for too long? A snooze is an answer while it lasts."""
    asleep = alert.until is not None and alert.until > desk.now
    since = alert.told_on or alert.opened_on
    return alert.state in MAY_EXPIRE and not asleep and (day - since).days >= desk.settings.expire_days


class _Telling:
    """Findings that nobody was told of, one after the other; keeps how much room there is."""

    def __init__(
        self,
        situation: Situation,
        desk: Desk,
        lasting: Mapping[tuple[str, str], Alert],
        leading: Collection[tuple[str, str]],
        quiet: Collection[tuple[str, str]] = (),
    ) -> None:
        self.situation = situation
        self.desk = desk
        self.lasting = lasting
        self.leading = leading
        self.quiet = quiet  # what leads among the rules of digests
        self.leads = {_group(a.finding): a for i, a in lasting.items() if i in leading}
        self.versions = {rule.id: rule.version for rule in situation.rules}
        self.used = dict(situation.told)
        for alert in lasting.values():
            if alert.state is State.REVIEW:
                self._use(alert.finding.owner_id, owns=True)

    def decided(self, found: Finding) -> Place | Renew | None:
        """What to do with one finding; None where another decision holds for it."""
        before = self.lasting.get((found.rule, found.subject_id))
        place = self._place(found, before)
        if (found.rule, found.subject_id) in self.leading:
            self.leads[_group(found)] = place.alert
        if before is None or (before.state, before.reason) != (place.alert.state, place.reason):
            return place
        return Renew(place.alert)

    def _place(self, found: Finding, before: Alert | None) -> Place:
        in_digest = before is not None and before.state is State.DIGEST
        suppressed = self._suppressed(found)
        if suppressed and not (in_digest and suppressed is Why.SNOOZED):
            return self._put(found, before, State.HELD, What.SUPPRESSED, suppressed)
        if before and in_digest:  # where it stays: a snooze only keeps it out of the lists while it lasts
            return self._put(found, before, State.DIGEST, What.DIGEST, before.reason, until=before.until)
        if found.level in QUIET_LEVELS:
            return self._put(found, before, State.DIGEST, What.DIGEST)
        return self._loud(found, before)

    def _suppressed(self, found: Finding) -> Why | None:
        """Why the owner is told neither now nor in a digest."""
        if inhibited := self._inhibited(found):
            return inhibited
        return self.unwanted(found.owner_id, found) if found.owner_id else None

    def _inhibited(self, found: Finding) -> Why | None:
        """Why another rule counts for the same deal; None where this one does, or the other is unheard."""
        this = (found.rule, found.subject_id)
        if this in self.leading:
            return None
        lead = self.leads.get(_group(found))
        if lead is None or not _unheard(lead):
            return Why.INHIBITED
        if this in self.quiet:
            return None
        return Why.AWAITS if lead.state is State.REVIEW and found.level not in QUIET_LEVELS else Why.INHIBITED

    def unwanted(self, person_id: str, found: Finding) -> Why | None:
        """Why a person does not want to hear of it now."""
        if self.desk.snoozed_until(person_id, found):
            return Why.SNOOZED
        chosen = self.desk.chosen(person_id)
        return None if chosen.wants(found.level, amount(found)) else Why.PREFERENCE

    def _loud(self, found: Finding, before: Alert | None) -> Place:
        if found.level != Level.DATA:
            if self._was_over(found, before):
                return self._put(found, before, State.DIGEST, What.DIGEST, Why.FIRST_RUN)
            if found.level == Level.P1 and not self._take_room(found):
                return self._put(found, before, State.HELD, What.SUPPRESSED, Why.BUDGET)
            if self.desk.reviewers:
                return self._review(found, before)
        return self.told(found, before)

    def _was_over(self, found: Finding, before: Alert | None) -> bool:
        """Is it no new crossing: over the line a week ago, and its rule or its turn is new?"""
        first_run = (found.rule, self.versions.get(found.rule, 0)) not in self.situation.seasoned
        turned = before is not None and before.reason in (Why.INHIBITED, Why.AWAITS, Why.PREFERENCE)
        is_new = first_run if before is None else turned
        return is_new and (found.rule, found.subject_id) in self.situation.already

    def _take_room(self, found: Finding) -> bool:
        owner = found.owner_id or found.manager_id
        if self.used.get((owner, True), 0) >= self.desk.settings.p1_per_week:
            return False
        self._use(owner, owns=True)
        return True

    def _use(self, person_id: str, *, owns: bool) -> None:
        self.used[person_id, owns] = self.used.get((person_id, owns), 0) + 1

    def _review(self, found: Finding, before: Alert | None) -> Place:
        asked = (one.person_id for one in self.desk.reviewers)
        reviewers = tuple(one for one in asked if not self.desk.snoozed_until(one, found))
        overdue = self.desk.settings.hours.after(self.desk.now, REVIEW_WAIT)
        return self._put(found, before, State.REVIEW, What.REVIEW, to=reviewers, until=overdue)

    def told(self, found: Finding, before: Alert | None) -> Place:
        """It is worth a message: to whom, unless the lot is against it or nobody wants it."""
        if found.level == Level.P1 and self.desk.is_silent(found.subject_id):
            place = self._put(found, before, State.SILENT, What.SILENT, Why.SILENT)
            return replace(place, alert=replace(place.alert, silent=True))
        wanting = [p for p in self._audience(found) if not self.unwanted(p, found)]
        if not wanting:
            return self._put(found, before, State.HELD, What.SUPPRESSED, Why.PREFERENCE)
        spared = [p for p in wanting if self._is_sated(p, found)]
        to = tuple(p for p in wanting if p not in spared)
        place = self._put(found, before, State.TOLD, What.TOLD, to=to, spared=tuple(spared))
        return replace(place, alert=replace(place.alert, told_on=self.situation.day))

    def _audience(self, found: Finding) -> list[str]:
        """Whom it concerns: the owner, or who decides about segments, or who runs the system."""
        owner, manager = found.owner_id or found.manager_id, found.manager_id
        if found.level == Level.DATA:
            return self.desk.with_role("ops") or self.desk.with_role("cro")
        if found.level == Level.RATE:
            return list(dict.fromkeys([*self.desk.with_role("cro"), *([manager] if manager else [])]))
        at_once = manager not in ("", owner) and self.desk.chosen(manager).at_once
        at_once = at_once and self.desk.may_see(manager, owner)
        return [*([owner] if owner else self.desk.with_role("cro")), *([manager] if at_once else [])]

    def _is_sated(self, person_id: str, found: Finding) -> bool:
        """Did a manager have enough this week? Counts this one, if not."""
        if found.level != Level.P1 or person_id in (found.owner_id, "") or not found.owner_id:
            return False
        if self.used.get((person_id, False), 0) >= self.desk.settings.manager_per_week:
            return True
        self._use(person_id, owns=False)
        return False

    def _put(
        self,
        found: Finding,
        before: Alert | None,
        state: State,
        what: What,
        reason: str = "",
        *,
        to: tuple[str, ...] = (),
        spared: tuple[str, ...] = (),
        until: datetime | None = None,
    ) -> Place:
        alert = Alert(
            key=before.key if before else self.situation.name(found),
            state=state,
            finding=found,
            reason=reason,
            version=self.versions.get(found.rule, 0),
            opened_on=before.opened_on if before else found.as_of,
            until=until,
        )
        was = before.state if before else None
        return Place(alert=alert, what=what, reason=reason, to=to, spared=spared, was=was)


def released(alert: Alert, situation: Situation, desk: Desk) -> Place:
    """What becomes of an alert that the reviewer let through: told, unless a snooze, budget or lot forbid.

    Its budget was taken when it went to the reviewers; if others were told since, it goes to the digest.
    """
    found, telling = alert.finding, _Telling(situation, desk, {}, ())
    if found.owner_id and (unwanted := telling.unwanted(found.owner_id, found)):
        return telling._put(found, alert, State.HELD, What.SUPPRESSED, unwanted)
    if found.level == Level.P1 and not telling._take_room(found):
        return telling._put(found, alert, State.DIGEST, What.DIGEST, Why.BUDGET)
    return telling.told(found, alert)
