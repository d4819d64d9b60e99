"""A table of a document in Telegram: a line for each row, in the answer and in its source."""

from pathlib import Path

from tests.telegram import updates
from tests.telegram.fake import FakeTelegram
from tests.telegram.serving import faked, tell, with_telegram

TABLE = "| Trámite | Costo |\n| --- | --- |\n| Carné azul | S/ 9.90 |\n| Duplicado del carné azul | S/ 22.10 |"
HEAD = "---\ntitle: Costos\nsource: OIM\ndate: 2026-11\nlanguage: es\npermission: Libre\nstatus: original\n---\n"
ROW = "• Trámite: Duplicado del carné azul; Costo: S/ 22.10"


def said(fake: FakeTelegram, count: int) -> str:
    return "\n".join(one.text for one in fake.wait(count, chat_id=7))


def test_rows_are_lines(tmp_path: Path) -> None:
    with faked() as fake, with_telegram(tmp_path / "it", fake) as gateway:
        file = gateway.app.state.settings.knowledge / "documents/costos/es.md"
        file.parent.mkdir()
        file.write_text(f"{HEAD}## Costos del carné azul {{#blue_card}}\n\n{TABLE}\n", "utf-8")
        gateway.app.state.workshop.build()
        gateway.app.state.reception.answers.library.refresh()
        tell(gateway.client, updates.written(7, "¿Cuánto cuesta el duplicado del carné azul?"))
        assert ROW in said(fake, 2) and "|" not in said(fake, 2)
        tell(gateway.client, updates.written(7, "/fuente"))
        assert said(fake, 3).count(ROW) == 2 and "|" not in said(fake, 3)
