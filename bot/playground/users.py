"""The Web API's `users.*`: who is who."""

from bot.playground.api import Call, method, page
from bot.playground.pace import TIER_2, TIER_3, TIER_4
from bot.playground.records import Json, Person
from bot.playground.workspace import Refused


@method("users.info", scope="users:read", per_minute=TIER_4)
def info(call: Call) -> Json:
    """One user; their address only with the scope for it."""
    person = call.workspace.people.get(call.arguments.needed("user", "user_not_found"))
    if person is None:
        raise Refused("user_not_found")
    return {"user": _shown(call, person)}


@method("users.lookupByEmail", scope="users:read.email", per_minute=TIER_3)
def lookup_by_email(call: Call) -> Json:
    """The user with this address, in any case of letters."""
    wanted = str(call.arguments.needed("email", "users_not_found")).casefold()
    for person in call.workspace.people.values():
        if person.email.casefold() == wanted:
            return {"user": _shown(call, person)}
    raise Refused("users_not_found")


@method("users.list", scope="users:read", per_minute=TIER_2)
def listed(call: Call) -> Json:
    """Everybody, those who left too; all at once unless a `limit` asks for pages."""
    people = [*call.workspace.people.values()]
    found, cursor = page(call, people) if call.arguments.get("limit") else (people, "")
    members = [_shown(call, person) for person in found]
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _shown(call: Call, person: Person) -> Json:
    with_email = "users:read.email" in call.credentials.scopes
    return person.as_json(with_email=with_email, with_locale=call.arguments.flag("include_locale"))
