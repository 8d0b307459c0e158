"""The in-memory twin of every port: fast, deterministic, and the shortest description of each."""

from quizcore.adapters.memory.bus import MemoryBus, MemorySource
from quizcore.adapters.memory.clock import ManualClock, SequentialIds
from quizcore.adapters.memory.identity import MemoryIdentity
from quizcore.adapters.memory.store import ANYWHERE, MemoryStore
