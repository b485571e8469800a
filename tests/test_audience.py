"""Who may see what."""

from analytics.generation import PersonRow as Person
from bot import audience
from bot.audience import Role

PEOPLE = [
    Person("cro", "Carol Ross", "carol@example.com", "cro", "", "HQ"),
    Person("m1", "Mia Chen", "mia@example.com", "manager", "cro", "North"),
    Person("m2", "Max Berg", "max@example.com", "manager", "m1", "North"),
    Person("r1", "Rita Diaz", "rita@example.com", "rep", "m1", "North"),
    Person("r2", "Raj Patel", "raj@example.com", "rep", "m2", "North"),
    Person("o1", "Olga Ops", "olga@example.com", "ops", "", "HQ"),
]


def of(person_id):
    return audience.viewer(next(p for p in PEOPLE if p.person_id == person_id), PEOPLE)


def test_a_rep_sees_own_deals_only():
    assert of("r1").scope.allows("r1")
    assert not of("r1").scope.allows("r2")


def test_a_manager_sees_the_whole_subtree_and_nobody_beside_it():
    assert of("m1").scope.rep_ids == {"m1", "m2", "r1", "r2"}
    assert of("m2").scope.rep_ids == {"m2", "r2"}


def test_the_cro_sees_all_and_ops_see_no_deal():
    assert of("cro").scope.everyone
    assert not of("o1").sees_deals


def test_people_who_manage_each_other_do_not_hang_us():
    loop = [Person("a", "A", "", "manager", "b", ""), Person("b", "B", "", "manager", "a", "")]
    assert audience.reports(loop, "a") == {"a", "b"}


def test_a_role_from_the_settings_goes_before_the_crms():
    seen = audience.viewer(PEOPLE[3], PEOPLE, {"rita@example.com": Role.CRO})
    assert seen.scope.everyone


def test_an_email_that_two_people_share_identifies_nobody():
    twins = [
        Person("a", "A", "x@example.com", "rep", "", ""),
        Person("b", "B", "X@example.com", "cro", "", ""),
    ]
    assert audience.by_email(twins, "x@example.com") is None


def test_an_empty_email_is_nobodys():
    assert audience.by_email([Person("a", "A", "", "rep", "", "")], "") is None


def test_a_first_name_is_enough_when_only_one_person_has_it():
    assert audience.by_words(PEOPLE, "rita").person_id == "r1"
    assert audience.by_words(PEOPLE, "nobody") is None
