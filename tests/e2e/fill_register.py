"""Fills in a register's template as a person does with a spreadsheet that is not
ours, and says what it found there and in what came back, as JSON.

Usage: fill_register.py look FILE
       fill_register.py fill FILE OUT ROW...   (a row is cells between "|")
       fill_register.py marks FILE"""

import json
import sys

import openpyxl

HEAD_ROWS = 2


def headings(sheet):
    return [cell.value for cell in sheet[1] if cell.value]


def look(path):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    keys = headings(sheet)
    rules = {}
    for rule in sheet.data_validations.dataValidation:
        column = keys[next(iter(rule.sqref.ranges)).min_col - 1]
        choice = []
        if rule.type == "list":
            name, cells = rule.formula1.replace("$", "").split("!")
            choice = [row[0].value for row in book[name][cells]]
        rules[column] = {"type": rule.type, "choice": choice}
    return {
        "sheets": book.sheetnames,
        "keys": keys,
        "titles": [cell.value for cell in sheet[2] if cell.value],
        "hidden": sheet.row_dimensions[1].hidden,
        "protected": sheet.protection.sheet,
        "locked": [cell.protection.locked for cell in sheet[2][:2]],
        "rules": rules,
        "instructions": sum(1 for row in book.worksheets[1].iter_rows() if row[0].value),
    }


def fill(path, out, rows):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for at, row in enumerate(rows, HEAD_ROWS + 1):
        for column, cell in enumerate(row.split("|"), 1):
            if cell:
                sheet.cell(at, column).value = cell
    book.save(out)
    return {}


def marks(path):
    sheet = openpyxl.load_workbook(path).worksheets[0]
    keys = headings(sheet)
    remark = keys.index("remark")
    found = []
    for row in sheet.iter_rows(min_row=HEAD_ROWS + 1):
        marked = [
            keys[cell.column - 1]
            for cell in row
            if cell.comment is not None and cell.fill.fgColor.rgb == "FFFFC7CE"
        ]
        found.append({"first": row[0].value, "marked": marked, "remark": row[remark].value})
    return found


def main():
    what, path, *rest = sys.argv[1:]
    answer = {"look": look, "fill": lambda p: fill(p, rest[0], rest[1:]), "marks": marks}[what](path)
    print(json.dumps(answer, ensure_ascii=False))


main()
