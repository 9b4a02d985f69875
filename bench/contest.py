"""Full detection of one size by everybody who can: who finds other rows than the product fails the run."""

from typing import Any

from bench import sql
from bench.measuring import JobError, Runner
from bench.report import Report, memory, seconds

Found = dict[str, Any]
# A formulation that took longer than this times the best at M is left out at L.
FAR_BEHIND = 1.5
JOBS = {"full": "from stored inputs", "kept": "counts kept"}


class Contest:
    def __init__(self, run: Runner, size: str, report: Report, dsn: str | None, smaller: "Contest | None") -> None:
        self.run, self.size, self.report, self.dsn, self.smaller = run, size, report, dsn, smaller
        self.best: dict[tuple[str, str], Found] = {}
        self.times: dict[tuple[str, str], dict[str, float]] = {}

    def hold(self, job: str) -> None:
        """Everybody in turn; `best[job, who]` is each one's quickest."""
        ours = self.run("ours", job, title=f"{job}, ours")
        assert ours
        self.best[job, "ours"] = self._told(job, "**ours**", ours, ours)
        formulations = list(sql.FULL if job == "full" else sql.KEPT)
        if self.size == "L":
            self._several("DuckDB", job, "duckdb_sql", ours, self._promising("DuckDB", job, formulations))
            return
        self._several("DuckDB", job, "duckdb_sql", ours, formulations)
        if self.dsn:
            self._several("PostgreSQL", job, "postgres_sql", ours, formulations[::-1], dsn=self.dsn)
        self._one("Polars", job, "polars_frames", ours)
        if job == "full":
            self._one("Python sets", job, "python_sets", ours)

    def _promising(self, who: str, job: str, names: list[str]) -> list[str]:
        """Those that were not far behind at M, the best first; without M, what was best on other days."""
        times = self.smaller.times[job, who] if self.smaller else {}
        if not times:
            return names[:2]
        most = FAR_BEHIND * min(times.values())
        return sorted((name for name in times if times[name] <= most), key=lambda name: times[name])

    def _one(self, who: str, job: str, module: str, ours: Found) -> None:
        found = self.run(module, job, title=f"{job}, {who}")
        assert found
        self.best[job, who] = self._told(job, who, found, ours)

    def _several(self, who: str, job: str, module: str, ours: Found, names: list[str], **options: Any) -> None:
        """The quickest of several formulations; one that is slower than the best so far is stopped."""
        limit, times = None, self.times.setdefault((job, who), {})
        for name in names:
            found = self.run(module, job, title=f"{job}, {who}: {name}", limit=limit, formulation=name, **options)
            if found is None:
                row = (self.size, JOBS[job], f"{who}: {name}", "stopped: slower than the best", "", "", "")
                self.report.contestants.append(row)
                continue
            self._told(job, f"{who}: {name}", found, ours)
            best = self.best.setdefault((job, who), found | {"form": name})
            if found["seconds"] < best["seconds"]:
                best = self.best[job, who] = found | {"form": name}
            # Starting and connecting are not part of the time.
            limit = 10 + best["seconds"]
            times[name] = found["seconds"]

    def _told(self, job: str, who: str, found: Found, ours: Found) -> Found:
        if found["checksum"] != ours["checksum"]:
            raise JobError(f"{self.size}, {job}: {who} found {found['rows']} other rows than our {ours['rows']}")
        self.report.contestants.append(
            (
                self.size,
                JOBS[job],
                who,
                f"{found['seconds']:.2f}",
                memory(found["memory"]),
                f"{found['rows']:,}",
                f"`{found['checksum'][:12]}`",
            )
        )
        return found

    def compare(self, job: str, who: str, limit: float | None) -> None:
        """Our time against somebody's best."""
        if (job, who) not in self.best:
            return
        ours, theirs = self.best[job, "ours"], self.best[job, who]
        form = f" ({theirs['form']})" if "form" in theirs else ""
        self.report.compare(
            f"full detection, {JOBS[job]}",
            self.size,
            seconds(ours["seconds"]),
            f"{who} {seconds(theirs['seconds'])}{form}",
            ours["seconds"] / theirs["seconds"],
            limit,
            memory=f"{memory(ours['memory'])}, {memory(theirs['memory'])}",
        )
