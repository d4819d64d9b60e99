"""The XLM-R pieces as a sentencepiece model, and text to token ids with it.

sentencepiece holds the 250,000 pieces in 60 MB where the Hugging Face tokeniser takes 290 MB; the ids are the same.
"""

from pathlib import Path
from typing import Any

import sentencepiece

from nlu.encoder.normalisation import normalise

BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
POSITIONS = 512


def write(pieces: list[str], scores, path: Path) -> None:
    """Write a sentencepiece unigram model; the first four pieces and the last are special."""
    from sentencepiece import sentencepiece_model_pb2

    schema: Any = sentencepiece_model_pb2
    model = schema.ModelProto()
    kinds = schema.ModelProto.SentencePiece
    special = {
        BEGIN: kinds.CONTROL,
        PAD: kinds.CONTROL,
        END: kinds.CONTROL,
        UNKNOWN: kinds.UNKNOWN,
        len(pieces) - 1: kinds.CONTROL,
    }
    for index, (piece, score) in enumerate(zip(pieces, scores, strict=True)):
        model.pieces.add(piece=piece, score=float(score), type=special.get(index, kinds.NORMAL))
    model.trainer_spec.model_type = schema.TrainerSpec.UNIGRAM
    model.trainer_spec.vocab_size = len(pieces)
    model.trainer_spec.bos_id, model.trainer_spec.pad_id = BEGIN, PAD
    model.trainer_spec.eos_id, model.trainer_spec.unk_id = END, UNKNOWN
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = True
    model.normalizer_spec.escape_whitespaces = True
    path.write_bytes(model.SerializeToString())


class Pieces:
    """Text to token ids."""

    def __init__(self, path: Path):
        self.model = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def ids(self, text: str) -> list[int]:
        """Token ids with the begin and end marks, at most 512."""
        return [BEGIN, *self.model.encode(normalise(text))[: POSITIONS - 2], END]
