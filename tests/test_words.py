"""Words of any script are cut whole, by one rule, and written one way."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from embeddings.encoder import HashedWords
from embeddings.text.language import detect_language
from embeddings.text.readme_blocks import tidy
from embeddings.text.words import (
    PLAIN_WORD,
    TELLING_WORD,
    WORD,
    lacks_spaces,
    n_letters,
    normal,
    plain,
    word_pattern,
    words_of,
)
from taxonomy.describe import describe_topics
from taxonomy.names.naming import name_nodes
from taxonomy.names.texts import Texts
from taxonomy.space import joined_space

SPACED = {
    "Hindi": [
        "मॉडल सर्वर अनुरोधों विलंबता उत्तर तैनात",
        "प्रयोगों दर्ज तुलना चित्र मापदंड परिणाम",
        "निगरानी चेतावनी आंकड़ों बदलाव गुणवत्ता उत्पादन",
    ],
    "Tamil": [
        "மாதிரி சேவையகம் கோரிக்கைகள் தாமதம் பதில் வழங்குதல்",
        "சோதனை பதிவு ஒப்பீடு வரைபடம் அளவுரு முடிவுகள்",
        "கண்காணிப்பு எச்சரிக்கை தரவு மாற்றம் தரம் உற்பத்தி",
    ],
    "Persian": [
        "مدل سرور درخواست‌ها تأخیر پاسخ‌دهی مقیاس‌پذیری",
        "آزمایش‌ها ثبت مقایسه نمودار پارامترها نتیجه‌ها",
        "پایش هشدار داده‌ها تغییر کیفیت می‌فرستد",
    ],
    "vowelled Arabic": [
        "نَمُوذَج خَادِم طَلَبَات تَأْخِير اِسْتِجَابَة نَشْر",
        "تَجَارِب تَسْجِيل مُقَارَنَة رَسْم نَتَائِج تَارِيخ",
        "مُرَاقَبَة تَنْبِيه بَيَانَات تَغَيُّر جَوْدَة إِنْتَاج",
    ],
    "Bengali": [
        "মডেল সার্ভার অনুরোধ বিলম্ব উত্তর মোতায়েন",
        "পরীক্ষা নথিভুক্ত তুলনা চিত্র পরামিতি ফলাফল",
        "নজরদারি সতর্কতা তথ্য পরিবর্তন গুণমান উৎপাদন",
    ],
    "Korean": [
        "모델을 서버에 요청을 지연이 응답을 확장을",
        "실험을 기록하고 비교하는 그래프로 결과를 이력을",
        "경고를 데이터의 변화를 품질을 운영에서 보내는",
    ],
    "Khmer": [
        "ម៉ូដែល ម៉ាស៊ីនមេ សំណើ ការយឺត ចម្លើយ ពង្រីក",
        "ពិសោធន៍ កត់ត្រា ប្រៀបធៀប ក្រាហ្វ លទ្ធផល ប្រវត្តិ",
        "តាមដាន ព្រមាន ទិន្នន័យ ផ្លាស់ប្តូរ គុណភាព ផលិតកម្ម",
    ],
}


def documents_of(themes: list[str], n_each: int = 12) -> tuple[list[str], list[int]]:
    """Return documents of five words of one theme each, and their themes."""
    rng = np.random.default_rng(0)
    truth = [theme for theme in range(len(themes)) for _ in range(n_each)]
    return [" ".join(rng.choice(themes[t].split(), 5, replace=False)) for t in truth], truth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Serves scikit-learn, C++ and C# at v1.2 (it's auto_ml)", "serves scikit-learn c++ and c# "
         "at v1 its auto_ml"),
        ("मॉडल को तैनात करना।", "मॉडल को तैनात करना"),
        ("கோரிக்கைகள் (பதில்)", "கோரிக்கைகள் பதில்"),
        ("کتاب‌ها را می‌خواهم", "کتاب‌ها را می‌خواهم"),
        ("র‍্যাব ন্‍", "র‍্যাব ন্‍"),
        ("שָׁלוֹם צה״ל", "שָׁלוֹם צה״ל"),
        ("intel·ligència", "intel·ligència"),
        ("모델을 배포", "모델을 배포"),
        ("模型部署 MLOps平台", "模型 型部 部署 mlops 平台"),
        ("機械学習のモデルをデプロイする", "機械 械学 学習 モデル デプロイ"),
        ("ការ\u200bយឺត", "ការ យឺត"),
    ],
)  # fmt: skip
def test_words_are_whole_in_every_script(text: str, expected: str) -> None:
    """Signs that combine and joiners stay in words; spaces, marks and other scripts part them."""
    assert words_of(plain(text)) == expected.split()
    assert words_of(tidy(text).lower().replace("'", "")) == expected.split()


@pytest.mark.parametrize("sign", "\u00ad\u200c\u200d\u2060\ufeff\u200e\u2064")
def test_characters_that_are_not_seen_part_no_word(sign: str) -> None:
    """Soft hyphens, joiners, marks of direction and byte order leave an English word as it is."""
    assert words_of(normal(f"ser{sign}ving mod{sign}el")) == ["serving", "model"]
    assert tidy(f"ser{sign}ving") == "serving"


@pytest.mark.parametrize("word", ["café", "deﬁne", "ＡＰＩ", "ﻼ", "ﾃﾞｰﾀ", "한글", "PyTorch™", "m²"])
def test_a_word_is_written_one_way(word: str) -> None:
    """Composed or not, wide or not, joined or not: one word; what only looks like letters stays."""
    parted = unicodedata.normalize("NFD", word)
    assert normal(word) == normal(parted)
    compatible = word if word in ("PyTorch™", "m²") else unicodedata.normalize("NFKC", word)
    assert normal(word) == compatible


def test_pictures_of_joined_signs_go_whole() -> None:
    """An emoji that joins others leaves nothing behind; a joiner between letters is no emoji."""
    assert tidy("a 👩‍💻 b ❤️‍🔥 1️⃣ क्‍ष") == "a b 1 क्‍ष"


@pytest.mark.parametrize("themes", SPACED.values(), ids=SPACED)
def test_names_and_keywords_are_whole_words(themes: list[str]) -> None:
    """In scripts with signs and joiners topics are told by words of their theme, as written."""
    texts, truth = documents_of(themes)
    vectors, topics = HashedWords().encode(texts), np.array(truth, dtype=np.int32)
    told = describe_topics(texts, vectors, topics, np.ones(36), n_keywords=5, n_exemplars=1)
    names = name_nodes(Texts(texts), vectors, topics, encode=HashedWords().encode)
    for described, name, theme in zip(told, names, themes, strict=True):
        words = set(normal(theme).lower().split())
        assert {word for keyword in described.keywords for word in keyword.split()} <= words
        assert {word for word, _ in name.shares} <= words
        assert name.meets_share


def test_names_and_keywords_of_chinese_are_pairs_that_documents_share() -> None:
    """Of texts without a space, keywords are pairs of characters, and no two of them overlap."""
    themes = ["模型 部署 平台 推理 服务 网关", "实验 跟踪 指标 日志 比较 面板"]
    spaced, truth = documents_of(themes)
    texts = [text.replace(" ", "") for text in spaced]
    vectors = HashedWords().encode(texts)
    labels = np.array(truth, dtype=np.int32)
    told = describe_topics(texts, vectors, labels, np.ones(len(texts)), n_keywords=6, n_exemplars=1)
    for described, theme in zip(told, themes, strict=True):
        words = [keyword for keyword in described.keywords if " " not in keyword]
        assert words == list(described.keywords)
        assert len(set(words) & set(theme.split())) >= 5


def test_a_name_is_of_more_than_one_letter() -> None:
    """A word of one letter with its sign, which says little, names nothing where others do."""
    texts = ["को सर्वर", "को सर्वर", "की चित्र", "की चित्र"]
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    names = name_nodes(
        Texts(texts), HashedWords().encode(texts), labels, encode=HashedWords().encode
    )
    assert [each.name for each in names] == ["सर्वर", "चित्र"]
    assert [n_letters(word) for word in ("को", "सर्वर", "a", "c#")] == [1, 3, 1, 2]


def test_the_space_knows_whole_words() -> None:
    """The words by which documents are alike are those of the texts."""
    texts, _ = documents_of(SPACED["Hindi"])
    space, _ = joined_space(texts, HashedWords().encode(texts), lexical_weight=0.5, seed=0)
    assert set(space.words) <= set(" ".join(SPACED["Hindi"]).split())
    assert len(space.words) > 12


def test_patterns_for_elsewhere_know_the_signs_of_the_texts() -> None:
    """English texts need none; Hindi ones are cut as here."""
    import re

    assert word_pattern(["plain text"]) == r"[^\W\d_](?:[\w+#-]*[\w+#])?"
    assert re.findall(word_pattern(["मॉडल को"]), "मॉडल को") == ["मॉडल", "को"]


def test_what_no_dictionary_parts_is_flagged() -> None:
    """Most letters must be of such a script; Korean parts its words."""
    assert [
        lacks_spaces(text)
        for text in (
            "การเรียนรู้ของเครื่อง",
            "机器学习 ML",
            "機械学習のモデル",
            "MLOps platform 平台",
            "모델을",
            "",
        )
    ] == [True, True, True, False, False, False]


def test_kinds_of_words_differ_in_length() -> None:
    """Names may be short, words that tell have three characters, and counted ones two."""
    text = "a ml c# db2 serving-"
    assert words_of(text) == ["a", "ml", "c#", "db2", "serving"]
    assert words_of(text, TELLING_WORD) == ["db2", "serving-"]
    assert words_of(text, PLAIN_WORD) == ["ml", "db2", "serving"]


@pytest.mark.parametrize("word", [WORD, TELLING_WORD, PLAIN_WORD])
@given(text=st.text(st.sampled_from("ab1_-+#'. \n\u00a0é\u0301דמ\"机械カー")))
def test_words_beside_other_scripts_are_those_of_the_rule(
    word: regex.Pattern[str], text: str
) -> None:
    """What is nothing but ASCII is cut in a quicker way, into the same words."""
    whole = [match.span() for match in word.finditer(text)]
    pairs = [match.group("pairs") is not None for match in word.finditer(text)]
    expected: list[str] = []
    for (start, end), is_pairs in zip(whole, pairs, strict=True):
        cuts = [(at, at + 2) for at in range(start, end - 1)] if is_pairs else [(start, end)]
        expected += [text[first:last] for first, last in cuts]
    assert words_of(text, word) == expected


def test_signs_count_as_letters_of_a_language() -> None:
    """A sentence of Hindi that is short without its signs has a language."""
    assert detect_language("पर उत्तर का सर्वर करना अनुरोधों को।").code == "hi"
