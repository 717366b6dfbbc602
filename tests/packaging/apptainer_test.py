#!/usr/bin/env python3
"""Tests the Apptainer definition: its stages, sections, files and shell scripts. Building an image needs Apptainer."""
import re
import shutil
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "scripts/packaging/haloedge.def"
SECTIONS = {"arguments", "setup", "files", "environment", "post", "runscript", "startscript", "test", "labels", "help"}
SHELL_SECTIONS = {"environment", "post", "runscript", "test"}


def parse(text):
    """Returns the stages in order, (header, sections). A section's name is its whole line, like "files from build"."""
    stages = []
    section = None
    for line in text.splitlines():
        if line.startswith("Bootstrap:"):
            stages.append(({}, {}))
            section = None
        if not stages:
            if line and not line.startswith("#"):
                raise ValueError(f"before the first Bootstrap: {line}")
            continue
        header, sections = stages[-1]
        if line.startswith("%"):
            section = line[1:].strip()
            if section in sections:
                raise ValueError(f"a second %{section} in a stage")
            sections[section] = []
        elif section is not None:
            sections[section].append(line)
        elif line.strip():
            key, value = line.split(":", 1)
            header[key] = value.strip()
    return stages


class ApptainerDefinition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stages = parse(DEFINITION.read_text())

    def test_stages_and_sections_are_those_that_apptainer_knows(self):
        self.assertEqual([header["Stage"] for header, _ in self.stages], ["build", "run"])
        for header, sections in self.stages:
            self.assertEqual(set(header), {"Bootstrap", "From", "Stage"})
            self.assertEqual(header["Bootstrap"], "docker")
            self.assertLessEqual({name.split()[0] for name in sections}, SECTIONS)

    def test_both_stages_have_the_same_system(self):
        self.assertEqual({header["From"] for header, _ in self.stages}, {"debian:12"})

    def test_files_are_there(self):
        for source, target in map(str.split, filter(str.strip, self.stages[0][1]["files"])):
            self.assertTrue((ROOT / source).exists(), source)
            self.assertTrue(target.startswith("/"), target)

    def test_files_of_another_stage_come_from_one_before(self):
        (source, _), = (line.split() for line in self.stages[1][1]["files from build"] if line.strip())
        folder, name = source.rsplit("/", 1)
        script = "\n".join(self.stages[0][1]["post"])
        self.assertIn(f"cd {folder}\n", script)
        self.assertRegex(script, rf"mv .* {re.escape(name)}\s*$")

    def test_shell_scripts(self):
        for header, sections in self.stages:
            for name in SHELL_SECTIONS & set(sections):
                with self.subTest(stage=header["Stage"], section=name):
                    script = "#!/bin/sh\n" + "\n".join(sections[name]) + "\n"
                    checks = [["sh", "-n"]] + ([["shellcheck", "-"]] if shutil.which("shellcheck") else [])
                    for check in checks:
                        result = subprocess.run(check, input=script, text=True, capture_output=True)
                        self.assertEqual(result.returncode, 0, f"{check}:\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    unittest.main()
