"""Texts that look alike: Unicode Technical Standard 39 (Security Mechanisms), by the data of `confusable_homoglyphs`.

The library has Unicode's tables of look-alikes and scripts, but no skeleton algorithm; this module adds the algorithm.
"""

import unicodedata
from functools import lru_cache

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data

_NO_SCRIPT = {"COMMON", "INHERITED"}
# Scripts that one language writes together (UTS 39, section 5.2, "highly restrictive").
_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, which its stability policy keeps as it is, and
# three others that are also invisible: the blank of Braille, the null note head, the filler of Khitan.
_INVISIBLE = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
    *((0x2800, 0x2800), (0x1D159, 0x1D159), (0x16FE4, 0x16FE4)),
)


def is_invisible(char: str) -> bool:
    """Whether the character is invisible."""
    code = ord(char)
    return any(first <= code <= last for first, last in _INVISIBLE)


def skeleton(text: str) -> str:
    """Equal for texts that look alike (UTS 39, section 4). Not meant for display."""
    visible = (char for char in unicodedata.normalize("NFD", text) if not is_invisible(char))
    return unicodedata.normalize("NFD", "".join(map(_prototype, visible)))


def script(char: str) -> str | None:
    """The name of the character's script in capitals; None for characters without a script, such as digits and
    accents."""
    name: str = alias(char)
    return None if name in _NO_SCRIPT else name


def is_in_one_script(word: str) -> bool:
    """Whether the word uses one script, or several that one language combines, as Japanese does."""
    scripts = {name for char in word if (name := script(char)) is not None}
    return len(scripts) <= 1 or any(scripts <= together for together in _TOGETHER)


@lru_cache(maxsize=4_096)
def _prototype(char: str) -> str:
    """The prototype of all characters that look like this character.

    The library lists each pair of Unicode's table in both directions: a character's prototype, and a prototype's
    characters (at least one). Only a prototype can be longer than one character.
    """
    alike = _alike(char)
    if longer := next((text for text in alike if len(text) > 1), None):
        return longer
    if len(alike) != 1:
        return char
    (other,) = alike
    return other if len(_alike(other)) > 1 else min(char, other)


def _alike(text: str) -> list[str]:
    entries = confusables_data.get(text) or confusables_data.get(f"{_LTR}{text}{_LTR}") or ()
    return [entry["c"].replace(_LTR, "") for entry in entries]


_LTR = "\u200e"  # the library wraps right-to-left characters in this mark
