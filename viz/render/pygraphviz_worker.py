"""Run by the engine as a program of its own: DOT on standard input, a picture on standard output; or several of both.

It uses the Graphviz inside the wheels of `pygraphviz`. A process of its own can be stopped when it takes too long, and
what the C library prints to standard error stays there.

>>> import subprocess, sys
>>> made = subprocess.run([sys.executable, __file__, "svg"], input=b"digraph { a }", capture_output=True)
>>> made.returncode, b"</svg>" in made.stdout
(0, True)
>>> subprocess.run([sys.executable, __file__, "svg"], input=b"digraph { -> }", capture_output=True).returncode
1
"""

import sys

#: what stands between two DOT texts; none of them can hold it
GAP = "\0"


def main() -> None:
    """Lay out and draw what is on standard input, one after the other."""
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
