"""planting -- what tests/plant and tests/mutate share: a changed copy of a file of ops/ is compiled with the file's own command
and linked before the library, whose object of that file is then not taken. Nothing of the tree is touched."""
import json
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def ops():
    """(name, family, has inputs) of every line of ops.def."""
    with open(os.path.join(ROOT, "ops", "ops.def"), encoding="utf-8") as f:
        for line in f:
            m = re.match(r"(\w+)\s+(\w+)\s*([^;]*)", line)
            if m and not line.startswith("#"):
                yield m[1], m[2], bool(m[3].strip())


class Build:
    """A meson build directory, and one of its programs that is linked with the static library."""

    def __init__(self, directory, program="tests/test_ops"):
        self.directory = os.path.abspath(directory)
        with open(os.path.join(self.directory, "compile_commands.json"), encoding="utf-8") as f:
            self.commands = {}
            for c in json.load(f):
                self.commands.setdefault(os.path.realpath(os.path.join(c["directory"], c["file"])), c)
        listed = subprocess.run(["ninja", "-C", self.directory, "-t", "commands", program], check=True, capture_output=True, text=True)
        self.link_command = shlex.split(listed.stdout.strip().splitlines()[-1])

    def compile(self, source, planted, output, first=(), last=()):
        """planted with the command of source, with more options before and behind its own."""
        c = self.commands.get(os.path.realpath(source))
        if c is None:
            sys.exit(f"{source} is not compiled in {self.directory}")
        old, new, skip = shlex.split(c["command"]), [], False
        for word in old:
            if skip:
                skip = False
            elif word in ("-o", "-MF", "-MQ", "-c"):
                skip = word != "-c"
            elif word != "-MD" and word != c["file"]:
                new.append(word)
        at = next(i for i, w in enumerate(new) if w.startswith("-"))
        new = new[:at] + list(first) + new[at:] + list(last) + ["-iquote", os.path.dirname(source), "-c", planted, "-o", output]
        return subprocess.run(new, cwd=c["directory"], capture_output=True, text=True)

    def link(self, extra, output):
        words = list(self.link_command)
        words[words.index("-o") + 1] = output
        at = next((i for i, w in enumerate(words) if w.endswith("libwengert.a")), None)
        if at is None:
            sys.exit("the program is not linked with the static library")
        words[at:at] = [extra] if isinstance(extra, str) else extra
        return subprocess.run(words, cwd=self.directory, capture_output=True, text=True)
