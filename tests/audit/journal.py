"""A node's journal: docs/storage.md, "Journal files"."""

import hashlib


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


HEADER = 4096
FRAME_HEADER = 68


class Damaged(Exception):
    pass


def records(directory):
    """Every record's payload in order, with the chain verified frame by frame."""
    stamp = (directory / "format").read_text().split()
    if stamp[:4] != ["tongxin", "journal", "format", "1"]:
        raise Damaged("format: want 1")
    log_id = bytes.fromhex(stamp[5])
    chain = sha256(b"tongxin journal", log_id)
    sequence = 1
    for path in sorted(directory.glob("*.segment")):
        data = path.read_bytes()
        if data[:8] != b"txjsegmt" or data[16:32] != log_id:
            raise Damaged(f"{path.name}: not a segment of this log")
        if int.from_bytes(data[32:40], "big") != sequence or data[64:96] != chain:
            raise Damaged(f"{path.name}: does not follow record {sequence - 1}")
        at = HEADER
        while data[at : at + 4] == b"txfr":
            length = int.from_bytes(data[at + 4 : at + 8], "big")
            count = int.from_bytes(data[at + 8 : at + 12], "big")
            if int.from_bytes(data[at + 16 : at + 24], "big") != sequence:
                raise Damaged(f"{path.name} byte {at}: want record {sequence}")
            if data[at + 32 : at + 64] != chain:
                raise Damaged(f"{path.name} byte {at}: link of record {sequence}")
            body = data[at + FRAME_HEADER : at + FRAME_HEADER + length]
            place, leaves = 0, []
            for _ in range(count):
                size = int.from_bytes(body[place : place + 4], "big")
                payload = body[place + 4 : place + 4 + size]
                place += 4 + size
                leaves.append(sha256(b"\0", payload))
                yield log_id, sequence, leaves[-1], payload
                sequence += 1
            if place != length:
                raise Damaged(f"{path.name} byte {at}: frame of record {sequence - 1}")
            chain = sha256(chain, *leaves)
            at += FRAME_HEADER + length


class Tree:
    """RFC 6962, as leaves come."""

    def __init__(self):
        self.size, self.subtrees = 0, []

    def push(self, leaf):
        count, self.size = self.size, self.size + 1
        while count & 1:
            leaf = sha256(b"\1", self.subtrees.pop(), leaf)
            count >>= 1
        self.subtrees.append(leaf)

    def root(self):
        if not self.subtrees:
            return sha256()
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = sha256(b"\1", left, root)
        return root
