"""The machine on which a figure was measured, as text."""

import os
import platform


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
