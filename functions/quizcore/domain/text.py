"""The characters that an external text may contain, and the comparison of a typed answer with the accepted texts."""

import unicodedata

MIN_LETTERS_FOR_TYPO = 5
_SPACES = "\t\n\r"  # the control characters that people type


def may_hold(char: str) -> bool:
    """False for characters that people do not type and that XML forbids: control characters except tab and line breaks,
    surrogates, and noncharacters."""
    if char in _SPACES:
        return True
    return unicodedata.category(char) not in ("Cc", "Cs") and not _is_noncharacter(ord(char))


def _is_noncharacter(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def unfit_character(text: str) -> str | None:
    """The first forbidden character, as `U+0007`, or None. The result does not repeat the text, which may be a player's
    answer."""
    return next((f"U+{ord(char):04X}" for char in text if not may_hold(char)), None)


def fold_text(text: str) -> str:
    """Make two spellings of one text equal: NFKC, case folding, single spaces.

    Accents stay: in many languages another accent is another word.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def matches(given: str, accepted: tuple[str, ...], *, one_typo: bool) -> bool:
    folded = fold_text(given)
    return any(
        folded == target or (one_typo and _differs_by_one_typo(folded, target)) for target in map(fold_text, accepted)
    )


def _differs_by_one_typo(given: str, target: str) -> bool:
    """One typo in the whole answer, and only in a word long enough to stay recognisable."""
    given_words, target_words = given.split(), target.split()
    if len(given_words) != len(target_words):
        return False
    wrong = [(g, t) for g, t in zip(given_words, target_words, strict=True) if g != t]
    if len(wrong) != 1:
        return False
    given_word, target_word = wrong[0]
    return len(target_word) >= MIN_LETTERS_FOR_TYPO and _one_edit_apart(given_word, target_word)


def _one_edit_apart(a: str, b: str) -> bool:
    """One insertion, deletion, substitution, or swap of neighbours (Damerau 1964)."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) > len(b):
        return a[start + 1 :] == b[start:]
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start : start + 2] == b[start : start + 2][::-1]
    return a[start + 1 :] == b[start + 1 :] or (swapped and a[start + 2 :] == b[start + 2 :])
