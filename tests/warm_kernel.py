"""A Jupyter kernel that starts at once: forked from the warm process, whose end is waited for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from warm import Server

if __name__ == "__main__":
    address, connection = sys.argv[1:]
    sys.exit(Server(address).start_kernel(Path(connection), os.environ).wait().code)
