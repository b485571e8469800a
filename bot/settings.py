"""Every setting, each with its default, unit and one line of help. The only reader of the environment."""

from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from analytics.stall import Thresholds
from bot.alerting.calendar import Hours
from data.mendable import Mendable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Mendable):
    """A setting has a value we cannot use."""


class Settings(BaseSettings):
    """Read from the environment: `DEALCOACH_<NAME>`, Slack's and the model's by their usual names."""

    model_config = SettingsConfigDict(
        env_prefix="DEALCOACH_",
        populate_by_name=True,
        env_ignore_empty=True,
        extra="ignore",
        protected_namespaces=(),
    )

    home: Path = Field(Path("~/.dealcoach"), description="one folder for all data")
    zone: str = Field("UTC", description="the team's time zone, an IANA name")
    language: Literal["en", "de"] = Field("en", description="for who has not told Slack another: en, de")
    workspace: str = Field("main", description="name of this workspace in memory")
    database_url: str = Field("", description="memory, as an SQLAlchemy URL; empty: a SQLite file in home")

    slack_bot_token: SecretStr = Field(SecretStr(""), alias="SLACK_BOT_TOKEN", description="xoxb-...")
    slack_app_token: SecretStr = Field(
        SecretStr(""), alias="SLACK_APP_TOKEN", description="xapp-..., for Socket Mode"
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), alias="SLACK_SIGNING_SECRET", description="for HTTP mode"
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", alias="SLACK_API_URL", description="address of Slack's Web API"
    )
    mode: Literal["auto", "socket", "http"] = Field(
        "auto", description="how Slack reaches us; auto: Socket Mode when there is an app token"
    )
    host: str = Field("127.0.0.1", description="address to listen on in HTTP mode")
    port: int = Field(3000, ge=0, le=65535, description="port to listen on in HTTP mode")

    cro_emails: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="emails with the CRO's view, comma separated"
    )
    ops_emails: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="emails with ops' view, comma separated"
    )

    openai_api_key: SecretStr = Field(
        SecretStr(""), alias="OPENAI_API_KEY", description="empty: no language model, plainer words"
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1", alias="OPENAI_BASE_URL", description="address of the language model"
    )
    model: str = Field("gpt-5-mini", description="the language model; for Azure the deployment's name")
    model_profile: Literal["auto", "openai", "azure", "compat"] = Field(
        "auto", description="which parameters its server knows; auto: by its address"
    )
    words_in_answers: Literal["suggest", "select", "off"] = Field(
        "suggest", description="the model's part in answers: choose and suggest, choose only, none"
    )
    words_in_digests: Literal["suggest", "select", "off"] = Field(
        "select", description="the same in what is sent unasked"
    )
    words_in_questions: Literal["on", "off"] = Field(
        "on", description="may the model read a question that the grammar does not understand"
    )
    model_seconds: float = Field(25.0, gt=0, description="longest wait for the model, in seconds, all told")
    model_at_once: int = Field(8, ge=1, description="requests to the model at the same time")
    tokens_per_user: int = Field(200_000, ge=0, description="tokens for one person and day")
    tokens_per_day: int = Field(5_000_000, ge=0, description="tokens for everybody and day")
    price_in: Decimal | None = Field(None, ge=0, description="money for a million tokens read")
    price_cached: Decimal | None = Field(None, ge=0, description="the same for tokens read from its cache")
    price_out: Decimal | None = Field(None, ge=0, description="money for a million tokens written")

    stale_after_days: int = Field(2, ge=1, description="numbers older than this say so, days")
    p1_amount: Decimal = Field(Decimal(50_000), ge=0, description="smallest amount of a P1 alert, money")
    p1_inactive_days: int = Field(
        14, ge=1, description="no activity for longer than this stalls a deal, days"
    )
    p1_per_week: int = Field(3, ge=1, description="P1 alerts per owner and week")
    manager_per_week: int = Field(5, ge=1, description="alerts per manager and week, escalations included")
    escalate_after_hours: int = Field(
        24, ge=1, description="working hours without an answer after which the manager is told"
    )
    working_days: Annotated[tuple[str, ...], NoDecode] = Field(
        ("mon", "tue", "wed", "thu", "fri"), description="days on which anybody is told, comma separated"
    )
    quiet_from: time = Field(time(18), description="local time after which nobody is told")
    quiet_until: time = Field(time(8), description="local time until which nobody is told")
    share_in_public: Literal["members", "never"] = Field(
        "members", description="answers in public channels: as their members may see them, or never"
    )
    digest_at: time = Field(time(8), description="local time of digests")
    silent_share: Decimal = Field(
        Decimal("0.15"),
        ge=0,
        le=Decimal("0.5"),
        description="share of alerts kept silent, to measure the rest",
    )
    pilot_days: int = Field(30, ge=0, description="days in which a reviewer sees every alert first; 0: none")
    reviewer_emails: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="who reviews in the pilot, comma separated; empty: the CRO, else ops"
    )
    expire_days: int = Field(30, ge=1, description="an alert nobody acts on ends after so many days")
    heartbeat_url: str = Field("", description="asked once a minute while all is well; empty: nowhere")
    play_links: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="your own documents about plays: play=https://..., comma separated"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")

    @field_validator("cro_emails", "ops_emails", "reviewer_emails", "working_days", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(v.strip().lower() for v in value.split(",") if v.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("working_days")
    @classmethod
    def _known_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(WEEKDAYS):
            raise ValueError(f"name one day or more of {', '.join(WEEKDAYS)}")
        return value

    @field_validator("play_links", mode="before")
    @classmethod
    def _paired(cls, value: object) -> object:
        """`call_the_buyer=https://wiki.example/calls, ...` as a mapping."""
        if not isinstance(value, str):
            return value
        pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
        return {play.strip(): link.strip() for play, _, link in pairs}

    @field_validator("play_links")
    @classmethod
    def _safe_to_follow(cls, value: dict[str, str]) -> dict[str, str]:
        for play, link in value.items():
            if not link.startswith("https://") or not urlsplit(link).hostname:
                raise ValueError(f"the document about {play!r} needs an address like https://...")
        return value

    @field_validator("home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("slack_api_url")
    @classmethod
    def _end_with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @field_validator("openai_base_url")
    @classmethod
    def _safe_to_send_to(cls, value: str) -> str:
        host = urlsplit(value).hostname or ""
        if not value.startswith("https://") and not (value.startswith("http://") and host in LOOPBACK):
            raise ValueError("only https, or http on this machine, may carry questions; write https://...")
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one like Europe/Berlin") from error
        return value

    @property
    def memory_url(self) -> str:
        """Where memory lives, as an SQLAlchemy URL."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home / 'memory.sqlite'}"

    @property
    def thresholds(self) -> Thresholds:
        """The lines a deal must cross to be called stalled, until somebody edits the rule."""
        return Thresholds(self.p1_amount, self.p1_inactive_days)

    @property
    def hours(self) -> Hours:
        """The team's working time, for who chose none of their own."""
        days = frozenset(WEEKDAYS.index(day) for day in self.working_days)
        return Hours(self.zone, days, self.quiet_until, self.quiet_from)

    @property
    def socket_mode(self) -> bool:
        """Does Slack reach us over Socket Mode?"""
        return self.mode == "socket" or (
            self.mode == "auto" and bool(self.slack_app_token.get_secret_value())
        )


def load(**overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: names the setting, its value and what would do.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"DEALCOACH_{name.upper()}"
        raise SettingsError(f"{variable} is {first['input']!r}: {first['msg']}.") from error
