"""Figures that a test found, for the report of `make prove`: one JSON file each, where it asks."""

import json
import os
from pathlib import Path
from typing import Any


def record(kind: str, name: str, **figures: Any) -> None:
    """Write `figures` to $PROOF/kind/name.json; nothing where PROOF is not set."""
    folder = os.environ.get("PROOF")
    if folder is None:
        return
    path = Path(folder, kind, f"{name}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": name, **figures}, indent=2) + "\n", encoding="utf8")
