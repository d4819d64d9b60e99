"""The hotline card: which lines to show for a kind of danger, in words written by hand for each language.

Option 1 of 1818 is for trafficking; in other dangers the line is named without it.
"""

from bot.api.schemas import HotlineLine, Reply
from bot.catalogue import Catalogue
from knowledge.hotlines import ALWAYS, GENERAL, Hotline, Hotlines

OPTION_DANGERS = ("trafficking", GENERAL)


def hotline_card(danger: str, language: str, hotlines: Hotlines, texts: Catalogue) -> Reply:
    """The first reply to an urgent message. `danger` is a situation of hotlines.yml."""
    lines = hotlines.for_situation(danger)
    with_option = danger in OPTION_DANGERS
    written = [_sentence(line, language, texts, with_option) for line in lines]
    text = "\n".join(
        [texts.text(language, f"hotline.intro.{danger}"), *written, "", texts.text(language, "hotline.outro")]
    )
    return Reply(type="hotline", text=text, hotlines=[_line(line, language, texts, with_option) for line in lines])


def _sentence(line: Hotline, language: str, texts: Catalogue, with_option: bool) -> str:
    number = line.phone + (
        f", {texts.text(language, 'hotline.option')} {line.option}" if _option(line, with_option) else ""
    )
    facts = [line.purpose(language)]
    if line.free:
        facts.append(texts.text(language, "hotline.free"))
    if line.hours == "24h":
        facts.append(texts.text(language, "hotline.always_open"))
    name = line.name(language)
    label = number if line.phone in name else f"{number} ({name})"
    return f"• {label}: {'; '.join(facts)}"


def _option(line: Hotline, with_option: bool) -> str | None:
    return line.option if with_option or line.id != ALWAYS else None


def _line(line: Hotline, language: str, texts: Catalogue, with_option: bool) -> HotlineLine:
    return HotlineLine(
        id=line.id,
        name=line.name(language),
        phone=line.phone,
        option=_option(line, with_option),
        purpose=line.purpose(language),
        hours=texts.text(language, "hotline.always_open") if line.hours == "24h" else line.hours,
        checked=line.checked.isoformat(),
    )
