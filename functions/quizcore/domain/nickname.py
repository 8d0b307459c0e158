"""Which nicknames are let in, and when two of them are the same."""

import unicodedata

MAX_CHARS = 20
_PUNCTUATION = set(" -_.'’!?&+*")
_JOINERS = "\u200c\u200d"  # shape letters in Persian and Indic scripts, and join emoji

# Matched against whole words, so that a town or a surname is not refused for what it contains. A host removes the rest.
_REFUSED_WORDS = frozenset(
    {
        *("admin", "host", "moderator", "teacher"),
        *("asshole", "bitch", "cunt", "dick", "faggot", "fuck", "fucker", "fucking", "nigga", "nigger", "pussy"),
        *("rapist", "retard", "shit", "slut", "whore"),
        *("arschloch", "fick", "ficken", "fotze", "hitler", "hure", "hurensohn", "nazi", "schlampe", "wichser"),
        *("connard", "connasse", "encule", "enculé", "merde", "pute", "putain", "salope"),
        *("cabron", "cabrón", "coño", "gilipollas", "maricon", "maricón", "mierda", "pendejo", "puta"),
        *("cazzo", "coglione", "merda", "puttana", "stronzo", "troia", "vaffanculo"),
        *("caralho", "foder", "porra", "viado"),
        *("hoer", "kanker", "klootzak", "kut"),
        *("chuj", "kurwa", "pizda"),
        *("amk", "orospu", "siktir"),
        *("địt", "đụ", "lồn"),
        *("блядь", "пидор", "сука", "хуй"),
        *("شرموطة", "كسمك"),
    }
)
_STANDS_FOR = str.maketrans("01345", "oieas")  # as people write to get by a list
# Letters of these look like each other; a word mixes them only to pass for another.
_ALIKE_SCRIPTS = {"LATIN", "CYRILLIC", "GREEK"}


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
    words = _words(nickname)
    if any(len(_scripts(word) & _ALIKE_SCRIPTS) > 1 for word in words):
        raise NicknameRefused("write each word of a nickname in one script")
    if _REFUSED_WORDS & {*words, *(word.translate(_STANDS_FOR) for word in words)}:
        raise NicknameRefused("choose another nickname")
    return nickname


def fold_nickname(nickname: str) -> str:
    """Equal for nicknames that a room would read as the same: letters and digits, case folded."""
    folded = unicodedata.normalize("NFKC", nickname).casefold()
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c).startswith("M"))


def _words(nickname: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in nickname.casefold()).split()


def _scripts(word: str) -> set[str]:
    """The first word of a letter's name in the Unicode data is its script."""
    return {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}


def _invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" and char not in _JOINERS


def _allowed(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category in ("So", "Sk") or char in _PUNCTUATION or char in _JOINERS
