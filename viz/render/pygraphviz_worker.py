"""A program that the engine runs in a process of its own: DOT on standard input, pictures on standard output.

It uses the Graphviz inside the wheels of `pygraphviz`. A separate process can be stopped at a time limit, and keeps the
standard error of the C library apart.

>>> import subprocess, sys
>>> made = subprocess.run([sys.executable, __file__, "svg"], input=b"digraph { a }", capture_output=True)
>>> made.returncode, b"</svg>" in made.stdout
(0, True)
>>> subprocess.run([sys.executable, __file__, "svg"], input=b"digraph { -> }", capture_output=True).returncode
1
"""

import sys

#: the separator of DOT texts, which cannot contain it
GAP = "\0"


def main() -> None:
    """Render the DOT texts of standard input, one after the other."""
    from pygraphviz import AGraph  # noqa: PLC0415  only the process that lays out needs it

    suffix, *settings = sys.argv[1:]
    for source in sys.stdin.buffer.read().decode("utf-8").split(GAP):
        graph = AGraph(string=source)
        for setting in settings:
            key, _, value = setting.partition("=")
            graph.graph_attr[key] = value
        sys.stdout.buffer.write(graph.draw(format=suffix, prog="dot"))


if __name__ == "__main__":
    main()
