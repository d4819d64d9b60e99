"""Reads an upload in a process of its own, which may use only so much memory and time.

What somebody uploads can be made to explode in ways that no reader foresees, and a long file would keep the people who
write waiting. `python -m knowledge.reading.apart NAME` reads from its input and writes JSON.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from knowledge.findings import KnowledgeError, finding
from knowledge.reading.losses import Loss
from knowledge.reading.package import refusal
from knowledge.reading.reader import MAX_BYTES, Reading, read

MOST_MEMORY = 2_000_000_000
MOST_SECONDS = 90
ROOT = Path(__file__).parents[2]


def read_apart(content: bytes, name: str) -> Reading:
    """As `read`. Raises KnowledgeError also for what takes more memory or time than it may."""
    if len(content) > MAX_BYTES:
        return read(content, name)
    command = [sys.executable, "-m", "knowledge.reading.apart", str(MOST_MEMORY), str(MOST_SECONDS), name]
    try:
        done = subprocess.run(command, input=content, cwd=ROOT, capture_output=True, timeout=MOST_SECONDS + 10)
    except subprocess.TimeoutExpired:
        raise refusal("upload_slow", name) from None
    if done.returncode:
        raise refusal("upload_bomb", name)
    answer: dict[str, Any] = json.loads(done.stdout)
    if faults := answer.get("faults"):
        raise KnowledgeError([finding(f["code"], Path(name), f["line"], **f["values"]) for f in faults])
    return Reading(answer["title"], answer["markdown"], [Loss(**loss) for loss in answer["lost"]])


def main() -> None:
    memory, seconds, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        found = read(sys.stdin.buffer.read(), name)
        lost = [{"code": loss.code, "values": dict(loss.values)} for loss in found.lost]
        answer: dict[str, Any] = {"title": found.title, "markdown": found.markdown, "lost": lost}
    except KnowledgeError as error:
        answer = {"faults": [{"code": f.code, "line": f.line, "values": dict(f.values)} for f in error.findings]}
    sys.stdout.write(json.dumps(answer, default=str))


if __name__ == "__main__":
    main()
