"""Finding collisions and keeping their rows: the only writer of Collision, DetectionRun and DetectionShard.

Whatever writes rows holds one lock until its transaction ends, so that two detections of one pair never race.
"""

from campaigns.actions.collisions.everything import (
    detect_everything,
    request_detection,
    run_waiting,
    sweep_everything,
)
from campaigns.actions.collisions.refreshing import TOPICS, refresh, refresh_due
from campaigns.actions.collisions.rows import announce
from campaigns.actions.collisions.settling import settle

__all__ = [
    "TOPICS",
    "announce",
    "detect_everything",
    "refresh",
    "refresh_due",
    "request_detection",
    "run_waiting",
    "settle",
    "sweep_everything",
]
