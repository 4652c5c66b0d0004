"""Filters: docs/protocol.md, "Catalogue items"."""


class Filter:
    """Recursive descent over CEL's comparisons; gives a predicate over facts."""

    def __init__(self, source, schema):
        self.schema, self.tokens, self.at = schema, list(self.cut(source)), 0
        self.test = self.either() if self.tokens else lambda fact: True

    @staticmethod
    def cut(source):
        at = 0
        while at < len(source):
            char = source[at]
            if char.isspace():
                at += 1
            elif char in "\"'":
                end, value = at + 1, ""
                while source[end] != char:
                    if source[end] == "\\":
                        end += 1
                    value += source[end]
                    end += 1
                yield "text", value
                at = end + 1
            elif char.isdigit() or (char == "-" and source[at + 1].isdigit()):
                end = at + 1
                while end < len(source) and source[end].isdigit():
                    end += 1
                yield "number", int(source[at:end])
                at = end
            elif char.isalpha() or char == "_":
                end = at
                while end < len(source) and (source[end].isalnum() or source[end] == "_"):
                    end += 1
                yield "name", source[at:end]
                at = end
            else:
                sign = source[at : at + 2]
                sign = sign if sign in ("==", "!=", "<=", ">=", "&&", "||") else char
                yield "sign", sign
                at += len(sign)

    def next_is(self, value):
        if self.at < len(self.tokens) and self.tokens[self.at][1] == value:
            self.at += 1
            return True
        return False

    def either(self):
        left = self.both()
        while self.next_is("||"):
            left = (lambda a, b: lambda fact: a(fact) or b(fact))(left, self.both())
        return left

    def both(self):
        left = self.plain()
        while self.next_is("&&"):
            left = (lambda a, b: lambda fact: a(fact) and b(fact))(left, self.plain())
        return left

    def plain(self):
        if self.next_is("!"):
            inner = self.plain()
            return lambda fact: not inner(fact)
        if self.next_is("("):
            inner = self.either()
            self.next_is(")")
            return inner
        if self.tokens[self.at] in (("name", "true"), ("name", "false")):
            self.at += 1
            constant = self.tokens[self.at - 1][1] == "true"
            return lambda fact: constant
        left = self.operand()
        if self.next_is("."):
            self.at += 2  # startsWith (
            prefix = self.tokens[self.at][1]
            self.at += 2
            return lambda fact: left(fact).startswith(prefix)
        sign = self.tokens[self.at][1]
        self.at += 1
        if sign == "in":
            self.at += 1
            options = []
            while not self.next_is("]"):
                if not self.next_is(","):
                    options.append(self.tokens[self.at][1])
                    self.at += 1
            return lambda fact: left(fact) in options
        right = self.operand()
        compare = {
            "==": lambda a, b: a == b,
            "!=": lambda a, b: a != b,
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
        }[sign]
        return lambda fact: compare(left(fact), right(fact))

    def operand(self):
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind != "name":
            return lambda fact: value
        if value in self.schema["dimensions"]:
            place = self.schema["dimensions"].index(value)
            return lambda fact: fact.member(place)
        place = self.schema["measures"].index(value)
        return lambda fact: fact.measure(place) or 0
