"""What a use case says no with."""


class Rejected(Exception):
    """The request cannot be done. `code` is stable, and `detail` tells the caller what to do. When `retry_after_s` is
    given, the same request may succeed after so many seconds."""

    def __init__(self, code: str, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
