"""Measures the collision engine against databases and plain Python, and writes docs/performance.md and docs/scale.md.

    make bench                            everything that fits into about ten minutes
    make bench ARGS="--sizes S,M,L"       the large plan too: a quarter of an hour, 16 GB of memory
    make bench ARGS="--sizes S --dry-run" try it
    make bench ARGS="--exact S,M"         no times: exported files of fresh plans against SQL over their folders

All see the same plan, each runs in a process of its own, and all must find exactly the same rows.
"""

import argparse
import secrets
import shutil
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import plans, scale
from bench.contest import Contest
from bench.measuring import JobError, Progress, Runner
from bench.report import Line, Report, memory, milliseconds, seconds, write
from config.tests.postgres import NoServerError, Server

ROOT = Path(__file__).parent.parent
DOCUMENTS = ROOT / "docs"
# How many jobs a size has, for the bar.
JOBS = {"S": 30, "M": 39, "L": 16}


def main() -> int:
    options = _options()
    report = Report(options.seed, "make bench" + (f' ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else ""))
    sizes = [] if options.exact else options.sizes
    exact = options.exact or ["S"]
    progress = Progress(sum(JOBS[size] for size in sizes) + len(exact) + 1)
    found: dict[str, dict[str, Any]] = {}
    contests: dict[str, Contest] = {}
    try:
        _tell_exactness(exact, options, report, progress)
        for size in sizes:
            found[size] = _measure(size, options, report, progress, contests)
            if not options.dry_run:
                # A larger size may end badly: what is measured is kept.
                write(report.text(), DOCUMENTS / "performance.md")
        _tell_growth(found, report)
    except JobError as error:
        print(f"\n{error}\nSeed {options.seed}.", file=sys.stderr)
        return 1
    print(f"\n{report.text()}")
    if sizes and not options.dry_run:
        write(report.text(), DOCUMENTS / "performance.md")
        if {"M", "L"} <= found.keys():
            counted, detected = found["L"]["counting"], contests["L"].best["kept", "ours"]
            text = scale.text(counted, detected, found["M"]["storing"], report.command, report.seed)
            write(text, DOCUMENTS / "scale.md")
        print("\nWritten to docs/.", file=sys.stderr)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", default="S,M", type=_sizes, help="of S, M and L")
    parser.add_argument("--exact", default="", type=_sizes, help="only exactness, at these sizes and on the real set")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31), help="a fresh one unless given")
    parser.add_argument("--dry-run", action="store_true", help="print, but leave the documents as they are")
    parser.add_argument("--keep", action="store_true", help="leave the databases in var/bench")
    return parser.parse_args()


def _sizes(text: str) -> list[str]:
    names = [name for name in text.upper().split(",") if name]
    if unknown := set(names) - set(plans.SIZES):
        raise argparse.ArgumentTypeError(f"no such size: {', '.join(sorted(unknown))}")
    return names


def _runner(stack: ExitStack, name: str, options: argparse.Namespace, progress: Progress) -> Runner:
    """In an empty folder, which goes with the stack."""
    folder = ROOT / "var" / "bench" / f"{name}-{options.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not options.keep:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return Runner(folder, progress, name)


def _tell_exactness(sizes: list[str], options: argparse.Namespace, report: Report, progress: Progress) -> None:
    """Import, detection and export as users call them against independent SQL; a difference ends the run."""
    for size in [*sizes, "the real set"]:
        with ExitStack() as stack:
            run = _runner(stack, f"exact {size}" if size in plans.SIZES else "exact real", options, progress)
            if size in plans.SIZES:
                found = run("exactness", "made_up", title="folder to export", size=size, seed=options.seed)
            else:
                found = run("exactness", "real", title="folder to export")
            assert found
        times = ", ".join(f"{step} {seconds(value)}" for step, value in found["times"].items())
        report.lines.append(
            Line(
                "exactness, folder to export",
                size,
                f"{found['rows']:,} rows",
                "SQL over the folder",
                times,
                "",
                "identical",
                True,
            )
        )


def _measure(
    size: str, options: argparse.Namespace, report: Report, progress: Progress, contests: dict[str, Contest]
) -> dict[str, Any]:
    with ExitStack() as stack:
        run = _runner(stack, size, options, progress)
        run("plans", "write", title="making the plan", size=size, seed=options.seed)
        run("house", "build", title="filling the product's database")
        run("tables", "build", title="filling DuckDB")
        dsn = None if size == "L" else _server(stack, run, report)
        contest = contests[size] = Contest(run, size, report, dsn, contests.get("M"))
        contest.hold("full")
        told: dict[str, Any] = {"counting": run("ours", "keep", title="keeping counts")}
        run("tables", "keep", title="keeping counts, DuckDB")
        if dsn:
            run("postgres_sql", "keep", title="keeping counts, PostgreSQL", dsn=dsn)
        contest.hold("kept")
        _tell_full(contest, report)
        told["one"] = _one_offer(run, options.seed, report)
        if dsn and size == "M":
            _audiences(run, options.seed, dsn, report)
        if size == "M":
            told["storing"] = _storing(run, report)
            _live(run, options.seed, report)
        if size == "L":
            _slices(run, report)
        return told


def _server(stack: ExitStack, run: Runner, report: Report) -> str | None:
    """A throw-away PostgreSQL with the plan."""
    try:
        server = Server()
    except NoServerError as error:
        report.notes.append(f"Without PostgreSQL: {error}.")
        return None
    stack.callback(server.forget)
    server.start()
    stack.callback(server.stop)
    dsn = f"host={server.socket.parent} user={server.user} dbname=postgres"
    run("postgres_sql", "build", title="filling PostgreSQL", dsn=dsn, bits=True)
    return dsn


def _tell_full(contest: Contest, report: Report) -> None:
    size = contest.size
    contest.compare("full", "DuckDB", {"S": None, "M": 0.15, "L": 0.25}[size])
    contest.compare("kept", "DuckDB", 0.35 if size == "L" else None)
    contest.compare("full", "PostgreSQL", None)
    contest.compare("full", "Polars", None)
    contest.compare("full", "Python sets", 0.05 if size == "M" else None)
    if size == "L":
        ours = max(contest.best[job, "ours"]["memory"] for job in ("full", "kept"))
        theirs = contest.best["full", "DuckDB"]["memory"]
        both = memory(ours), f"DuckDB {memory(theirs)}"
        report.compare("peak memory, GB", size, *both, ours / 1000, 1.0, target="< 1 GB")
        report.compare("peak memory / DuckDB", size, *both, ours / theirs, 0.15)
        report.notes.append("At L PostgreSQL, Polars and Python sets are left out: each would take minutes.")


def _one_offer(run: Runner, seed: int, report: Report) -> dict[str, Any]:
    run("one_offer", "build", title="spelling out all targets")
    found = run("one_offer", "compare", title="one offer", seed=seed, offers=200)
    assert found
    picked, largest = found["picked"], found["largest"]
    is_large = run.name == "L"
    for name, times, limit, which in (
        ("one offer, p50", picked, None, _middle),
        ("one offer, p95", picked, 0.15 if is_large else None, _p95),
        ("one offer, the largest ten, p50", largest, 0.03 if is_large else None, _middle),
        ("one offer, the largest", largest, None, max),
    ):
        joined = min((way for way in times if way != "ours"), key=lambda way: which(times[way]))
        ours, theirs = which(times["ours"]), which(times[joined])
        against = f"{joined} {milliseconds(theirs)}"
        report.compare(name, run.name, milliseconds(ours), against, ours / theirs, limit)
    return {"p50": _middle(picked["ours"])}


def _audiences(run: Runner, seed: int, dsn: str, report: Report) -> None:
    ours = run("audiences", "ours", seed=seed)
    assert ours
    theirs = {}
    for form in ("except", "anti join", "groups"):
        found = run("audiences", "postgres", title=f"audiences, PostgreSQL: {form}", seed=seed, dsn=dsn, form=form)
        assert found
        if found["checksum"] != ours["checksum"]:
            raise JobError(f"audiences: PostgreSQL ({form}) counts other customers than we do")
        theirs[form] = _middle(found["times"])
    form = min(theirs, key=lambda name: theirs[name])
    mine = _middle(ours["times"])
    against = f"PostgreSQL {milliseconds(theirs[form])} ({form})"
    report.compare("boolean audience, p50", run.name, milliseconds(mine), against, mine / theirs[form], 0.05)


def _storing(run: Runner, report: Report) -> dict[str, Any]:
    found = run("storing", "compare", title="storing")
    assert found
    against = f"bare insert {seconds(found['raw'])}"
    value = found["ours"] / found["raw"]
    job = f"storing {found['rows']:,} pairs"
    report.compare(job, run.name, seconds(found["ours"]), against, value, 3.0, memory=memory(found["memory"]))
    return found


def _live(run: Runner, seed: int, report: Report) -> None:
    """With all rules on."""
    run("live", "build", title="giving departments people")
    found = run("live", "simulations", title="what-if", seed=seed, count=20)
    assert found
    times = found["times"]
    middle = f"p50 {milliseconds(_middle(times))}"
    p95 = _p95(times)
    report.compare("one what-if, all rules, ms", run.name, f"p95 {milliseconds(p95)}", middle, p95, 300)
    run("live", "settle", title="what is known before edits", seed=seed + 1, count=20)
    found = run("live", "edits", title="edits, worker running", seed=seed + 1, count=20)
    assert found
    times = found["times"]
    if found["refused"] or found["late"]:
        report.notes.append(
            f"Of 20 edits {found['refused']} were refused because the database was locked, and {found['late']} had no case"
            " after a minute; each counts as a minute."
        )
    middle = f"p50 {seconds(_middle(times))}"
    p95 = _p95(times)
    report.compare("saved edit to stored collision and case, s", run.name, f"p95 {seconds(p95)}", middle, p95, 2)


def _slices(run: Runner, report: Report) -> None:
    found = run("slices", "compare", title="slices of time")
    assert found
    against = f"one process {seconds(found['one'])}"
    limit = 1 / 1.7 if run.name == "L" else None
    value = found["two"] / found["one"]
    target = "≥ 1.7 times as fast (≤ 0.588), same rows" if limit else "same rows"
    report.compare(
        "four slices of time, two processes", run.name, seconds(found["two"]), against, value, limit, target=target
    )


def _tell_growth(found: dict[str, dict[str, Any]], report: Report) -> None:
    if {"S", "L"} <= found.keys():
        small, large = (found[size]["one"]["p50"] for size in "SL")
        report.compare(
            "one offer, p50, growth", "S → L", milliseconds(large), f"S {milliseconds(small)}", large / small, 3.0
        )


def _middle(times: list[float]) -> float:
    return statistics.median(times)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
