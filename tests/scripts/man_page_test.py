"""Tests that the man page and the completion of bash have the options that --help lists, and no others."""

import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["HALOEDGE_PROGRAM"]
OPTION = re.compile(r"--[a-z][a-z-]*[a-z]")
# Options of other programs that the man page speaks of.
FOREIGN = {"--dependency", "--mca"}


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def commands():
    """Returns the names of the commands, from the last part of `haloedge --help`."""
    listed = run(PROGRAM, "--help").split("Commands:")[1]
    return re.findall(r"^  ([a-z]+)  ", listed, re.M)


def options(*command):
    """Returns the long options that --help declares, each at the beginning of a line."""
    lines = run(PROGRAM, *command, "--help").splitlines()
    declared = [re.match(r" {2,4}(?:-\w, )?(--[a-z-]+)", line) for line in lines]
    return {found.group(1) for found in declared if found}


class ManPage(unittest.TestCase):
    def setUp(self):
        self.page = (ROOT / "scripts" / "man" / "haloedge.1").read_text().replace("\\-", "-")

    def test_same_options(self):
        known = options().union(*(options(command) for command in commands()))
        self.assertGreater(len(known), 40)
        self.assertEqual(known - set(OPTION.findall(self.page)), set(), "are not in the man page")
        self.assertEqual(set(OPTION.findall(self.page)) - known - FOREIGN, set(), "are in the man page only")

    def test_same_commands(self):
        described = self.page.split(".SH COMMANDS")[1].split(".SH OPTIONS")[0]
        self.assertEqual(set(re.findall(r"^\.TP\n\.B ([a-z]+)$", described, re.M)), set(commands()))


class Completion(unittest.TestCase):
    def test_same_options(self):
        script = ROOT / "scripts" / "completion" / "haloedge.bash"
        for command in commands():
            ask = (f'source "{script}"; COMP_WORDS=(haloedge {command} --); COMP_CWORD=2; _haloedge; '
                   'printf "%s\\n" "${COMPREPLY[@]}"')
            offered = set(run("bash", "-c", ask).split())
            self.assertEqual(offered, options(command), command)


if __name__ == "__main__":
    unittest.main()
