"""Draws the figures, each as SVG and PNG: speed-up, efficiency, phases, lanes of threads."""

import importlib.util

from . import table

# Most colours are those of Okabe and Ito, which colour-blind people can distinguish; those of Tol are for phases that
# seldom meet.
PHASE_COLOURS = {"read": "#332288", "decode": "#0072b2", "gray": "#56b4e9", "halo": "#f0e442", "filter": "#d55e00",
                 "hash": "#cc79a7", "device": "#aa4499", "encode": "#e69f00", "write": "#009e73", "gather": "#882255",
                 "hysteresis": "#999933"}
IDLE = "#e5e7eb"
AROUND = "#9ca3af"
LINE_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKERS = "osD^vPX"


def can_draw():
    return importlib.util.find_spec("matplotlib") is not None


def prepare():
    """Sets up matplotlib without a screen, and the look that all figures have."""
    import matplotlib

    matplotlib.use("agg")
    # Text stays text in the SVG, which keeps files small and words searchable.
    matplotlib.rcParams.update({"svg.hashsalt": "haloedge", "svg.fonttype": "none", "font.size": 10,
                                "font.family": ["DejaVu Sans", "sans-serif"], "axes.spines.top": False,
                                "axes.spines.right": False, "axes.titlelocation": "left", "axes.titlesize": 11})


def draw_all(folder, groups, lane_rows):
    """Draws all figures into `folder`. Returns their names, without ending."""
    prepare()
    names = []
    for group in groups:
        if not group.points:
            continue
        name = f"{group.mode}-{group.command}"
        figures = {"speedup": draw_speedup(group), "efficiency": draw_efficiency(group), "phases": draw_phases(group)}
        rows = [row for row in lane_rows if (row["mode"], row["command"]) == (group.mode, group.command)]
        if rows:
            figures["lanes"] = draw_lanes(group, rows)
        for kind, figure in figures.items():
            save(figure, folder / f"{name}-{kind}")
            names.append(f"{name}-{kind}")
    return names


def save(figure, path):
    from matplotlib import pyplot

    figure.savefig(f"{path}.svg", bbox_inches="tight", dpi=200, metadata={"Date": None})
    figure.savefig(f"{path}.png", bbox_inches="tight", dpi=150)
    pyplot.close(figure)


def title(group, what):
    """Returns the title of a figure: what it shows, and of which input."""
    source = " to ".join(dict.fromkeys((group.inputs[0], group.inputs[-1])))
    if len(source) > 90:
        source = source[:87] + "..."
    runs = sorted({point.runs for point in group.points})
    count = f"{runs[0]} to {runs[-1]} runs" if len(runs) > 1 else f"{runs[0]} run{'' if runs[0] == 1 else 's'}"
    return f"{what}: {group.mode} scaling of {group.command}\n{source}; median of {count}"


def _size_axis(group, axes):
    """Sets up the axis of ranks or threads, and shades the part that exceeds the machine's cores."""
    sizes = sorted({size for line in group.lines for size in line.sizes()})
    name = group.lines[0].axis
    if sizes[-1] > 16:
        axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("MPI ranks" if name == "ranks" else "threads a rank")
    left, right = (sizes[0] / 1.1, sizes[-1] * 1.1) if sizes[-1] > 16 else (sizes[0] - 0.25, sizes[-1] + 0.25)
    axes.set_xlim(left, right)
    others = {point.threads if name == "ranks" else point.processes for point in group.points}
    cores = {point.cores for point in group.points}
    if len(others) == 1 and len(cores) == 1:
        full = cores.pop() / others.pop()
        if full < sizes[-1]:
            axes.axvspan(max(full, left), right, color="#000000", alpha=0.07, lw=0, label="more threads than cores")
    return sizes


def _lines(group, axes, values, job_values):
    """Draws whole processes as filled marks and full lines.

    Jobs without the start of the launcher and of MPI are drawn as hollow marks and dashed lines.
    """
    from matplotlib.lines import Line2D

    handles, _ = axes.get_legend_handles_labels()
    for number, line in enumerate(group.lines):
        look = {"color": LINE_COLOURS[number % len(LINE_COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        middle = values(line)
        fastest = [value * (point.wall / min(point.walls) - 1) for value, point in zip(middle, line.points)]
        slowest = [value * (1 - point.wall / max(point.walls)) for value, point in zip(middle, line.points)]
        axes.errorbar(line.sizes(), middle, yerr=(slowest, fastest), capsize=3, lw=1.8, elinewidth=1, **look)
        axes.plot(line.sizes(), job_values(line), mfc="white", lw=1.2, ls=(0, (4, 2)), **look)
        handles.append(Line2D([], [], lw=1.8, label=line.name, **look))
    dark = {"color": "#374151", "marker": "o"}
    handles += [Line2D([], [], lw=1.8, label="the whole process\n(bars: fastest, slowest)", **dark),
                Line2D([], [], mfc="white", ls=(0, (4, 2)), lw=1.2,
                       label="the job alone, without\nlauncher and MPI's start", **dark)]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


def draw_speedup(group):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.2))
    sizes = _size_axis(group, axes)
    axes.plot(sizes, sizes, color="#6b7280", lw=1, ls=":", label="ideal")
    _lines(group, axes, lambda line: [point.speedup for point in line.points],
           lambda line: [point.job_speedup for point in line.points])
    if sizes[-1] > 16:
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        axes.set_ylim(bottom=0)
    axes.set_ylabel(f"{'speed-up' if group.mode == 'strong' else 'scaled speed-up'} (times)")
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_title(title(group, "Speed-up"))
    return figure


def draw_efficiency(group):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.2))
    _size_axis(group, axes)
    axes.axhline(100, color="#6b7280", lw=1, ls=":", label="ideal")
    axes.axhline(80, color="#6b7280", lw=1, ls="--", label="80 %")
    _lines(group, axes, lambda line: [100 * point.efficiency for point in line.points],
           lambda line: [100 * point.job_speedup / size for point, size in zip(line.points, line.sizes())])
    axes.set_ylim(0, max(110, axes.get_ylim()[1]))
    axes.set_ylabel("efficiency (%)")
    axes.grid(axis="y", color="#e5e7eb", lw=0.6)
    axes.set_title(title(group, "Efficiency"))
    return figure


def draw_phases(group):
    from matplotlib import pyplot

    points = sorted(group.points, key=lambda point: (point.backend, point.threads, point.ranks))
    figure, axes = pyplot.subplots(figsize=(max(4.8, 1.2 + 0.75 * len(points)), 4.2))
    phases = [phase for phase in table.PHASES if any(phase in point.phases for point in points)]
    layers = [(phase, PHASE_COLOURS[phase], "", [point.phases.get(phase, 0) for point in points]) for phase in phases]
    layers.append(("idle, waiting", IDLE, "", [point.idle for point in points]))
    layers.append(("launcher, MPI's start and end", AROUND, "///", [point.around for point in points]))
    bottoms = [0.0] * len(points)
    for name, colour, hatch, heights in layers:
        axes.bar(range(len(points)), heights, 0.7, bottoms, color=colour, hatch=hatch, edgecolor="white", lw=0.5,
                 label=name)
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights)]
    for place, point in enumerate(points):
        axes.annotate(f"{bottoms[place]:.3g} s", (place, bottoms[place]), (0, 3), textcoords="offset points",
                      ha="center", fontsize=9)
    several = len({(point.threads, point.backend) for point in points}) > 1
    names = [f"{point.ranks or 'alone'}" + (f"\nx {point.threads}\n{point.backend}" if several else "")
             for point in points]
    axes.set_xticks(range(len(points)), names)
    axes.set_xlabel("ranks" + (" x threads, backend" if several else ""))
    axes.set_ylabel("seconds of a thread, on average")
    axes.set_ylim(0, max(bottoms) * 1.1)
    axes.set_title(title(group, "Where the time goes"))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return figure


def draw_lanes(group, rows):
    """Draws a panel for each rank count. A thread's lane shows the phases' parts of each slice of time."""
    from matplotlib import pyplot
    from matplotlib.patches import Patch

    panels = {}
    for row in rows:
        panels.setdefault(int(row["ranks"]), []).append(row)
    lanes = {ranks: sorted({(int(row["rank"]), int(row["thread"])) for row in panel})
             for ranks, panel in panels.items()}
    counts = sorted(panels)
    heights = [max(2, len(lanes[ranks])) for ranks in counts]
    gaps = {"height_ratios": heights, "hspace": 0.9 * len(heights) / sum(heights)}
    figure, all_axes = pyplot.subplots(len(counts), 1, sharex=True, squeeze=False, gridspec_kw=gaps,
                                       figsize=(9, 0.9 + sum(0.5 + 0.2 * height for height in heights)))
    for axes, ranks in zip(all_axes[:, 0], counts):
        _panel(axes, ranks, panels[ranks], lanes[ranks])
    axes.set_xlim(0, 1.01 * max(float(row["begin_s"]) + float(row["length_s"]) for row in rows))
    all_axes[-1, 0].set_xlabel("seconds since each rank began its job")
    figure.suptitle(title(group, "What each thread does, one traced run each").split("; median")[0], x=0.125, ha="left",
                    fontsize=11, y=0.88 + 0.7 / figure.get_figheight())
    used = [phase for phase in table.PHASES if any(row["phase"] == phase for row in rows)]
    handles = [Patch(color=PHASE_COLOURS[phase], label=phase) for phase in used]
    handles.append(Patch(color=IDLE, label="idle, waiting"))
    all_axes[0, 0].legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return figure


def _panel(axes, ranks, rows, lanes):
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    place = {lane: number for number, lane in enumerate(lanes)}
    end = max(float(row["begin_s"]) + float(row["length_s"]) for row in rows)
    filled = {}  # (lane, beginning of a slice) -> height that is filled
    boxes = {"": [Rectangle((0, number - 0.4), end, 0.8) for number in place.values()]}
    for row in sorted(rows, key=lambda row: table.PHASES.index(row["phase"])):
        number = place[int(row["rank"]), int(row["thread"])]
        begin, length = float(row["begin_s"]), float(row["length_s"])
        low, share = filled.get((number, begin), 0.0), float(row["busy_s"]) / length
        filled[number, begin] = low + share
        # The axis points down, so the first phase is at the lane's lower edge.
        boxes.setdefault(row["phase"], []).append(Rectangle((begin, number + 0.4 - 0.8 * low), length, -0.8 * share))
    for phase, rectangles in boxes.items():
        # These are drawn as an image, because no browser copes with a file of tens of thousands of boxes.
        axes.add_collection(PatchCollection(rectangles, facecolor=PHASE_COLOURS.get(phase, IDLE), lw=0,
                                            antialiased=False, rasterized=True))
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    firsts = {}
    for rank, thread in lanes:
        firsts.setdefault(rank, []).append(place[rank, thread])
    shown = list(firsts)[::max(1, len(firsts) // 16)]
    axes.set_yticks([sum(firsts[rank]) / len(firsts[rank]) for rank in shown], [f"rank {rank}" for rank in shown],
                    fontsize=8)
    axes.tick_params(axis="y", length=0)
    threads, of = int(rows[0]["threads"]), int(rows[0]["lanes"])
    few = "" if of == len(lanes) else f"; {len(lanes)} of {of} threads shown"
    axes.set_title(f"{ranks or 'no launcher, 1'} rank{'' if ranks < 2 else 's'} x {threads} thread"
                   f"{'' if threads == 1 else 's'}, {rows[0]['backend']}{few}", fontsize=9)
