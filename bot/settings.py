"""Settings of the gateway, each an environment variable with the prefix YANAPAY_ (docs/settings.md lists them)."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from nlu.paths import ROOT


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="YANAPAY_", extra="ignore", populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(8000, description="Port that the gateway listens on.")
    var: Path = Field(ROOT / "var", description="Folder of everything that is built: encoder, models, index, logs.")
    knowledge: Path = Field(ROOT / "knowledge", description="Folder of the knowledge files.")
    encoder: str | None = Field(None, description="Another sentence-transformers model: a folder or a name.")
    encoder_threads: int = Field(1, description="Threads of one forward pass.")
    rasa: bool = Field(True, description="Whether the gateway starts and watches a Rasa server of its own.")
    rasa_url: str | None = Field(None, description="A Rasa server that runs elsewhere; the gateway then starts none.")
    rasa_port: int = Field(5005, description="Loopback port of the Rasa server that the gateway starts.")
    actions_secret: str | None = Field(
        None, description="What a Rasa server elsewhere names to reach the actions; without it, a new one each start."
    )
    rasa_timeout: float = Field(0.7, description="Seconds that Rasa may take for a turn before it is answered without.")
    conversation_minutes: float = Field(
        30, description="Minutes without a message after which a conversation is forgotten."
    )
    longest_text: int = Field(2000, description="Characters that a message may have.")
    largest_body: int = Field(65_536, description="Bytes that a request may have.")
    messages_per_minute: int | None = Field(
        None,
        description="Messages that one address may send in a minute; unset, 120, and this machine itself any number.",
    )
    trusted_proxies: str = Field("", description="Addresses of proxies whose X-Forwarded-For is believed, with commas.")
    origins: str = Field("", description="Sites that may embed the chat, with commas; * for any.")
    exit_page: str = Field(
        "https://es.wikipedia.org/",
        pattern=r"^https?://[^\s/]\S*$",
        description="The neutral page that quick exit opens; a site may name another.",
    )
    log_level: str = Field("INFO", description="Level of the gateway's log, which never holds a text of a message.")
    public_url: str = Field(
        "", description="Address of this gateway for the world, https://…; Telegram then sends updates to it."
    )
    telegram_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("TELEGRAM_TOKEN", "YANAPAY_TELEGRAM_TOKEN"),
        description="What BotFather gave for the bot; without it there is no Telegram.",
    )
    telegram_secret: SecretStr | None = Field(
        None, description="What Telegram repeats with each update that it sends; without it, one made from the token."
    )
    telegram_take_over: bool = Field(
        False, description="Whether a webhook elsewhere is removed, or one that replaced ours replaced again."
    )
    telegram_silent: Literal["never", "late", "always"] = Field(
        "late", description="Messages without a sound: never, those over a minute late, or always."
    )
    telegram_per_second: float = Field(30, description="Messages to Telegram in a second, all chats together; 0: any.")
    telegram_keep_minutes: float = Field(
        120, description="Minutes that an update or a reply waits for Telegram before it is given up."
    )
    telegram_api: str = Field("https://api.telegram.org", description="Address of the Bot API.")

    watch: bool = Field(True, description="Whether knowledge files that are edited by hand are taken in while serving.")
    knowledge_git: bool = Field(
        True, description="Whether a publication is a commit too, where the knowledge folder is in a git repository."
    )
    staff: bool = Field(True, description="Whether the console of the staff is served at /staff.")
    database: SecretStr | None = Field(
        None, description="Database of the console, postgresql://…; without it, staff.db in the folder var."
    )

    @property
    def allowed_origins(self) -> list[str]:
        return [o.strip() for o in self.origins.split(",") if o.strip()]


@cache
def settings() -> Settings:
    return Settings()
