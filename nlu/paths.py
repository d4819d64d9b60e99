"""Where the project and what is built for it lie."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("YANAPAY_VAR") or ROOT / "var")
