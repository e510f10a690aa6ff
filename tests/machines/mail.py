"""mail.py MAIL SUBJECT TEXT: checks that a file is a mail of uptick that other programs can read, with
this subject, and with the bytes of the file TEXT as its text."""
import email
import email.policy
import email.utils
import re
import sys


def look(path, subject, text_path):
    raw = open(path, "rb").read()
    failed = []
    for line in raw.split(b"\n")[:-1]:
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            failed.append(f"no CRLF: {line!r}")
        if len(line) > (100 if b" <" in line else 77):
            failed.append(f"long line: {line!r}")
        if any(byte > 126 for byte in line):
            failed.append(f"not ASCII: {line!r}")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    failed += [str(defect) for part in mail.walk() for defect in part.defects]
    known = ["Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
             "MIME-Version", "Content-Type"]
    failed += [f"header {name}" for name in mail.keys() if name not in known or len(mail.get_all(name)) > 1]
    if mail["Subject"] != subject:
        failed.append(f"subject {mail['Subject']!r}")
    if mail["Auto-Submitted"] != "auto-generated":
        failed.append("not marked as automatic")
    if not re.fullmatch(r"<[0-9a-f]{64}\.\d+@[a-z0-9.-]+>", mail["Message-ID"]):
        failed.append(f"id {mail['Message-ID']}")
    if email.utils.parsedate_to_datetime(mail["Date"]).isoformat() != "2026-11-23T09:31:30+00:00":
        failed.append(f"date {mail['Date']}")
    parts = [part for part in mail.walk() if not part.is_multipart()]
    if [part.get_content_type() for part in parts] != ["text/plain", "text/html"]:
        failed.append("other parts")
    else:
        text = open(text_path, encoding="utf-8").read()
        if parts[0].get_content().replace("\r\n", "\n") + "\n" != text:
            failed.append(f"text {parts[0].get_content()!r}")
        if "<p>" not in parts[1].get_content():
            failed.append("no page")
    print("\n".join(failed) or f"{path}: valid")
    return 1 if failed else 0


sys.exit(look(*sys.argv[1:]))
