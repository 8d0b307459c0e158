"""Which nicknames come in, and as what they are shown."""

import pytest

from quizcore.domain.nickname import NicknameRefused, clean_nickname, fold_nickname

LET_IN = {
    "Ann": "Ann",
    "  Ann   Lee ": "Ann Lee",
    "\uff21\uff4e\uff4e": "Ann",
    "A\u200bn\u2060n": "Ann",
    "\u202eAnn\u202c": "Ann",
    "José": "José",
    "Nguyễn Thị Ánh": "Nguyễn Thị Ánh",
    "أحمد": "أحمد",
    "Анна": "Анна",
    "李小龙": "李小龙",
    "Zoë 🦊": "Zoë 🦊",
    "Scunthorpe": "Scunthorpe",
    "Anna Анна": "Anna Анна",
    "R2D2": "R2D2",
    "Class 5": "Class 5",
}
REFUSED = (
    *("", "   ", "\u200b\u200d", "...", "x" * 21, "A\x07nn", "A\nnn", "<b>Ann</b>", "Ann=1"),
    *("fuck", "FUCK you", "f\u200buck", "\uff46\uff55\uff43\uff4b", "Sh1t", "n1gg3r", "A$$hole", "Puta", "КУРВА сука"),
    *("Schlampe", "enculé", "địt", "orospu", "Admin", "the host"),
    *("\u0410nn", "P\u0430ul", "\u039dick"),
)


@pytest.mark.parametrize("raw", LET_IN)
def test_names_of_the_world_come_in_without_what_cannot_be_seen(raw: str) -> None:
    assert clean_nickname(raw) == LET_IN[raw]


@pytest.mark.parametrize("raw", REFUSED)
def test_what_nobody_should_read_or_take_for_somebody_else_stays_out(raw: str) -> None:
    with pytest.raises(NicknameRefused) as caught:
        clean_nickname(raw)
    assert str(caught.value), "and it says what to change"


def test_names_that_a_room_would_read_as_the_same_are_the_same() -> None:
    same = {fold_nickname(name) for name in ("Ann Lee", "ann lee", "ANN-LEE", "Ann_Lee", "Ａnn Lee")}

    assert len(same) == 1
    assert fold_nickname("Ann") != fold_nickname("Änn")
