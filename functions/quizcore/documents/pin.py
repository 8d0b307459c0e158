"""`pins/{pin}`: the session that six digits lead to."""


def pin_path(pin: str) -> str:
    return f"pins/{pin}"
