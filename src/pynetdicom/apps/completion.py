"""`completion`: print what has a shell complete names and options."""

import sys
from collections.abc import Sequence

from pynetdicom.apps import _arguments
from pynetdicom.apps._running import run

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = """\
examples:
  eval "$(pynetdicom completion bash)"        in ~/.bashrc
  eval "$(pynetdicom completion zsh)"         in ~/.zshrc, behind compinit
  pynetdicom completion fish | source         in ~/.config/fish/config.fish

It completes the programs, their options, files, and the names of peers.

exit status: 0 printed; 1 argcomplete is not installed; 2 the arguments make no sense
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status.

    Args:
        words: Its arguments; ``None`` for those of the command line.
    """
    parser = _arguments.make_parser(
        "completion", "SHELL", "Print what has a shell complete names and options.", EXAMPLES
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    args = parser.parse_args(words)
    try:
        from argcomplete.shell_integration import shellcode  # noqa: PLC0415  # an extra
    except ImportError:
        print("E: It needs argcomplete: pip install 'pynetdicom[apps]'", file=sys.stderr)
        return 1
    print(shellcode(["pynetdicom"], shell=args.shell))
    return 0


if __name__ == "__main__":
    run(main)
