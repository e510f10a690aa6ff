"""metrics.py FILE: checks that node_exporter's textfile collector and OpenMetrics accept the metrics, and
prints a line for each sample: its name, its labels as JSON, and its value."""
import json
import re
import sys

SAMPLE = re.compile(r'([a-z_0-9]+)(\{(.*)\})? ([-+]?[0-9]+(?:\.[0-9]+)?)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match or match[1] in labels:
            raise ValueError(f"labels: {text}")
        labels[match[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], match[2])
        at = match.end()
    return labels


def main(path):
    lines = open(path, encoding="utf-8", newline="").read().split("\n")
    families, seen = [], set()
    if lines[-2:] != ["# EOF", ""]:
        raise ValueError("does not end with # EOF")
    for line in lines[:-2]:
        if line.startswith("# HELP "):
            families.append([line.split(" ")[2]])
        elif line.startswith("# TYPE "):
            if line.split(" ")[2:] != [families[-1][0], "gauge"]:
                raise ValueError(f"type: {line}")
        else:
            match = SAMPLE.fullmatch(line)
            labels = labels_of(match[3] or "") if match else None
            key = match and (match[1], json.dumps(labels, sort_keys=True))
            if not match or match[1] != families[-1][0] or key in seen:
                raise ValueError(f"sample: {line}")
            seen.add(key)
            print(match[1], json.dumps(labels, ensure_ascii=False), match[4])
    if len({family[0] for family in families}) != len(families):
        raise ValueError("the samples of a metric are in two places")


main(*sys.argv[1:])
