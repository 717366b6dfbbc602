"""Reads and writes environment.json, which records where and with what each session of measuring was done."""

import datetime
import hashlib
import json
import os
import platform
import re
import shlex
import socket
import subprocess
from pathlib import Path

SECRET = re.compile("JWT|TOKEN|KEY|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def _answer(*command):
    """Returns what a command prints, without blanks around it; nothing if the command is missing or fails."""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def _cpu():
    match = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match.group(1) if match else platform.processor() or platform.machine()


def _git_commit():
    here = str(Path(__file__).resolve().parent)
    commit = _answer("git", "-C", here, "rev-parse", "HEAD")
    return commit + (" with changes" if commit and _answer("git", "-C", here, "status", "--porcelain") else "")


def describe(program, launcher, arguments):
    """Returns a session in the form in which environment.json keeps it."""
    hosts = _answer("scontrol", "show", "hostnames") if "SLURM_JOB_ID" in os.environ else ""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command_line": " ".join(["scripts/scaling.py", *map(shlex.quote, arguments)]),
        "git_commit": _git_commit(),
        "haloedge": _answer(program, "--version").splitlines(),
        "program_sha256": sha256_of(program),
        "launcher": launcher.name,
        "launcher_version": (_answer(launcher.name, "--version").splitlines() or [""])[0],
        "cpu": _cpu(),
        "cores": launcher.cores,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "hosts": hosts.split() or [socket.gethostname()],
        "modules": [name for name in os.environ.get("LOADEDMODULES", "").split(":") if name],
        "variables": {name: value for name, value in sorted(os.environ.items())
                      if name.startswith(("SLURM_", "OMPI_", "OMP_", "CUDA_VISIBLE")) and not SECRET.search(name)},
    }


def read(path):
    """Returns the sessions, oldest first."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def append(path, session):
    """Adds a session. If it is interrupted, the file stays as it was."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps([*read(path), session], indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
