"""Accumulators as canonical bytes, and how protected cells are rounded: docs/protocol.md."""

import hmac
import pathlib

from journal import Damaged, sha256


def leb(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def leb_signed(value):
    return leb(value << 1 if value >= 0 else (-value << 1) - 1)


def as_signed(value):
    return value << 1 if value >= 0 else (-value << 1) - 1


def row(integers):
    while integers and integers[-1] == 0:
        integers = integers[:-1]
    return b"".join(leb(integer) for integer in integers)


COUNT, SUM, RATIO, MEAN, RANGE, HISTOGRAM, QUANTILE, LEVEL, DISTINCT = range(1, 10)


def sketch_bucket(value):
    size = abs(value)
    shift = max(0, size.bit_length() - 7)
    bucket = 64 * shift + (size >> shift)
    return -bucket if value < 0 else bucket


def encode(kind, changes):
    """Canonical bytes of a cell that saw these changes."""
    if kind == COUNT:
        return row([len(changes)])
    if kind == SUM:
        return row([as_signed(sum(changes))])
    if kind == RATIO:
        return row([sum(above for above, _ in changes), sum(below for _, below in changes)])
    if kind == MEAN:
        return row([as_signed(sum(changes)), len(changes)])
    if kind == RANGE:
        return leb_signed(min(changes)) + leb(max(changes) - min(changes))
    if kind == HISTOGRAM:
        return row([changes.count(bucket) for bucket in range(max(changes) + 1)])
    if kind == QUANTILE:
        counts, out, last = {}, b"", 0
        for value in changes:
            bucket = sketch_bucket(value)
            counts[bucket] = counts.get(bucket, 0) + 1
        for bucket in sorted(counts):
            out += leb_signed(bucket - last) + leb(counts[bucket])
            last = bucket
        return out
    if kind == LEVEL:
        at, value = max(changes)
        return leb_signed(at) + leb_signed(value)
    if kind == DISTINCT:
        return row([len(set(changes)), 0])
    raise Damaged(f"accumulator kind {kind}")


class Rounding:
    """docs/protocol.md, "Protected cells"."""

    def __init__(self, key_file):
        data = pathlib.Path(key_file).read_bytes()
        if data[:4] != b"TXIX" or sha256(data[:40]) != data[40:72]:
            raise Damaged(f"{key_file}: not a node's index key")
        self.secret = hmac.digest(data[8:40], b"\0tongxin rounding v1", "sha256")

    def released(self, count, first, base):
        if count == 0:
            return 0
        draw = int.from_bytes(hmac.digest(self.secret, first, "sha256")[:8], "big") % base
        return count + draw - (count + draw) % base

    @staticmethod
    def variance(released, base):
        if released == 0:
            return 0
        return base * (base - 1) if released == base else -(-(base * base - 1) // 6)

    def encode(self, kind, changes, base):
        """Kind and bytes of what is released; None when it comes to nothing."""
        sets = {}
        for change, first in changes:
            at = {COUNT: lambda: 0, HISTOGRAM: lambda: change, RATIO: lambda: self.side(change)}
            count, begun = sets.get(at[kind](), (0, first))
            sets[at[kind]()] = (count + 1, begun)
        out = {at: self.released(count, first, base) for at, (count, first) in sets.items()}
        number = lambda at: out.get(at, 0)
        spread = lambda at: self.variance(number(at), base)
        if not any(out.values()):
            return None
        if kind == COUNT:
            return 10, row([number(0), spread(0)])
        if kind == RATIO:
            sides = [number(0) + number(1), number(0) + number(2)]
            return 11, row(sides + [spread(0) + spread(1), spread(0) + spread(2)])
        buckets = [number(at) for at in range(max(out) + 1)]
        return 12, row([sum(spread(at) for at in out)] + buckets)

    @staticmethod
    def side(change):
        return {(1, 1): 0, (1, 0): 1, (0, 1): 2}[change]
