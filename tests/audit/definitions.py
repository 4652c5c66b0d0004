"""Definitions and dimensions of the catalogue, as far as an audit evaluates them."""

from datetime import date

from accumulators import COUNT, DISTINCT, HISTOGRAM, LEVEL, RATIO
from facts import fields, one, packed, signed_64, text
from filters import Filter


class Definition:
    def __init__(self, payload, dimensions, schemas):
        wire = fields(payload)
        self.id, self.code, self.revision = one(wire, 1), text(wire, 2), one(wire, 3)
        self.grain, self.protection = one(wire, 8), one(wire, 11)
        self.base = {2: 5, 3: 10}.get(self.protection)
        sunset = text(wire, 15)
        self.sunset = date.fromisoformat(sunset) if sunset else None
        self.breakdowns = [dimensions[code.decode()] for code in wire.get(10, [])]
        spec = fields(one(wire, 7, b""))
        self.kind, self.measure = one(spec, 1), text(spec, 4)
        self.bounds = [signed_64(bound) for bound in packed(spec, 5)]
        self.dimension, self.below_measure = text(spec, 6), text(spec, 7)
        self.of = self.selector(spec, 2, schemas)
        self.below = self.selector(spec, 3, schemas) if 3 in spec else None

    @staticmethod
    def selector(spec, number, schemas):
        wire = fields(one(spec, number))
        schema = schemas[text(wire, 1)]
        return schema, Filter(text(wire, 2), schema).test

    def change(self, fact):
        """What the fact does to its cell; None when it does not count."""
        counts = lambda of: of is not None and of[0]["id"] == fact.kind and of[1](fact)
        if self.kind == RATIO and self.measure:
            above = self.part(fact, self.of, self.measure)
            below = self.part(fact, self.below, self.below_measure)
            return None if above is below is None else (above or 0, below or 0)
        if self.kind == RATIO:
            sides = int(counts(self.of)), int(counts(self.below))
            return sides if any(sides) else None
        if not counts(self.of):
            return None
        if self.kind == COUNT:
            return 1
        schema = self.of[0]
        if self.kind == DISTINCT:
            return fact.member(schema["dimensions"].index(self.dimension)) or None
        value = fact.measure(schema["measures"].index(self.measure))
        if value is None:
            return None
        if self.kind == HISTOGRAM:
            return sum(1 for bound in self.bounds if bound < value)
        return (fact.at_us // 1000, value) if self.kind == LEVEL else value

    @staticmethod
    def part(fact, of, measure):
        if of[0]["id"] != fact.kind or not of[1](fact):
            return None
        value = fact.measure(of[0]["measures"].index(measure))
        return value if value is not None and value >= 0 else None

    def breakdown(self, fact):
        schema = self.of[0] if self.of[0]["id"] == fact.kind else self.below[0]
        packed_members = 0
        for at, dimension in enumerate(self.breakdowns):
            code = fact.member(schema["dimensions"].index(dimension["code"]))
            packed_members |= dimension["number"](code) << 16 * at
        return packed_members


def dimension_of(payload):
    wire = fields(payload)
    code = text(wire, 1)
    if one(wire, 4):
        number = lambda member: (
            int(member) if member.isascii() and member.isdigit() and 0 < int(member) < 65535 else 65535
        )
    else:
        members = {text(member, 2): one(member, 1) for member in map(fields, wire.get(5, []))}
        number = lambda member: members.get(member, 65535)
    return {"code": code, "number": number}
