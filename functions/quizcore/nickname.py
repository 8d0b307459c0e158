"""Decides which nicknames are accepted, and when two nicknames count as the same."""

import unicodedata
from collections.abc import Iterator

from quizcore.lookalikes import is_in_one_script, is_invisible, script, skeleton

MAX_CHARS = 20
FOLDINGS = 4
MOST_ACCENTS = 2  # accents on one letter; a higher stack covers the neighbouring rows
MOST_MARKS = 4  # marks on one letter of a script with marks of its own, such as Tibetan or Khmer (UTS 39, section 5.4)
_PUNCTUATION = set(" -_.'’!?&+*") | set("་·・׳״‐")  # the latter part names of Tibet, Catalonia, Japan and Israel
_JOINERS = "\u200c\u200d"  # shape letters in the scripts below, and join emoji
_JOINING_SCRIPTS = {
    *("ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL"),
    *("TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR"),
}
_AS_EMOJI = "\ufe0f"

# Matched against whole words, so that a town or a surname that contains such a word is accepted. A host can remove
# players with other offensive nicknames.
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
_STANDS_FOR = str.maketrans("01345", "oieas")  # digits that stand for letters, written to evade a word list


class NicknameRefused(ValueError):
    """The nickname is not accepted; the message says what to change."""


def clean_nickname(raw: str) -> str:
    """The nickname as it is shown: NFKC, invisible characters removed, single spaces.

    Raises NicknameRefused.
    """
    if any(unicodedata.category(c) == "Cc" for c in raw.strip()):
        raise NicknameRefused("a nickname has no control characters")
    visible = "".join(_visible(unicodedata.normalize("NFKC", raw)))
    nickname = " ".join(unicodedata.normalize("NFKC", visible).split())
    if not 1 <= len(nickname) <= MAX_CHARS:
        raise NicknameRefused(f"a nickname has 1 to {MAX_CHARS} characters")
    if not all(_allowed(c) for c in nickname):
        raise NicknameRefused("use letters, digits, spaces, emoji and - _ . ' ! ? & + *")
    if not fold_nickname(nickname):
        raise NicknameRefused("a nickname has at least one letter or digit")
    if not _bears_its_marks(nickname):
        raise NicknameRefused(f"a letter has at most {MOST_ACCENTS} accents, and an accent needs a letter")
    words = _words(nickname)
    if not all(map(is_in_one_script, words)):
        raise NicknameRefused("write each word of a nickname in one script")
    if any(_read(word) in _REFUSED for word in (*words, *(word.translate(_STANDS_FOR) for word in words))):
        raise NicknameRefused("choose another nickname")
    return nickname


def fold_nickname(nickname: str) -> str:
    """The folded form, equal for nicknames that people read as the same: it keeps letters, digits and accents, ignores
    case, and maps look-alikes to one character."""
    return "".join(c for c in _read(nickname) if c.isalnum() or _is_mark(c))


def nickname_keys(nickname: str) -> list[str]:
    """The keys of a nickname, one or two. Two nicknames count as the same when they share a key. The second key covers
    letters that look alike in one case only: `AIice` (with a capital i) looks like `Alice`."""
    keys = {fold_nickname(nickname), fold_nickname(skeleton(nickname))}
    return sorted(key for key in keys if key)


def _read(text: str) -> str:
    """Case folding can produce a character with a look-alike, and a look-alike can be a capital, so both steps repeat.
    After three rounds nothing changes any more (`tests/unit/test_nicknames.py` tries every character)."""
    for _ in range(FOLDINGS):
        text = skeleton(unicodedata.normalize("NFKC", text).casefold())
    return text


def _words(nickname: str) -> list[str]:
    return "".join(c if c.isalnum() or _is_mark(c) else " " for c in nickname.casefold()).split()


def _visible(text: str) -> Iterator[str]:
    """The text without invisible characters, except those that shape their neighbours."""
    before = ""
    for char in text:
        if is_invisible(char) and not (before and _shapes(char, before)):
            continue
        yield char
        before = char


def _shapes(char: str, before: str) -> bool:
    emoji = before == _AS_EMOJI or unicodedata.category(before) in ("So", "Sk")
    if char == _AS_EMOJI:
        return emoji and before != _AS_EMOJI
    if char not in _JOINERS or before in _JOINERS:
        return False
    return emoji if script(before) is None else script(before) in _JOINING_SCRIPTS


def _bears_its_marks(nickname: str) -> bool:
    """Whether each mark follows a letter, no mark repeats, and no letter has too many. A spacing mark (category Mc)
    starts a new count, because it stacks on nothing."""
    accents = marks = 0
    before = " "
    for char in unicodedata.normalize("NFD", nickname):
        if not _is_mark(char):
            accents = marks = 0
        elif not (before.isalnum() or _is_mark(before) or before in _JOINERS) or char == before:
            return False
        elif unicodedata.category(char) == "Mc":
            accents = marks = 0
        else:
            accents, marks = accents + (script(char) is None), marks + 1
        if accents > MOST_ACCENTS or marks > MOST_MARKS:
            return False
        before = char
    return True


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" and not is_invisible(char)


def _allowed(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category in ("So", "Sk") or char in _PUNCTUATION or char in _JOINERS


_REFUSED = frozenset(map(_read, _REFUSED_WORDS))
