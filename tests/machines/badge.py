"""badge.py BADGE…: checks that badges are SVG with nothing but their texts, and prints their titles."""
import sys
import xml.etree.ElementTree as tree

SVG = "{http://www.w3.org/2000/svg}"
KNOWN = {"svg": "width height role", "title": "", "rect": "width height rx fill", "path": "d fill",
         "g": "font-family font-size", "text": "x y textLength lengthAdjust fill"}


def main(*paths):
    for path in paths:
        badge = tree.parse(path).getroot()
        for element in badge.iter():
            name = element.tag.replace(SVG, "")
            if name not in KNOWN or set(element.keys()) - set(KNOWN[name].split()):
                sys.exit(f"{path}: <{name} {element.attrib}>")
        label, value = badge.iter(SVG + "text")
        end = [float(text.get("x")) + float(text.get("textLength")) for text in (label, value)]
        if badge.get("role") != "img" or badge[0].tag != SVG + "title":
            sys.exit(f"{path}: has no title")
        if not (end[0] < float(value.get("x")) and end[1] < float(badge.get("width")) <= 450):
            sys.exit(f"{path}: its texts do not fit")
        print(badge[0].text)


main(*sys.argv[1:])
