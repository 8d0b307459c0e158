"""Which nicknames are let in, and when two of them are the same."""

import unicodedata

MAX_CHARS = 20
_PUNCTUATION = set(" -_.'’!?&+*")
_JOINERS = "\u200c\u200d"  # shape letters in Persian and Indic scripts, and join emoji

# Matched against whole words, so that a town or a surname is not refused for what it contains.
_REFUSED_WORDS = frozenset(
    {
        *("admin", "host", "moderator", "teacher"),
        *("asshole", "bitch", "cunt", "fuck", "fucker", "fucking", "nigger", "shit"),
        *("arschloch", "ficken", "hitler", "hure", "nazi", "schlampe", "wichser"),
    }
)


class NicknameRefused(ValueError):
    """The nickname is not let in; the message says what to change."""


def clean_nickname(raw: str) -> str:
    """The nickname as it is shown: NFKC, invisible characters removed, single spaces.

    Raises NicknameRefused.
    """
    if any(unicodedata.category(c) == "Cc" for c in raw.strip()):
        raise NicknameRefused("a nickname holds no control characters")
    visible = "".join(c for c in unicodedata.normalize("NFKC", raw) if not _invisible(c))
    nickname = " ".join(visible.split())
    if not 1 <= len(nickname) <= MAX_CHARS:
        raise NicknameRefused(f"a nickname has 1 to {MAX_CHARS} characters")
    if not all(_allowed(c) for c in nickname):
        raise NicknameRefused("use letters, digits, spaces, emoji and - _ . ' ! ? & + *")
    if not fold_nickname(nickname):
        raise NicknameRefused("a nickname has at least one letter or digit")
    if _REFUSED_WORDS & set(_words(nickname)):
        raise NicknameRefused("choose another nickname")
    return nickname


def fold_nickname(nickname: str) -> str:
    """Equal for nicknames that a room would read as the same: letters and digits, case folded."""
    folded = unicodedata.normalize("NFKC", nickname).casefold()
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c).startswith("M"))


def _words(nickname: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in nickname.casefold()).split()


def _invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" and char not in _JOINERS


def _allowed(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category in ("So", "Sk") or char in _PUNCTUATION or char in _JOINERS
