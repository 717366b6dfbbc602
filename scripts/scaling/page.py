"""Makes report.html: plots, tables, the environment and how to repeat it, in one file that loads nothing."""

import re
from html import escape

from . import table

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #111827 }
h1 { font-size: 1.6rem } h2 { font-size: 1.3rem; margin-top: 2.5rem }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #e5e7eb; text-align: right; vertical-align: top }
th, td { white-space: nowrap } th { background: #f3f4f6 } .text, .long { text-align: left }
.long { white-space: normal; overflow-wrap: anywhere; min-width: 20rem }
pre { background: #f3f4f6; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
figure { margin: 1.5rem 0 } figure svg { max-width: 100%; height: auto }
.good { background: #e0f2fe; padding: .6rem 1rem } .bad { background: #ffedd5; padding: .6rem 1rem; font-weight: bold }
"""


def write(folder, groups, rows, sessions, figures):
    parts = [verdict(rows, groups)]
    for group in groups:
        parts.append(f"<h2>{group.mode.capitalize()} scaling of {escape(group.command)}</h2>")
        parts.append(about(group))
        parts.append(points_table(group))
        own = f"{group.mode}-{group.command}-"
        parts += [inline(folder / f"{name}.svg") for name in figures if name.startswith(own)]
        parts.append(failures_table(group))
    if not figures:
        parts.append("<p>No plots yet: <code>scripts/scaling.py plot</code> draws them from the "
                     "tables.</p>")
    parts.append(how(sessions))
    text = ('<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Scaling of haloedge</title>\n'
            f"<style>{STYLE}</style></head>\n<body>\n<h1>Scaling of haloedge</h1>\n"
            + "\n".join(parts) + "\n</body>\n</html>\n")
    (folder / "report.html").write_text(text, encoding="utf-8")


def verdict(rows, groups):
    differences = table.differing_outputs(rows)
    failed = sum(len(group.failures) for group in groups)
    lines = [f'<p class="bad">OUTPUTS DIFFER: {escape(difference)}</p>' for difference in differences]
    compared = sum(1 for row in rows if row["sha256"])
    if not differences:
        lines.append(f'<p class="good">The outputs of all {compared} runs are identical wherever the input is the same '
                     "(SHA-256).</p>")
    if failed:
        lines.append(f'<p class="bad">{failed} run(s) failed; they are not in the medians.</p>')
    return "\n".join(lines)


def about(group):
    inputs = "; ".join(map(escape, group.inputs))
    options = f" Options: <code>{escape(group.options)}</code>." if group.options else ""
    return (f"<p>Input: {inputs}.{options} Process times are medians of whole processes, with the launcher and the "
            "start and end of MPI; the fastest and the slowest are in brackets. Job times are those of "
            "<code>--report</code>. Speed-up and efficiency compare with the first line of the same kind. Memory is "
            "the sum of the peaks of all ranks.</p>")


def points_table(group):
    head = ("ranks", "threads", "backend", "nodes", "runs", "process, s", "job, s", f"{group.unit}/s", "speed-up",
            "efficiency", "memory, MB")
    lines = [[point.ranks or "no launcher", point.threads, point.backend, point.nodes, point.runs,
              f"{point.wall:.3f} ({min(point.walls):.3f} to {max(point.walls):.3f})", f"{point.job:.3f}",
              f"{point.rate:,.0f}", f"{point.speedup:.2f}", f"{100 * point.efficiency:.0f} %",
              f"{point.peak_bytes / 1e6:,.0f}"] for point in group.points]
    return html_table(head, lines)


def failures_table(group):
    head = ("ranks", "threads", "backend", "repeat", "exit code", "standard error's end")
    lines = [[row["ranks"], row["threads"], row["backend"], row["repeat"], row["exit_code"], row["error"]]
             for row in group.failures]
    return html_table(head, lines) if lines else ""


def html_table(head, lines):
    def look(text):
        # Numbers are aligned to the right, words to the left. A long text, such as an error, may be broken anywhere.
        return " class=long" if len(text) > 40 else " class=text" if re.match("[^0-9]*$", text) else ""

    def cells(tag, values):
        return "".join(f"<{tag}{look(text)}>{escape(text)}</{tag}>" for text in map(str, values))

    body = "\n".join(f"<tr>{cells('td', line)}</tr>" for line in lines)
    return f"<table>\n<tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr>\n{body}\n</table>"


def inline(path):
    """Returns the svg element of a file, without the lines before it."""
    svg = path.read_text(encoding="utf-8")
    return f"<figure>{svg[svg.index('<svg'):]}</figure>"


def how(sessions):
    parts = ["<h2>How to repeat it</h2>",
             "<p>These are the commands of all sessions. Runs that are in <code>runs.csv</code> are not repeated, so "
             "choose an empty folder.</p>",
             f"<pre>{escape(chr(10).join(session['command_line'] for session in sessions))}</pre>",
             "<h2>Where it was measured</h2>"]
    for session in sessions:
        lines = [(name, "\n".join(map(str, value)) if isinstance(value, list) else
                  "\n".join(f"{key}={text}" for key, text in value.items()) if isinstance(value, dict) else value)
                 for name, value in session.items() if value not in ("", [], {})]
        parts.append("<table>" + "".join(f'<tr><th class="text">{escape(name)}</th><td class="text"><pre>'
                                         f"{escape(str(value))}</pre></td></tr>" for name, value in lines) + "</table>")
    return "\n".join(parts)
