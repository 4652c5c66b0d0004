"""Holds catalogue files against the published JSON schema, with a validator that
is not ours. Prints one JSON object: file name -> what is wrong, or null."""

import json
import sys
import tomllib

import fastjsonschema

schema, *files = sys.argv[1:]
with open(schema, encoding="utf-8") as opened:
    validate = fastjsonschema.compile(json.load(opened))

verdicts = {}
for name in files:
    with open(name, "rb") as opened:
        catalogue = tomllib.load(opened)
    try:
        validate(catalogue)
        verdicts[name] = None
    except fastjsonschema.JsonSchemaException as wrong:
        verdicts[name] = wrong.message
print(json.dumps(verdicts, ensure_ascii=False))
