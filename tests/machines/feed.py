"""feed.py FEED: checks a feed by the rules of RFC 4287 that the W3C's validator checks, and prints a line
for each entry: id, published, updated, link and title, separated by tabs.
feed.py --broken FEED…: each of these feeds must break a rule."""
import re
import sys
import xml.etree.ElementTree as tree
from urllib.parse import urlparse

ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KNOWN = {"feed": "author generator id link title updated entry",
         "entry": "id title published updated link category content"}


def texts(element, name):
    return [child.text or "" for child in element.findall(ATOM + name)]


def links(element, rel):
    return [link for link in element.findall(ATOM + "link") if link.get("rel") == rel]


def is_one(element, name):
    return len(texts(element, name)) == 1 and texts(element, name)[0].strip() != ""


def is_absolute(iri):
    return re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s<>\"]+", iri) is not None


# Rules for a feed and for each entry.
BOTH = [
    ("has one id, which is an absolute IRI", lambda e: is_one(e, "id") and is_absolute(texts(e, "id")[0])),
    ("has one title", lambda e: is_one(e, "title")),
    ("was updated once", lambda e: is_one(e, "updated") and DATE.fullmatch(texts(e, "updated")[0])),
    ("has one alternate link", lambda e: len(links(e, "alternate")) == 1),
    ("has a target in each link", lambda e: all(link.get("href") for link in e.findall(ATOM + "link"))),
    ("has media types", lambda e: all(re.fullmatch(r"\w+/[\w+.-]+", link.get("type"))
                                      for link in e.findall(ATOM + "link"))),
    ("has known elements only", lambda e: all(child.tag.replace(ATOM, "") in
                                              KNOWN[e.tag.replace(ATOM, "")].split() for child in e)),
]
FEED = [
    ("is a feed", lambda e: e.tag == ATOM + "feed"),
    ("has an author with a name", lambda e: is_one(e.find(ATOM + "author"), "name")),
    ("has at most one self link, which is absolute",
     lambda e: len(links(e, "self")) < 2 and all(urlparse(link.get("href")).scheme for link in links(e, "self"))),
    ("has a language", lambda e: e.get("{http://www.w3.org/XML/1998/namespace}lang")),
    ("has no two entries with the same id", lambda e: len({entry.findtext(ATOM + "id") for entry in e.findall(ATOM + "entry")})
     == len(e.findall(ATOM + "entry"))),
    ("has its newest entry first", lambda e: texts_of_entries(e) == sorted(texts_of_entries(e), reverse=True)),
    ("was updated with its newest entry",
     lambda e: not texts_of_entries(e) or texts_of_entries(e)[0] == e.findtext(ATOM + "updated")),
    ("has at most a hundred entries", lambda e: len(e.findall(ATOM + "entry")) <= 100),
]
ENTRY = [
    ("has plain text as its content", lambda e: [c.get("type") for c in e.findall(ATOM + "content")] == ["text"]),
    ("has a code as its only category, if any",
     lambda e: len(e.findall(ATOM + "category")) < 2 and all(re.fullmatch(r"[a-z]+\.[a-z0-9_]+", c.get("term"))
                                                            for c in e.findall(ATOM + "category"))),
    ("was published before it was updated",
     lambda e: is_one(e, "published") and e.findtext(ATOM + "published") <= e.findtext(ATOM + "updated")),
]


def texts_of_entries(feed):
    return [entry.findtext(ATOM + "updated") for entry in feed.findall(ATOM + "entry")]


def broken_rules(feed):
    entries = feed.findall(ATOM + "entry")
    return [f"{element.tag.replace(ATOM, '')} {element.findtext(ATOM + 'id')}: broken rule: {rule}"
            for element, rules in [(feed, FEED + BOTH)] + [(entry, ENTRY + BOTH) for entry in entries]
            for rule, holds in rules if not holds(element)]


def is_broken(path):
    try:
        return broken_rules(tree.parse(path).getroot()) != []
    except (tree.ParseError, AttributeError, TypeError):
        return True


def main(*paths):
    if paths[0] == "--broken":
        return "\n".join(f"{path}: breaks no rule" for path in paths[1:] if not is_broken(path)) or 0
    feed = tree.parse(paths[0]).getroot()
    for entry in feed.findall(ATOM + "entry"):
        print("\t".join([entry.findtext(ATOM + name) for name in ("id", "published", "updated")]
                        + [links(entry, "alternate")[0].get("href"), entry.findtext(ATOM + "title")]))
    return "\n".join(broken_rules(feed)) or 0


sys.exit(main(*sys.argv[1:]))
