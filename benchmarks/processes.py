"""Measuring in a process of its own: seconds of the processor, and the memory that is really taken."""

import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def peak_megabytes():
    """Return the peak memory of this process, in MB."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():  # getrusage inherits its value from the process that started this one
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)


class Watch:
    """Seconds that the processor worked since the last lap, and the memory above what the process began with.

    Everything here runs on one thread, and so these are the seconds on the wall of an idle machine.
    """

    def __init__(self):
        self.before = peak_megabytes()
        self.found = {}
        self.last = time.process_time()

    def lap(self, name):
        """Note how long the part of this name took."""
        now = time.process_time()
        self.found[name] = self.found.get(name, 0) + now - self.last
        self.last = time.process_time()

    def stop(self):
        """Take the memory down now: what comes after is not counted."""
        self.found["MB"] = peak_megabytes() - self.before

    def report(self):
        """Print what was found as the last line, for `alone`."""
        if "MB" not in self.found:
            self.stop()
        print(json.dumps(self.found))


def alone(script, *arguments, seconds=600):
    """Return the report of a script of this folder, run by itself; a text with the reason if it fails."""
    command = [sys.executable, HERE / script, *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603  our own
    except subprocess.TimeoutExpired:
        return f"over {seconds} s"
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return next(
            (one.partition(":")[0] for one in reversed(lines) if "Error" in one), f"stopped ({done.returncode})"
        )
    return json.loads(done.stdout.splitlines()[-1])
