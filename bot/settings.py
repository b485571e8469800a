"""Every setting, each with its default, unit and one line of help. The only reader of the environment."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from data.mendable import Mendable


class SettingsError(Mendable):
    """A setting has a value we cannot use."""


class Settings(BaseSettings):
    """Read from the environment: `DEALCOACH_<NAME>`, Slack's and the model's by their usual names."""

    model_config = SettingsConfigDict(
        env_prefix="DEALCOACH_", populate_by_name=True, env_ignore_empty=True, extra="ignore"
    )

    home: Path = Field(Path("~/.dealcoach"), description="one folder for all data")
    zone: str = Field("UTC", description="the team's time zone, an IANA name")
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

    stale_after_days: int = Field(2, ge=1, description="numbers older than this say so, days")
    p1_amount: Decimal = Field(Decimal(50_000), ge=0, description="smallest amount of a P1 alert, money")
    p1_inactive_days: int = Field(
        14, ge=1, description="no activity for longer than this stalls a deal, days"
    )
    p1_per_week: int = Field(3, ge=1, description="P1 alerts per owner and week")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")

    @field_validator("cro_emails", "ops_emails", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(v.strip().lower() for v in value.split(",") if v.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("slack_api_url")
    @classmethod
    def _end_with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

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
