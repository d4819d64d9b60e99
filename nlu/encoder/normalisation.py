"""Text normalisation that goes before the XLM-R pieces, the same in every serving path."""

import re
import unicodedata

SPECIAL_TOKENS = re.compile(r"</?s>|<pad>|<mask>|<unk>")
ODD_SPACES = re.compile("[\u200b-\u200f\u2028\u2029\ufeff\u00ad\\s]+")


def normalise(text: str) -> str:
    """NFKC, one space for every run of spaces, no control characters, no special tokens, no surrogates.

    People paste anything: what can't be encoded or would act as a token of the model is dropped.
    """
    text = text.encode("utf-8", "ignore").decode("utf-8", "ignore")
    text = SPECIAL_TOKENS.sub(" ", text)
    text = ODD_SPACES.sub(" ", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cc")
    return ODD_SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
