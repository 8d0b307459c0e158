"""The codes that people type from a board or a sheet: six characters."""

CODE_CHARS = 6
# No two that look alike (0 and O, 1, I and L), and no vowels, so that no code is a word.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"


def code_as_typed(text: str) -> str:
    """The code that somebody means who typed it in small letters, or with spaces or dashes."""
    return "".join(text.split()).replace("-", "").upper()


def is_code(text: str) -> bool:
    return len(text) == CODE_CHARS and set(text) <= set(CODE_LETTERS)
