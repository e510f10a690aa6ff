"""schema.py [SCHEMA DOCUMENT]…: checks that a document of uptick is valid by its schema, and that the
schema finds mistakes. It must refuse a copy with any of the mistakes below that apply to the document,
and accept a copy with an additional member."""
import copy
import json
import sys

import jsonschema

GONE = object()
DOMAIN = ["domains", 0]
EVENT = ["events", 0]
MISTAKES = [
    (["version"], GONE), (["version"], 2), (["generator"], "other"), (["title"], None),
    (["generated_at"], "yesterday"), (["generated_at"], "2026-11-23T09:31:02.000Z"),
    (["valid_until"], 1795426262), (["status"], "TIMEOUT"), (["status"], "up"),
    (["history", "bucket_seconds"], 1), (["history", "buckets"], "240"), (["history", "from"], GONE),
    (["tick"], GONE), (["tick", "left_over"], -1), (["tick", "duration_ms"], 0.5),
    (["tick", "ticks_24h"], GONE), (["sites"], {}), (["sites", 0, "id"], "a/b"),
    (["sites", 0, "status"], "BOT_DETECTED"), (["sites", 0, "timeline"], "UDT" * 80),
    (["sites", 0, "name"], GONE), (["sites", 0, "domains"], GONE), (["domains"], GONE),
    (["timeline"], "U"), (["uptime", "24h"], GONE), (["uptime", "24hours"], {}),
    (DOMAIN + ["role"], "main"), (DOMAIN + ["url"], "https://u:p@shop.example/"),
    (DOMAIN + ["url"], "https://shop.example/?key"), (DOMAIN + ["status"], "SLOW"),
    (DOMAIN + ["timeline"], "S" * 240), (DOMAIN + ["uptime", "7d", "uptime_percent"], "99.9"),
    (DOMAIN + ["uptime", "7d", "uptime_percent"], 100.001),
    (DOMAIN + ["uptime", "30d", "measured_percent"], None), (DOMAIN + ["last_check"], GONE),
    (DOMAIN + ["last_check"], {}), (DOMAIN + ["last_check", "timestamp"], "2026-11-23T09:31:02Z"),
    (DOMAIN + ["last_check", "domain_status"], "DEGRADED"),
    (DOMAIN + ["last_check", "domain_status"], "UNKNOWN"),
    (DOMAIN + ["last_check", "http_status"], "503"), (DOMAIN + ["last_check", "latency_ms"], -1),
    (DOMAIN + ["last_check", "failure_type"], "a failure"), (DOMAIN + ["outages"], GONE),
    (DOMAIN + ["outages", 0, "from"], None), (DOMAIN + ["outages", 0, "to"], "now"),
    (DOMAIN + ["outages", 0, "ended"], None),
    (DOMAIN + ["outages", 0, "duration_seconds"], -1),
    (DOMAIN + ["outages", 0, "status"], "UP"),
    (DOMAIN + ["outages", 0, "http_status"], GONE), (DOMAIN + ["outages", 0, "event_id"], "shop/www"),
    (DOMAIN + ["outages", 0, "check"], "slow"), (DOMAIN + ["outages", 0, "confirmed"], None),
    (DOMAIN + ["outages", 0, "end_reason"], "solved"), (DOMAIN + ["outages", 0, "reasons"], []),
    (DOMAIN + ["outages", 0, "reasons", 0, "since"], GONE), (DOMAIN + ["undecided"], "DOWN"),
    (DOMAIN + ["unconfirmed_failures"], -1), (DOMAIN + ["days"], {}),
    (DOMAIN + ["days", 0, "date"], "today"), (DOMAIN + ["days", 0, "uptime_percent"], 101),
    (DOMAIN + ["days", 0, "measured_percent"], None),
    (["key"], GONE), (["text"], None), (["time"], "2026-11-23T09:31:02.000Z"), (["url"], 1), (["test"], "no"),
    (["late_seconds"], -1), (["events"], []), (EVENT + ["id"], GONE), (EVENT + ["key"], 1),
    (EVENT + ["kind"], "degraded"), (EVENT + ["change"], "none"), (EVENT + ["site"], False),
    (EVENT + ["names"], None), (EVENT + ["scope"], GONE), (EVENT + ["check"], "https"),
    (EVENT + ["state"], "SUSPECT"), (EVENT + ["severity"], "error"), (EVENT + ["since"], None),
    (EVENT + ["confirmed"], "now"), (EVENT + ["ended"], GONE), (EVENT + ["end_reason"], "solved"),
    (EVENT + ["duration_seconds"], 0.5),
    (EVENT + ["checks"], 0), (EVENT + ["code"], 503), (EVENT + ["outages"], 0), (EVENT + ["acknowledged"], None),
    (EVENT + ["line"], None),
]
MORE = [[], ["history"], ["sites", 0], ["domains", 0], ["domains", 0, "last_check"],
        ["domains", 0, "outages", 0], ["domains", 0, "days", 0], ["events", 0]]


def place(document, path):
    """The value at path, or None. A path that begins at "domains" is that of the first site in status.json."""
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def changed(document, path, value):
    """A copy with this value at path; None if the document has no such path."""
    document = copy.deepcopy(document)
    holder = place(document, path[:-1])
    if not isinstance(holder, (dict, list)) or (path[-1] not in holder and path[-1] != "24hours"
                                                and not isinstance(path[-1], int)):
        return None
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


def look(schema_path, document_path):
    schema, document = (json.load(open(path, encoding="utf-8"))
                        for path in (schema_path, document_path))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
              for error in validator.iter_errors(document)]
    tried = 0
    for prefix in [[], ["sites", 0]] if "sites" in document else [[]]:
        for path, value in MISTAKES:
            wrong = changed(document, prefix + path, value)
            tried += wrong is not None
            if wrong is not None and validator.is_valid(wrong):
                failed.append(f"accepts {prefix + path} = {value}")
        for path in MORE:
            if not isinstance(place(document, prefix + path), dict):
                continue
            more = copy.deepcopy(document)
            place(more, prefix + path)["new"] = {"a": [1]}
            if not validator.is_valid(more):
                failed.append(f"refuses a new member of {prefix + path}")
    if tried < 25:
        failed.append(f"only {tried} mistakes apply")
    print("\n".join(failed) or f"{document_path}: valid, {tried} mistakes refused")
    return not failed


def main(*paths):
    return 0 if all([look(*pair) for pair in zip(paths[::2], paths[1::2])]) else 1


sys.exit(main(*sys.argv[1:]))
