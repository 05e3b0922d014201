"""What becomes of an exception that nobody caught: a line in the log, and nothing of its text anywhere."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from soroe.ports.log import Log


def log_crashes(log: Log) -> None:
    """From now on, log every uncaught exception of every thread instead of printing it.

    Python would print the texts of the exceptions, which may quote meetings, to a place that systems keep. Ctrl-C stays
    what it is.
    """

    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.failure("crashed", error.with_traceback(trace))
        print(f"soroe: {kind.__name__}; see the log", file=sys.stderr)  # noqa: T201  # the last thing this thread says

    def thread_crashed(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            crashed(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed
