"""Periods by their codes, as cells are keyed by them."""

from datetime import date

DAY, WEEK, MONTH, QUARTER, HALF, YEAR = range(1, 7)
FIRST = date(1900, 1, 1)


def period_index(day, grain):
    months = (day.year - 1900) * 12 + day.month - 1
    days = (day - FIRST).days
    return {
        DAY: days,
        WEEK: days // 7,
        MONTH: months,
        QUARTER: months // 3,
        HALF: months // 6,
        YEAR: months // 12,
    }[grain]


def period_text(day, grain):
    if grain == WEEK:
        year, week, _ = day.isocalendar()
        return f"{year:04}W{week:02}"
    return {
        DAY: f"{day.year:04}{day.month:02}{day.day:02}",
        MONTH: f"{day.year:04}{day.month:02}",
        QUARTER: f"{day.year:04}Q{(day.month - 1) // 3 + 1}",
        HALF: f"{day.year:04}S{(day.month - 1) // 6 + 1}",
        YEAR: f"{day.year:04}",
    }[grain]


def period_number(code):
    """Of a cell's key."""
    if "W" in code:
        return period_index(date.fromisocalendar(int(code[:4]), int(code[5:]), 1), WEEK) << 3 | WEEK
    year, rest = int(code[:4]), code[4:]
    if not rest:
        grain, day = YEAR, date(year, 1, 1)
    elif rest[0] == "Q":
        grain, day = QUARTER, date(year, int(rest[1]) * 3, 1)
    elif rest[0] == "S":
        grain, day = HALF, date(year, int(rest[1]) * 6, 1)
    elif len(rest) == 2:
        grain, day = MONTH, date(year, int(rest), 1)
    else:
        grain, day = DAY, date(year, int(rest[:2]), int(rest[2:]))
    return period_index(day, grain) << 3 | grain
