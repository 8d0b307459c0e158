"""`python -m workers`: one worker process, until SIGTERM or a fault from which it cannot recover."""

import asyncio
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import structlog

from quizcore.ports import SourceEnded
from quizcore.settings import SettingsInvalid, WorkerSettings, load
from quizcore.telemetry import Telemetry, configure_logging
from workers.ending import leave
from workers.gc_tuning import collect_seldom
from workers.health import Check, HealthServer
from workers.intake import PoisonLimitReached
from workers.wiring import Outside, build_engine, connect

EXIT_FAULT = 1
EXIT_SETTINGS = 2


async def serve(settings: WorkerSettings, telemetry: Telemetry, outside: Outside) -> int:
    """Run until SIGTERM; returns the exit code."""
    log = structlog.get_logger("worker")
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    engine = build_engine(outside, settings, telemetry)
    checks = {
        "loop_stalled_s": Check(lambda: time.monotonic() - engine.last_beat, settings.stall_s),
        "bus_silent_s": Check(outside.source.silent_s, settings.bus_silence_s),
    }
    health = HealthServer(settings.health_host, settings.health_port, checks, telemetry)
    health.start()
    log.info("worker ready", source=settings.chosen_source, health_port=health.port)
    try:
        await engine.run(stop)
    except (SourceEnded, PoisonLimitReached) as error:
        log.error("worker ends", reason=str(error))
        return EXIT_FAULT
    finally:
        health.stop()
    log.info("worker drained", **telemetry.snapshot())
    return 0


def main() -> int:
    try:
        settings = load(WorkerSettings)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        return EXIT_SETTINGS
    configure_logging(settings.log_level)
    collect_seldom()
    telemetry = Telemetry()

    # Kept in a name, because closing the loop would wait for its threads, which may wait for a service.
    threads = ThreadPoolExecutor(thread_name_prefix="worker")

    async def run() -> int:
        asyncio.get_running_loop().set_default_executor(threads)
        return await serve(settings, telemetry, connect(settings, telemetry))

    runner = asyncio.Runner()
    code = runner.run(run())
    threads.shutdown(wait=False, cancel_futures=True)
    return leave(code, settings.drain_s)


if __name__ == "__main__":
    sys.exit(main())
