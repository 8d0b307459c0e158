"""`python -m devstack up|demo|pictures|site|test|lint`: the commands behind the make targets."""

import sys
import threading

from devstack import demo, regulars, site, stack, suite
from devstack.processes import StartFailed

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else ""
    if command in ("test", "lint"):
        try:
            return suite.run(lint_only=command == "lint", pytest_arguments=arguments[1:])
        except KeyboardInterrupt:
            return INTERRUPTED
    if command not in ("up", "demo", "pictures", "site"):
        print("usage: python -m devstack up|demo|pictures|site|test|lint", file=sys.stderr)
        return 2
    try:
        if command == "site":
            site.main(arguments[1:])
        elif command == "pictures":
            _take_pictures()
        else:
            _serve(with_session=command == "demo")
    except KeyboardInterrupt:
        return 0
    except StartFailed as error:
        print(f"wordrush: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(*, with_session: bool) -> None:
    with stack.running(say=_say) as running:
        demo.import_quizzes(running)
        env = demo.write_env(running)
        try:
            opened = (
                demo.open_session(running, demo.QUIZ, "--lead-ms", "2000", "--streak-bonus") if with_session else None
            )
            demo.print_frame(running, opened)
            ids = {"pin": opened["pin"], "session": opened["session_id"]} if opened else {}
            print(running.ready_line(**ids), flush=True)
            if opened:
                demo.play(running, opened)
                regulars.play(running)
                _say("the game is over; the stack serves on until Ctrl-C")
            threading.Event().wait()
        finally:
            env.unlink(missing_ok=True)


def _take_pictures() -> None:
    from devstack import pictures  # imported here, because only this command needs a browser

    with stack.running(say=_say) as running:
        demo.import_quizzes(running)
        for file in pictures.take(running):
            _say(f"took {file.name}")


def _say(text: str) -> None:
    print(f"wordrush: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
