"""Rasa's importer of this project: stories, rules and domain as Rasa reads them, phrases as `nlu.training_data` does.

Rasa's own reading of the phrases takes minutes. Only `nlu/data/dialogue` is left to it, whatever a command names.
"""

from functools import cached_property

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.company import lessons
from nlu.training_data import FOLDER, phrases

DIALOGUE = FOLDER / "data" / "dialogue"


class Importer(RasaFileImporter):
    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ):
        super().__init__(config_file, domain_path, str(DIALOGUE))

    @cached_property
    def taught(self) -> TrainingData:
        return TrainingData([Message.build(p.text, p.intent) for p in lessons(list(phrases()))])

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return self.taught
