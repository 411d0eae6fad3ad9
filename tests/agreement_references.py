"""How the reference values of the agreement coefficients were made: by irrCAC, not by our code.

irrCAC pins an old SciPy, so it runs in an environment of its own:

    python3.11 -m venv /tmp/irr && /tmp/irr/bin/pip install irrCAC==0.4.4
    /tmp/irr/bin/python tests/agreement_references.py tests/agreement_references.json

It reads the data in the file and writes the values anew. Where irrCAC differs from the papers:

- it takes the categories that were seen for all there are, unless they are passed, as here;
- its ordinal weights do not hang on the margins, so its α with them is not Krippendorff's ordinal
  α: his metric (2011, section F) is passed as weights of its own;
- it rounds to five digits, unless told otherwise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DIGITS = 15


def ordinal_weights(codes: list[Any], rows: list[list[Any]]) -> list[list[float]]:
    """Return 1 − Krippendorff's ordinal metric over its maximum, by the sums in the paper."""
    paired = [[v for v in row if v is not None] for row in rows]
    given = [v for row in paired if len(row) > 1 for v in row]
    n = [given.count(code) for code in codes]
    places = range(len(codes))
    metric = [
        [
            (sum(n[min(c, k) : max(c, k) + 1]) - (n[c] + n[k]) / 2) ** 2 if c != k else 0.0
            for k in places
        ]
        for c in places
    ]
    largest = max(map(max, metric))
    return [[1 - value / largest for value in row] for row in metric]


def references(codes: list[Any], rows: list[list[Any]]) -> dict[str, float]:
    """Return the coefficients of one data set: rows are items, columns coders, None missing."""
    import numpy as np
    import pandas as pd
    from irrCAC.raw import CAC

    table = pd.DataFrame(rows, dtype=object)

    def measured(weights: Any) -> Any:
        return CAC(table.copy(), weights=weights, categories=codes, digits=DIGITS)

    def value(method: Any) -> float:
        return float(method()["est"]["coefficient_value"])

    plain = measured("identity")
    found = {
        "percent": float(plain.gwet()["est"]["pa"]),
        "fleiss": value(plain.fleiss),
        "ac1": value(plain.gwet),
        "alpha-nominal": value(plain.krippendorff),
        "alpha-interval": value(measured("quadratic").krippendorff),
        "alpha-ordinal": value(measured(np.array(ordinal_weights(codes, rows))).krippendorff),
    }
    for shape in ("linear", "quadratic", "ordinal"):
        found[f"ac2-{shape}"] = value(measured(shape).gwet)
    return found


def main(path: Path) -> None:
    """Write the values of every data set in the file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for each in content.values():
        each["irrCAC"] = references(each["codes"], each["ratings"])
    lines = [
        f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}"
        for name, each in content.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
