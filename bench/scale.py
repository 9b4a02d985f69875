"""The arithmetic of docs/scale.md: what was measured at L, for a hundred times the customers and ten times the offers."""

from typing import Any

from bench.report import table

CUSTOMERS, OFFERS = 100, 10


def text(counting: dict[str, Any], detection: dict[str, Any], storing: dict[str, Any], command: str, seed: int) -> str:
    """`counting` of all segments and `detection` with counts kept at L, `storing` at M; one core each."""
    sweep = detection["seconds"] - detection["reading"]
    # Ten times the offers in the same year: each has ten times as many others beside it.
    pairs, stored = OFFERS * OFFERS, storing["ours"] / storing["rows"]
    lines = [
        (
            "bitmaps of 2,000 segments",
            (
                f"{counting['memberships'] / 1e6:,.0f} million memberships, {counting['bytes'] / 1e6:,.0f} MB, "
                f"{counting['bytes'] / counting['memberships']:.2f} bytes each"
            ),
            f"× {CUSTOMERS}",
            f"{CUSTOMERS * counting['bytes'] / 1e9:,.1f} GB",
        ),
        (
            "counting what all segments share",
            f"{counting['pairs'] / 1e6:,.1f} million pairs of segments, {counting['seconds']:,.1f} s",
            f"× {CUSTOMERS}",
            f"{CUSTOMERS * counting['seconds']:,.0f} core-seconds",
        ),
        (
            "reading offers, postings and counts",
            f"{detection['reading']:,.1f} s",
            f"× {OFFERS}",
            f"{OFFERS * detection['reading']:,.0f} core-seconds",
        ),
        ("the pair search", f"{sweep:,.1f} s", f"× {pairs}", f"{pairs * sweep:,.0f} core-seconds"),
        (
            "pairs",
            f"{detection['rows'] / 1e6:,.2f} million",
            f"× {pairs}",
            f"{pairs * detection['rows'] / 1e6:,.0f} million",
        ),
        (
            "storing them all, one writer",
            f"{1e6 * stored:,.0f} µs a row (at M)",
            "× pairs",
            f"{pairs * detection['rows'] * stored / 3600:,.1f} hours",
        ),
    ]
    head = ("what", "measured at L", "grows by", "100M customers, 1M offers")
    return "\n".join([f"Measured by `{command}`, seed {seed}.", "", *table(head, lines)])
