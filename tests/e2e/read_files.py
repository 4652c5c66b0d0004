"""Opens the files of one answer with readers that are not ours and says what they
hold, as JSON: per format, numerator and denominator by place.

Usage: read_files.py DIR SCHEMA, with answer.xlsx, .parquet, .adx.xml, .dhis2.json"""

import json
import sys
from pathlib import Path

import duckdb
import openpyxl
import xmlschema


def by_place(rows):
    return {place: [int(numerator), int(denominator)] for place, numerator, denominator in rows}


def of_xlsx(path):
    book = openpyxl.load_workbook(path)
    sheet, method = book.worksheets
    headings = [cell.value.split("\n")[1] for cell in sheet[1]]
    rows = [dict(zip(headings, row)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert any("QS.R04@1" in (row[0].value or "") for row in method.iter_rows()), "no method"
    return by_place((row["place"], row["numerator"], row["denominator"]) for row in rows)


def of_parquet(path):
    rows = duckdb.sql(f"select place, numerator, denominator from read_parquet('{path}')").fetchall()
    keys = duckdb.sql(f"select cast(key as varchar) from parquet_kv_metadata('{path}')").fetchall()
    assert ("tongxin.method",) in keys, keys
    return by_place(rows)


def pairs(values):
    found = {}
    for place, element, value in values:
        code, part = element.rsplit(".", 1)
        assert code == "QS.R04", element
        found.setdefault(place, {})[part] = value
    return by_place((place, of["numerator"], of["denominator"]) for place, of in found.items())


def of_adx(path, schema):
    document = xmlschema.XMLSchema(schema).to_dict(path)
    return pairs(
        (group["@orgUnit"], value["@dataElement"], value["@value"])
        for group in document["group"]
        for value in group["dataValue"]
    )


def of_dhis2(path):
    values = json.loads(path.read_text())["dataValues"]
    return pairs((value["orgUnit"], value["dataElement"], value["value"]) for value in values)


def main():
    folder, schema = Path(sys.argv[1]), sys.argv[2]
    named = lambda ending: folder / f"answer{ending}"
    print(
        json.dumps(
            {
                "xlsx": of_xlsx(named(".xlsx")),
                "parquet": of_parquet(named(".parquet")),
                "adx": of_adx(named(".adx.xml"), schema),
                "dhis2": of_dhis2(named(".dhis2.json")),
            }
        )
    )


main()
