"""Configuration: read once from the environment and typed; all invalid variables are reported together."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from quizcore.domain.leaderboard.person import Rules
from quizcore.domain.leaderboard.tally import PointsRule
from quizcore.domain.roles import Role
from quizcore.shards import GROUP_SHARDS

DEMO_PREFIX = "demo-"
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Published addresses of Google's own services (https://www.gstatic.com/ipranges/goog.json without cloud.json, which
# lists the addresses of customers' machines). Hosting forwards requests from such addresses.
GOOGLES_NETWORKS = (
    "64.233.160.0/19 66.102.0.0/20 66.249.64.0/19 72.14.192.0/18 74.125.0.0/16 108.177.0.0/17 142.250.0.0/15 "
    "172.217.0.0/16 172.253.0.0/16 173.194.0.0/16 192.178.0.0/15 209.85.128.0/17 216.58.192.0/19 216.239.32.0/19 "
    "2001:4860::/32 2404:6800::/32 2607:f8b0::/32 2800:3f0::/32 2a00:1450::/32 2c0f:fb50::/32"
)


def _networks(given: Any) -> Any:
    return tuple(ip_network(one) for one in given.replace(",", " ").split()) if isinstance(given, str) else given


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class SettingsInvalid(Exception):
    """Some environment variables are invalid; the message lists each with its fault."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="WORDRUSH_", extra="ignore", frozen=True, populate_by_name=True)

    # Functions of the 2nd generation set only the older name.
    project: str = Field(min_length=4, validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"))
    topic: str = "session-events"
    dead_topic: str = "session-events-dead"
    subscription: str = "scorer"
    group_shards: Annotated[int, Field(ge=2, le=64)] = GROUP_SHARDS  # with more shards, they are merged in groups
    # A regional endpoint keeps the messages in that region, and the order of each key; by default Pub/Sub chooses.
    pubsub_endpoint: Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.googleapis\.com(:[0-9]+)?$")] | None = None
    # How leaderboards add up. Set both before the first game: a later change leaves old totals as they are.
    leaderboard_points: PointsRule = PointsRule.BEST_PER_QUIZ
    class_points: PointsRule = PointsRule.SUM
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    firestore_emulator: str | None = Field(default=None, validation_alias="FIRESTORE_EMULATOR_HOST")
    pubsub_emulator: str | None = Field(default=None, validation_alias="PUBSUB_EMULATOR_HOST")
    auth_emulator: str | None = Field(default=None, validation_alias="FIREBASE_AUTH_EMULATOR_HOST")

    @property
    def rules(self) -> Rules:
        return Rules(self.leaderboard_points, self.leaderboard_points, self.class_points)

    @model_validator(mode="after")
    def _emulators_together(self) -> Self:
        """Refuse a mix: with only one emulator, the other service would be the real cloud."""
        hosts = {
            "FIRESTORE_EMULATOR_HOST": self.firestore_emulator,
            "PUBSUB_EMULATOR_HOST": self.pubsub_emulator,
        }
        missing = [name for name, host in hosts.items() if not host]
        if self.project.startswith(DEMO_PREFIX) and missing:
            raise ValueError(f"project {self.project} exists only on emulators: set {' and '.join(missing)}")
        return self


class ApiSettings(_Settings):
    """The HTTP function. Rates count per instance."""

    session_cache_ms: Annotated[int, Field(ge=0, le=1_000)] = 1_000
    publish_timeout_ms: Annotated[int, Field(ge=100, le=5_000)] = 5_000
    request_timeout_ms: Annotated[int, Field(ge=500, le=20_000)] = 5_500  # for all waits of a request
    joins_per_minute: Annotated[int, Field(ge=1)] = 1_200
    # Per minute, half of them at once. Both kinds of callers at one address together can try 120: with a million PINs
    # and 100 open sessions, a guesser finds a session in 80 minutes. Typing errors of a school stay below this number.
    wrong_pins_per_address: Annotated[int, Field(ge=2)] = 80  # of callers without an account
    wrong_pins_per_address_signed_in: Annotated[int, Field(ge=2)] = 40  # of all accounts together
    wrong_pins_per_account: Annotated[int, Field(ge=2)] = 20
    # The networks from which `http_api/edge.py` accepts the header with the caller's address.
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 1  # Google's front end; 0 without a proxy
    client_address_header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = (
        "Fastly-Client-IP"
    )
    hosting_networks: Networks = _networks(GOOGLES_NETWORKS)
    only_through_hosting: bool = False  # refuse calls of the function's own URL
    mint_timeout_ms: Annotated[int, Field(ge=100, le=20_000)] = 5_000
    app_check: bool = False  # refuse requests without a valid App Check token
    answers_per_minute: Annotated[int, Field(ge=1)] = 120
    commands_per_minute: Annotated[int, Field(ge=1)] = 240
    profile_calls_per_minute: Annotated[int, Field(ge=1)] = 60
    return_codes_per_minute: Annotated[int, Field(ge=1)] = 6
    public_url: str | None = None
    session_days: Annotated[int, Field(ge=1, le=365)] = 30
    # The time from the last moment for answers to the reveal: more than an instance's clock is ever behind.
    reveal_reserve_ms: Annotated[int, Field(ge=0, le=10_000)] = 250
    # The longest delivery time of a message, for a bus that does not keep the order of a key.
    delivery_bound_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    open_sessions_per_host: Annotated[int, Field(ge=1)] = 200
    classes_per_host: Annotated[int, Field(ge=1, le=1_000)] = 100


class WorkerSettings(_Settings):
    """The worker. Times have the unit of the name."""

    source: Literal["streaming", "unary"] | None = None
    top_k: Annotated[int, Field(ge=1, le=100)] = 20
    # The shortest time between two commits of a shard, by the number of players.
    interval_50_ms: Annotated[int, Field(ge=0)] = 100
    interval_500_ms: Annotated[int, Field(ge=0)] = 250
    interval_2000_ms: Annotated[int, Field(ge=0)] = 500
    interval_more_ms: Annotated[int, Field(ge=0)] = 1_000
    leaderboard_interval_ms: Annotated[int, Field(ge=0)] = 2_000  # least time between two folds of a board
    shard_players_most: Annotated[int, Field(ge=1)] = 4_000  # with more players, the session is resharded
    flush_at: Annotated[int, Field(ge=1, le=2_000)] = 500
    commit_timeout_s: Annotated[float, Field(gt=0, le=60)] = 10
    commit_attempts: Annotated[int, Field(ge=1, le=20)] = 6
    give_up_pause_s: Annotated[float, Field(ge=0, le=10)] = 2
    idle_s: Annotated[float, Field(gt=0)] = 60
    orphan_check_s: Annotated[float, Field(gt=0)] = 5
    drain_s: Annotated[float, Field(gt=0, le=9)] = 8
    poison_limit: Annotated[int, Field(ge=1)] = 1_000
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65_535)] = 8_090
    stall_s: Annotated[float, Field(gt=0)] = 30
    bus_silence_s: Annotated[float, Field(gt=0)] = 120  # two keep-alives and their responses take 55 s

    @property
    def chosen_source(self) -> Literal["streaming", "unary"]:
        """`unary` on the emulator, because the emulator never releases the keys of a killed stream."""
        return self.source or ("unary" if self.pubsub_emulator else "streaming")

    def board_interval_ms(self, players: int) -> int:
        for most, interval in ((50, self.interval_50_ms), (500, self.interval_500_ms), (2_000, self.interval_2000_ms)):
            if players <= most:
                return interval
        return self.interval_more_ms


class CliSettings(_Settings):
    """The admin CLI. `api` is the URL before `/api/v1`; `service_account` signs the tokens for a person's own
    credentials. `role` bounds what the commands do, and is the role in their tokens for the API."""

    api: str | None = None
    host_uid: str = "wordrush-cli"
    role: Role = Role.OPERATOR
    service_account: str | None = None
    session_days: Annotated[int, Field(ge=1, le=365)] = 30  # of an imported session; the function's variable
    web_api_key: str | None = None


S = TypeVar("S", bound=_Settings)


def load(kind: type[S]) -> S:
    """Raises SettingsInvalid with every invalid variable."""
    try:
        return kind()  # type: ignore[call-arg] # the values come from the environment
    except ValidationError as error:
        faults = [f"{_variable(kind, f['loc'])}: {f['msg']}" for f in error.errors()]
        raise SettingsInvalid("configuration cannot be used:\n  " + "\n  ".join(faults)) from None


def _variable(kind: type[_Settings], location: tuple[int | str, ...]) -> str:
    if not location:
        return "environment"
    name = str(location[0])
    return name if name.isupper() else f"{kind.model_config.get('env_prefix', '')}{name}".upper()
