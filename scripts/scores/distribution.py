"""Draws the distribution of the scores: the numbers of images by score, and the shares with no higher score."""

from scaling.plots import LINE_COLOURS

BARS, CURVE = LINE_COLOURS[0], LINE_COLOURS[1]
GRID, DARK = "#e5e7eb", "#374151"
QUANTILES = (10, 50, 90)


def draw(scores, failed, source):
    """Returns the figure. `scores` must not be empty."""
    import numpy
    from matplotlib import pyplot, ticker

    scores = numpy.sort(scores)
    figure, (bars, curve) = pyplot.subplots(2, 1, sharex=True, figsize=(7.6, 6.4), gridspec_kw={"hspace": 0.12})
    bins = min(60, max(8, round(2 * len(scores) ** 0.5)))
    _, edges, _ = bars.hist(scores, bins=bins, color=BARS, alpha=0.85, edgecolor="white", linewidth=0.6)
    bars.set_ylabel("images")
    bars.yaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    bars.yaxis.set_major_formatter("{x:,.0f}")
    margin = 0.02 * (edges[-1] - edges[0])
    bars.set_xlim(edges[0] - margin, edges[-1] + margin)

    shares = 100 * numpy.arange(1, len(scores) + 1) / len(scores)
    curve.step(numpy.concatenate([[edges[0] - margin], scores, [edges[-1] + margin]]),
               numpy.concatenate([[0], shares, [100]]), where="post", color=CURVE, lw=1.8)
    _mark_quantiles(curve, scores, edges)
    curve.set_ylim(0, 103)
    curve.set_ylabel("images with no higher score (%)")
    curve.set_xlabel("congestion score (mean of the blurred edges; 255: edges everywhere)")
    for axes in (bars, curve):
        axes.grid(axis="y", color=GRID, lw=0.6)
        axes.set_axisbelow(True)

    without = f", {failed:,} more without a score" if failed else ""
    bars.set_title(f"Congestion of {len(scores):,} image{'' if len(scores) == 1 else 's'}{without}\n"
                   f"{source}; median {numpy.median(scores):.4g}, mean {scores.mean():.4g}")
    return figure


def _mark_quantiles(axes, scores, edges):
    import numpy

    middle = (edges[0] + edges[-1]) / 2
    for quantile in QUANTILES:
        score = numpy.percentile(scores, quantile)
        left = score > middle
        axes.plot(score, quantile, "o", color=DARK, ms=5, zorder=3)
        # The text is where the rising curve is not: above the point to the left, below it to the right.
        axes.annotate(f"{quantile} %: {score:.4g}", (score, quantile), (-8, 6) if left else (8, -6),
                      textcoords="offset points", ha="right" if left else "left", va="bottom" if left else "top",
                      fontsize=9, color=DARK)
