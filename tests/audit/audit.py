"""A second implementation of the audit, written from docs/audit.md, docs/storage.md and
docs/protocol.md alone: reads a bundle and a node's journal, works the cells out again,
and says whether they are those that the hub holds. Standard library only.

    audit.py BUNDLE NODE_DIRECTORY [--key FILE]

`--key` is the node's `keys/index`; without it, cells of classes B and C are skipped.
Prints one JSON object; exit code 0 when everything agrees, 65 when not.
"""

import argparse
import json
import pathlib
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import ed25519
from accumulators import Rounding, encode
from definitions import Definition, dimension_of
from facts import facts_of
from journal import Damaged, Tree, records, sha256
from periods import period_number, period_text


def load(bundle):
    read = lambda name: (bundle / name).read_text()
    about = json.loads(read("bundle.json"))
    if about["format"] != 1:
        raise Damaged(f"bundle format {about['format']}: want 1")
    releases = [json.loads(line) for line in read("releases.jsonl").splitlines()]
    cells = [json.loads(line) for line in read("cells.jsonl").splitlines()]
    return about, releases, cells, json.loads(read("catalogue.json")), json.loads(read("buckets.json"))


def release_bytes(release):
    number = lambda key, size: release[key].to_bytes(size, "big")
    raw = lambda key: bytes.fromhex(release[key])
    head = raw("log_id") + number("size", 8) + raw("root") + raw("chain") + number("time_ms", 8)
    rest = [
        (int(release["community"]) * 1000).to_bytes(8, "big"),
        number("records", 8),
        raw("previous"),
        number("lineage", 4),
        number("through", 8),
        number("cell_count", 8),
        raw("cell_root"),
        number("catalogue_seq", 8),
        release["software"].encode(),
    ]
    return head, b"".join(rest)


def check_releases(releases, roots, problems):
    previous = bytes(32)
    for number, release in enumerate(releases, 1):
        raw = lambda key: bytes.fromhex(release[key])
        head, rest = release_bytes(release)
        signed = b"tongxin release v1".ljust(24, b"\0") + head + rest
        identity = sha256(signed, raw("signature"))
        under = b"tongxin countersign v1".ljust(24, b"\0") + identity
        under += release["countersigned_ms"].to_bytes(8, "big")
        under += release["incarnation"].to_bytes(8, "big")
        checks = {
            "id": identity == raw("id"),
            "previous": raw("previous") == previous,
            "signature": ed25519.verify(raw("public_key"), signed, raw("signature")),
            "head signature": ed25519.verify(
                raw("public_key"),
                b"tongxin journal head v1\0" + head,
                raw("head_signature"),
            ),
            "countersignature": ed25519.verify(
                raw("countersign_key"), under, raw("countersignature")
            ),
            "root": roots.get(release["size"]) == raw("root"),
        }
        problems += [f"release {number}: {what}" for what, holds in checks.items() if not holds]
        previous = raw("id")


def cell_hash(cell):
    key = b"".join(cell[part].to_bytes(4, "big") for part in ("indicator", "revision"))
    key += period_number(cell["period"]).to_bytes(4, "big") + cell["breakdown"].to_bytes(8, "big")
    order = cell["lineage"].to_bytes(4, "big") + cell["seq"].to_bytes(8, "big")
    return sha256(key, order, cell["kind"].to_bytes(4, "big"), bytes.fromhex(cell["state"]))[:16]


def check_buckets(about, release, cells, buckets, problems):
    """All that the hub holds is what was signed; with all cells here, is them."""
    joined = b"".join(count.to_bytes(8, "big") + bytes.fromhex(total) for count, total in buckets)
    if sha256(joined).hex() != release["cell_root"]:
        problems.append("the hub's buckets are not what the last release signs")
    if about["period"] or about["indicator"] or about["refused_cells"]:
        return
    total = sum(int.from_bytes(cell_hash(cell), "big") for cell in cells) % (1 << 128)
    signed = sum(int(bucket[1], 16) for bucket in buckets) % (1 << 128)
    if (len(cells), total) != (sum(bucket[0] for bucket in buckets), signed):
        problems.append("the cells are not those of the hub's buckets")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("bundle", type=pathlib.Path)
    arguments.add_argument("node", type=pathlib.Path)
    arguments.add_argument("--key", type=pathlib.Path)
    arguments = arguments.parse_args()
    about, releases, held, catalogue, buckets = load(arguments.bundle)
    rounding = Rounding(arguments.key) if arguments.key else None
    last = releases[-1]
    schemas = {schema["code"]: schema for schema in catalogue["fact_types"]}
    payloads = lambda kind: (
        bytes.fromhex(item["payload"]) for item in catalogue["items"] if item["kind"] == kind
    )
    dimensions = {found["code"]: found for found in map(dimension_of, payloads("dimension"))}
    definitions = [Definition(payload, dimensions, schemas) for payload in payloads("indicator")]
    zone = ZoneInfo(about["zone"])

    changes, tree, roots, problems = {}, Tree(), {}, []
    sizes = {release["size"] for release in releases}
    for log_id, sequence, leaf, payload in records(arguments.node / "journal"):
        tree.push(leaf)
        if sequence in sizes:
            roots[sequence] = tree.root()
        if sequence > last["records"]:
            continue
        for fact in facts_of(payload):
            moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=fact.at_us)
            day = moment.astimezone(zone).date()
            for definition in definitions:
                if definition.sunset and day > definition.sunset:
                    continue
                change = definition.change(fact)
                if change is None:
                    continue
                period = period_text(day, definition.grain)
                key = (definition.id, definition.revision, period, definition.breakdown(fact))
                seen = changes.setdefault(key, (definition, []))[1]
                seen.append((change, fact.digest()) if definition.base else change)
    if log_id.hex() != last["log_id"]:
        problems.append("the last release is of another journal")
    check_releases(releases, roots, problems)
    check_buckets(about, last, held, buckets, problems)

    given, skipped = {}, 0
    for key, (definition, seen) in changes.items():
        if about["period"] and key[2] != about["period"]:
            continue
        if definition.base is None:
            given[key] = definition.kind, encode(definition.kind, seen)
        elif rounding:
            released = rounding.encode(definition.kind, seen, definition.base)
            if released:
                given[key] = released
    protected = {definition.id for definition in definitions if definition.base}
    differing = []
    for cell in held:
        key = (cell["indicator"], cell["revision"], cell["period"], cell["breakdown"])
        found = given.pop(key, None)
        if cell["indicator"] in protected and not rounding:
            skipped += 1
        elif cell["kind"] == 0 and found is None:
            continue
        elif found != (cell["kind"], bytes.fromhex(cell["state"])):
            differing.append(list(key))
    differing += [list(key) for key in given]
    agrees = not problems and not differing
    report = {
        "agrees": agrees,
        "releases": len(releases),
        "compared_cells": len(held) - skipped,
        "skipped_cells": skipped,
        "problems": problems,
        "differing": differing,
    }
    print(json.dumps(report))
    sys.exit(0 if agrees else 65)


if __name__ == "__main__":
    try:
        main()
    except Damaged as damage:
        print(json.dumps({"agrees": False, "problems": [str(damage)]}))
        sys.exit(65)
