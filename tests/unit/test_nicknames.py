"""The accepted nicknames, and their displayed forms."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizcore import documents
from quizcore.lookalikes import is_invisible
from quizcore.nickname import NicknameRefused, clean_nickname, fold_nickname, nickname_keys

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
# One or more in each script, as their bearers write them.
NAMES = (
    *("Nguyễn Thị Ánh", "Đặng Hữu Phước", "Lê Quỳnh Như"),  # Vietnamese
    *("مُحَمَّد", "فاطمة الزهراء", "نور‌الدین", "پریسا", "عائشة"),  # Arabic, Persian (with a non-joiner), Urdu
    *("प्रियंका", "नाज़नीं", "लक्ष्मी", "कृष्णा"),  # Hindi
    *("สมชาย", "กุลน้ำทิพย์", "ปิ่นเกล้า"),  # Thai
    *("김민준", "박서연", "이하늘", "田中さくら", "サクラ", "山田エリー", "王小明", "陳大文", "ㄅㄆㄇ"),
    *("Adébáyọ̀", "Ọláolúwa", "Ẹ̀bùn", "Ìfẹ́"),  # Yoruba
    *(
        "José",
        "Zoë",
        "Łukasz",
        "Øyvind",
        "Þór",
        "Çağrı",
        "Ştefan",
        "Jiří",
        "Ĝoĝo",
        "Škoda",
        "Ñusta",
        "ʻIolani",
        "M’hamed",
    ),
    *("Анна", "Ёжик", "Київ", "Ђорђе", "Ұлпан", "Ғани"),  # Russian, Ukrainian, Serbian, Kazakh
    *("Ελένη", "Γιώργος", "Արմեն", "ნინო", "אברהם", "שָׁלוֹם"),  # Greek, Armenian, Georgian, Hebrew with points
    *("அருண்", "শ্রেয়া", "ਗੁਰਪ੍ਰੀਤ", "પ્રિયા", "ଓଡ଼ିଆ", "ప్రియాంక", "ಪ್ರಿಯಾ", "ലക്ഷ്മി", "ශ්‍රී"),  # India, Sri Lanka
    *("སྒྲོལ་མ", "ရွှေစင်", "ချို့", "សុខា", "ស៊ុំ", "ລາວ", "አበበ", "ᎠᎴᏂᎠ", "ⵉⴷⵉⵔ", "ߒߞߏ", "ދިވެހި", "ܐܪܡܝܐ", "ᠮᠣᠩᠭᠣᠯ"),
    *("R2D2", "Class 5", "Jean-Luc", "O'Neill", "Mila 🦊", "👩‍🔬 Ada", "❤️ Mia", "Team 👍🏽"),
)
# Each pair looks (almost) alike; the second is the same name or is refused, but is never another name.
LOOKALIKES = (
    *(("Cape", "Саре"), ("ANN", "ꓮꓠꓠ"), ("Ann", "Αnn"), ("Bob", "Воb"), ("Scope", "Ѕсоре"), ("TIM", "ꓔꓲꓟ")),
    *(("Alice", "AIice"), ("Ian", "lan"), ("Ian", "1an"), ("Lily", "LiIy"), ("Bob", "B0b"), ("Toml", "Tom1")),
    *(("Ann", "Ꭺnn"), ("Jodn", "Joꓓn"), ("Paul", "Pаul"), ("Nick", "Νick"), ("Hope", "Норе"), ("Tom", "Torn")),
    *(("Ann", "𝐀𝐧𝐧"), ("Ann", "Ⓐⓝⓝ"), ("Ann", "Ａｎｎ"), ("Ann", "ᴬⁿⁿ"), ("Ann", "𝒜𝓃𝓃"), ("Ann", "A\u0332nn")),
    *(
        ("Zoë", "Zoe\u0308"),
        ("Straße", "STRASSE"),
        ("Anna", "anna"),
        ("Anna", "An-na"),
        ("Anna", "A n n a"),
        ("Ann", "Ann ⠀"),
    ),
    *(("Ann", "Ann\u034f"), ("Ann", "A\u3164nn"), ("Xavi", "Хаvi"), ("cep", "сер"), ("poxy", "роху"), ("oo", "օօ")),
    *(("Ola", "ОІа"), ("ea", "еа"), ("Ko", "Κο"), ("HE", "НЕ"), ("MAX", "МАХ"), ("pop", "рор")),
)
ALIKE_BY_A_STROKE = {("Ann", "A\u0332nn")}  # an underline is an accent: another name, and one that shows
REFUSED = (
    *("", "   ", "\u200b\u200d", "...", "x" * 21, "A\x07nn", "A\nnn", "<b>Ann</b>", "Ann=1"),
    *("fuck", "FUCK you", "f\u200buck", "\uff46\uff55\uff43\uff4b", "Sh1t", "n1gg3r", "A$$hole", "Puta", "КУРВА сука"),
    *("Schlampe", "enculé", "địt", "orospu", "Admin", "the host", "АDМІN".replace("D", "Ꭰ"), "ноst"),
    *("\u0410nn", "P\u0430ul", "\u039dick", "Ꭺnn", "Joꓓn", "Annあ한", "กann", "שAnn", "A\u0301Анна"),
    *("\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u180e", "\U000e0100", "\u034f\u034f"),
    *(
        "A\u0300\u0301\u0302",
        "A" + "\u0301\u0300" * 9,
        "A\u0301\u0301",
        "\u0301Ann",
        "Ann \u0301",
        "ก" + "\u0e34\u0e35" * 3,
    ),
    *("A\uffffnn", "A\ufdd0nn", "A\ud800nn", "A\ue000nn", "A\u0378nn"),
)
EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


@pytest.mark.parametrize("raw", LET_IN)
def test_names_of_the_world_are_accepted_without_invisible_characters(raw: str) -> None:
    assert clean_nickname(raw) == LET_IN[raw]


@pytest.mark.parametrize("raw", REFUSED)
def test_offensive_and_deceptive_names_are_refused(raw: str) -> None:
    with pytest.raises(NicknameRefused) as caught:
        clean_nickname(raw)
    assert str(caught.value), "and it says what to change"


def test_names_that_read_the_same_are_the_same() -> None:
    same = {fold_nickname(name) for name in ("Ann Lee", "ann lee", "ANN-LEE", "Ann_Lee", "Ａnn Lee")}

    assert len(same) == 1
    assert fold_nickname("Ann") != fold_nickname("Änn")


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_script_are_accepted_unchanged(name: str) -> None:
    assert clean_nickname(name) == unicodedata.normalize("NFKC", name)


def test_different_names_of_every_script_are_different() -> None:
    keys = [key for name in NAMES for key in nickname_keys(name)]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("name", "other"), LOOKALIKES)
def test_a_look_alike_is_the_same_name_or_is_refused(name: str, other: str) -> None:
    assert clean_nickname(name)
    try:
        cleaned = clean_nickname(other)
    except NicknameRefused:
        return
    same = bool({*nickname_keys(clean_nickname(name))} & {*nickname_keys(cleaned)})
    assert same != ((name, other) in ALIKE_BY_A_STROKE)


def test_names_that_only_share_letters_are_not_the_same() -> None:
    for name, other in (
        ("Ella", "Eila"),
        ("Ali", "All"),
        ("Ann", "Anna"),
        ("Anne", "Annie"),
        ("Bob", "Rob"),
        ("Müller", "Muller"),
    ):
        assert not {*nickname_keys(name)} & {*nickname_keys(other)}, (name, other)


def test_whole_words_of_another_script_have_the_skeleton_of_the_latin_name() -> None:
    assert fold_nickname("Саре") == fold_nickname("Cape")
    assert fold_nickname("ꓮꓠꓠ") == fold_nickname("Ann")


def test_invisible_characters_do_not_make_another_name() -> None:
    """Every character for which nothing is drawn, before, in and behind a name."""
    invisible = [char for char in EVERY if is_invisible(char)]
    formats = {char for char in EVERY if unicodedata.category(char) == "Cf"}
    drawn = formats - {*invisible}  # signs of Arabic, Syriac, Kaithi and Egyptian numbers
    assert len(invisible) > 4_000
    assert all(
        unicodedata.name(char).split()[0] in {"ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "INTERLINEAR"} for char in drawn
    )
    for char in {*invisible, *formats}:
        for raw in (f"Ann{char}", f"{char}Ann", f"A{char}nn"):
            try:
                assert fold_nickname(clean_nickname(raw)) == fold_nickname("Ann"), f"U+{ord(char):04X}"
            except NicknameRefused:
                continue
        with pytest.raises(NicknameRefused):
            clean_nickname(char)


def test_folding_is_idempotent() -> None:
    for char in (char for char in EVERY if unicodedata.category(char)[0] in "LMN"):
        once = fold_nickname(char)
        assert fold_nickname(once) == once, f"U+{ord(char):04X}"


@given(st.text(st.sampled_from([c for c in EVERY if unicodedata.category(c)[0] in "LMNS"]), min_size=1, max_size=20))
def test_every_key_is_a_valid_document_name(raw: str) -> None:
    try:
        keys = nickname_keys(clean_nickname(raw))
    except NicknameRefused:
        return

    assert 1 <= len(keys) <= 2
    for key in keys:
        assert 1 <= len(key.encode()) <= 1_500
        assert not {*key} & {*"/._"}
        assert documents.nickname_path("s", key).count("/") == 3
