"""The error of a use case that rejects a request."""


class Rejected(Exception):
    """The request is rejected. `code` is stable, and `detail` tells the caller what to do. When `retry_after_s` is
    given, the same request may succeed after that many seconds."""

    def __init__(self, code: str, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
