"""A Slack of our own in one process, for tests, the demo and development: same protocol, no network."""

from bot.playground.elements import NoSuchElement
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.frames import Front
from bot.playground.gestures import Reply
from bot.playground.records import Conversation, Message, Person
from bot.playground.server import TEAMMATES, Playground
from bot.playground.workspace import NoSuchConversation, NoSuchPerson, Refused

__all__ = [
    "TEAMMATES",
    "Conversation",
    "Fault",
    "Faults",
    "Front",
    "Kind",
    "Message",
    "NoSuchConversation",
    "NoSuchElement",
    "NoSuchPerson",
    "Person",
    "Playground",
    "Refused",
    "Reply",
]
