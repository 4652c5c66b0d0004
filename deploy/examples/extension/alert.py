"""An extension: follows its feed, and tells a community when its newest week of
reports is more than twice the median of the four weeks before.

    python alert.py DIRECTORY [INVITE]

Requires: the kit deploy/clients/python, and `tongxin` on the path (or named by
TONGXIN) to join and to renew. Keeps what it has taken in DIRECTORY/taken.json.
"""

import datetime
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import time

import tongxin

INDICATOR = "EXT.L01"
WEEKS_BEFORE, TIMES, AT_LEAST = 4, 2, 3
RENEW_EVERY_S, RETRY_S = 24 * 3600, 2
# What `tongxin` exits with when the hub takes our certificate no longer.
SHUT_OUT = 77


def cli(*words, **how):
    return subprocess.run([os.environ.get("TONGXIN", "tongxin"), "centre", *words], **how)


class Taken:
    """Rows and the cursor behind them: always of one batch, in one file."""

    def __init__(self, path):
        self.path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.cursor = kept.get("cursor", "")
        # "place period" → [lineage, seq, number or None once it is gone, listing]
        self.rows = kept.get("rows", {})
        self.listing = kept.get("listing", 0)
        self.sent = set(kept.get("sent", []))

    def take(self, batch):
        for sweep in batch.get("sweeps", []):
            lineage = sweep.get("lineage", 0)
            self._drop(lambda key, row: key.split()[0] == sweep["place"] and row[0] < lineage)
        self.listing += batch.get("begins_listing", False)
        for row in batch.get("rows", []):
            if row["indicator"] != INDICATOR:
                continue
            key = f"{row['place']} {row['period']}"
            order = [row.get("lineage", 0), int(row.get("seq", 0))]
            held = self.rows.get(key)
            is_old = held and (order < held[:2] or order == held[:2] and not batch.get("lists"))
            if is_old:
                held[3] = self.listing
            else:
                number = None if row.get("removed") else row.get("number", 0)
                self.rows[key] = [*order, number, self.listing]
        if batch.get("ends_listing"):
            place = batch.get("listing_place", "")
            self._drop(lambda key, row: key.startswith(place) and row[3] != self.listing)
        self.cursor = batch["cursor"]

    def _drop(self, gone):
        self.rows = {key: row for key, row in self.rows.items() if not gone(key, row)}

    def keep(self):
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"cursor": self.cursor, "rows": self.rows,
                                     "listing": self.listing, "sent": sorted(self.sent)}))
        fresh.replace(self.path)

    def alerts(self):
        """(place, week, number, median) of each place whose newest week stands out."""
        newest = {}
        for key, (_, _, number, _) in self.rows.items():
            place, week = key.split()
            if number is not None:
                newest[place] = max(week, newest.get(place, ""))
        for place, week in sorted(newest.items()):
            number = self.rows[f"{place} {week}"][2]
            # A week of which nothing came had no report: the node counts them all.
            before = [self._number(place, back(week, n)) for n in range(1, WEEKS_BEFORE + 1)]
            median = statistics.median(before)
            if number >= AT_LEAST and number > TIMES * median:
                yield place, week, number, median

    def _number(self, place, week):
        row = self.rows.get(f"{place} {week}")
        return row[2] or 0 if row else 0


def back(week, weeks):
    """"2026W05", so many weeks earlier."""
    monday = datetime.date.fromisocalendar(int(week[:4]), int(week[5:]), 1)
    year, number, _ = (monday - datetime.timedelta(weeks=weeks)).isocalendar()
    return f"{year}W{number:02}"


def notify(hub, place, week, number, median):
    until = datetime.date.today() + datetime.timedelta(days=7)
    hub.call("tongxin.hub.v1.CentreDeskService/PublishOffer", {
        # The same alert again is the same request: nobody is told twice.
        "request_id": f"alert-{place}-{week}",
        "kind": "notice",
        "title": f"路灯报修增多 {week}",
        "text": f"本周路灯报修 {number:g} 件，前四周中位数 {median:g} 件。如需检修支持，请联系区城管局照明科。",
        "until_day": until.isoformat(),
        "audience": {"places": [place]},
    })
    print(f"{place} {week} {number:g}", flush=True)


def follow(directory):
    """Until the feed ends."""
    taken = Taken(directory / "taken.json")
    said = queue.Queue()
    said.put({"start": {"cursor": taken.cursor}})
    with tongxin.member(directory) as hub:
        feed = hub.exchange("tongxin.hub.v1.FeedService/Follow", iter(said.get, None))
        try:
            for answer in feed:
                batch = answer["batch"]
                taken.take(batch)
                # Half a listing says nothing yet.
                if not batch.get("lists") or batch.get("ends_listing"):
                    for place, week, number, median in taken.alerts():
                        if f"{place} {week}" not in taken.sent:
                            notify(hub, place, week, number, median)
                            taken.sent.add(f"{place} {week}")
                taken.keep()
                said.put({"ack": {"cursor": batch["cursor"]}})
        finally:
            said.put(None)


def main():
    directory = pathlib.Path(sys.argv[1])
    if not (directory / "member.pem").exists():
        cli("join", "--dir", str(directory), sys.argv[2], check=True)
    renewed = time.monotonic()
    while True:
        try:
            follow(directory)
        except tongxin.Refused as no:
            # A hub that is away comes back. To gRPC a refused certificate is no
            # different: `tongxin` can tell.
            if no.reason not in (None, "BUSY", "SCOPE_CHANGED"):
                sys.exit(f"{no.reason}: {no.zh or no}")
            asked = cli("offers", "--dir", str(directory), capture_output=True)
            if asked.returncode == SHUT_OUT:
                sys.exit(f"REVOKED: {asked.stderr.decode().strip()}")
        time.sleep(RETRY_S)
        if time.monotonic() - renewed > RENEW_EVERY_S:
            cli("renew", "--dir", str(directory), check=True)
            renewed = time.monotonic()


if __name__ == "__main__":
    main()
