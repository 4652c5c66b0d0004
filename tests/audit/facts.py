"""Facts out of records: docs/storage.md, "Node records"; and as much of protobuf as that
needs."""

from journal import Damaged, sha256


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """{field number: [values]}; a value is an int or bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = int.from_bytes(data[at : at + 8], "little"), at + 8
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise Damaged(f"protobuf: wire type {kind}")
        found.setdefault(key >> 3, []).append(value)
    return found


def one(message, number, otherwise=0):
    return message.get(number, [otherwise])[-1]


def text(message, number):
    return one(message, number, b"").decode()


def zigzag(value):
    return value >> 1 ^ -(value & 1)


def signed_64(value):
    return value - (1 << 64) if value >> 63 else value


def packed(message, number):
    """Integers of a repeated field, packed or not."""
    out = []
    for value in message.get(number, []):
        if isinstance(value, int):
            out.append(value)
            continue
        at = 0
        while at < len(value):
            number_, at = varint(value, at)
            out.append(number_)
    return out


class Fact:
    def __init__(self, kind, at_us, members, measures):
        self.kind, self.at_us, self.members, self.measures = kind, at_us, members, measures

    def member(self, at):
        return self.members[at] if at < len(self.members) else ""

    def measure(self, at):
        return self.measures[at] if at < len(self.measures) else None

    def digest(self):
        out = [b"tongxin fact v1\0", self.kind.to_bytes(2, "big")]
        out.append(self.at_us.to_bytes(8, "big", signed=True))
        out.append(len(self.members).to_bytes(2, "big"))
        for member in self.members:
            member = member.encode()
            out += [len(member).to_bytes(4, "big"), member]
        out.append(len(self.measures).to_bytes(2, "big"))
        out += [measure.to_bytes(8, "big", signed=True) for measure in self.measures]
        return sha256(*out)[:8]


def facts_of(payload):
    record = fields(payload)
    if one(record, 1) != 1:
        raise Damaged(f"record of version {one(record, 1)}: want 1")
    if 23 in record:
        raise Damaged("the store came back after a restore: use tongxin node audit")
    words = [word.decode() for word in record.get(7, [])]
    for fact in record.get(8, []):
        fact = fields(fact)
        yield Fact(
            one(fact, 1),
            zigzag(one(fact, 2)),
            [words[place] for place in packed(fact, 3)],
            [zigzag(measure) for measure in packed(fact, 4)],
        )
