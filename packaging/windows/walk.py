#!/usr/bin/python3
"""Works the installed Windows program under Wine as a person does: it reads the screen, points, clicks
and types. `packaging/prove` calls it.

walk.py PREFIX PICTURES [--report FILE] starts the program from its entry in the start menu and goes
from the empty field of practice mode to the files on the disk. Needs: a display, wine, xdotool,
imagemagick, tesseract-ocr.
"""

import csv
import io
import os
import subprocess
import sys
import time

PATIENCE = 90
# The pictures are read at twice their size: letters of 12 pixels are too small for the reader.
ENLARGED = 2


class InVain(Exception):
    """What was waited for did not come."""


def until(what, look):
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise InVain(f"waited in vain for {what}")


class Screen:
    """What is on the display, and hands on it."""

    def __init__(self, pictures):
        self.pictures, self.number = pictures, 0
        os.makedirs(pictures, exist_ok=True)

    def picture(self, name):
        self.number += 1
        file = os.path.join(self.pictures, f"{self.number:02}-{name}.png")
        subprocess.run(["import", "-window", "root", file], check=True)
        print(f"  {file}", flush=True)

    def words(self):
        """Every word with its place: (line, text, left, top, right, bottom)."""
        picture = subprocess.run(
            ["import", "-window", "root", "-resize", f"{ENLARGED * 100}%", "-colorspace", "Gray", "png:-"],
            check=True, capture_output=True,
        ).stdout
        # 11: words anywhere, in no order. A page is what a screen is not.
        table = subprocess.run(
            ["tesseract", "-", "-", "--psm", "11", "tsv"], input=picture, check=True, capture_output=True,
        ).stdout.decode()
        for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["text"] and row["text"].strip():
                left, top, width, height = (int(row[key]) // ENLARGED for key in ("left", "top", "width", "height"))
                line = tuple(row[key] for key in ("block_num", "par_num", "line_num"))
                yield line, row["text"], left, top, left + width, top + height

    def find(self, text, below=0):
        """The place of a text on one line, below a height."""
        wanted = text.split()
        seen = [word for word in self.words() if word[3] >= below]
        for start in range(len(seen) - len(wanted) + 1):
            run = seen[start:start + len(wanted)]
            if [word[1].strip(".,:;“”") for word in run] == wanted and len({word[0] for word in run}) == 1:
                return min(w[2] for w in run), min(w[3] for w in run), max(w[4] for w in run), max(w[5] for w in run)
        return None

    def see(self, *texts, below=0):
        """The place of the first of these texts to appear."""
        try:
            return until(texts, lambda: next(filter(None, (self.find(text, below) for text in texts)), None))
        except InVain:
            self.picture("in-vain")
            raise

    def click(self, *texts, below=0, times=1, lower=0):
        """Clicks a text, or that many pixels below it: a field is below its label."""
        left, top, right, bottom = self.see(*texts, below=below)
        x, y = (left + right) // 2, (top + bottom) // 2
        if lower:
            x, y = left + 20, bottom + lower
        xdotool("mousemove", x, y, "sleep", 0.3)
        for _ in range(times):
            xdotool("mousedown", 1, "sleep", 0.06, "mouseup", 1, "sleep", 0.06)

    def scroll_to(self, *texts):
        xdotool("mousemove", 700, 450)
        for _ in range(40):
            if any(self.find(text) for text in texts):
                return
            xdotool("click", "--repeat", 3, "--delay", 60, 5)
        raise InVain(f"turned the wheel in vain for {texts}")


def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def type_text(text):
    for letter in text:
        xdotool("type", "--delay", "100", "--", letter)
        time.sleep(0.05)


def key(keys):
    xdotool("key", "--delay", "100", keys)


def wine(*words):
    return subprocess.Popen(["wine", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    prefix, pictures = sys.argv[1:3]
    screen = Screen(pictures)
    user = os.path.join(prefix, "drive_c/users", os.environ.get("USER") or "root")
    entry = os.path.join(user, "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/MTA-STS Wizard.lnk")
    saved = os.path.join(prefix, "drive_c/saved")
    begun = time.monotonic()
    wine("start", "/unix", entry)
    screen.see("Which domain do you want to protect?", "Which domain do you want to protect")
    screen.picture("start")

    screen.click("Try practice mode")
    screen.see("Nothing leaves this computer")
    screen.click("Domain name", lower=14)
    type_text("nothing-published.example")
    key("Return")
    screen.see("are ready for it", "ready for it")
    screen.picture("checked")

    # The reader can't read white on blue: where the main button is meant, it's the keys.
    key("ctrl+2")
    screen.click("Report address", lower=14)
    type_text("tls@example.net")
    screen.picture("policy")
    key("ctrl+3")
    screen.see("Publish these, in this order", "Publish these in this order")

    for what in ("TLS-RPT record", "policy host", "MTA-STS record"):
        button = f"Publish the {what} for me"
        screen.scroll_to(button)
        screen.click(button)
    screen.picture("published")
    key("ctrl+4")
    screen.see("What you have reached", "Your dates", "Folder")
    screen.picture("finish")
    screen.scroll_to("Folder")
    screen.click("Folder", lower=14, times=3)
    key("ctrl+a")
    type_text(r"C:\saved")
    key("ctrl+s")
    until("the saved files", lambda: os.path.exists(os.path.join(saved, "report.json")))
    screen.picture("saved")
    print(f"  from the start menu to the saved files in {time.monotonic() - begun:.0f} s", flush=True)

    with open(os.path.join(saved, ".well-known/mta-sts.txt"), "rb") as file:
        policy = file.read()
    expected = b"version: STSv1\r\nmode: testing\r\nmx: mx1.nothing-published.example\r\nmax_age: 604800\r\n"
    assert policy == expected, policy
    for sheet in ("dns-records.txt", "zone-snippet.txt"):
        with open(os.path.join(saved, sheet), "rb") as file:
            text = file.read()
        assert text.count(b"\n") == text.count(b"\r\n") > 3, sheet
    print("  the policy is as it has to be, byte for byte; the sheets have CRLF", flush=True)
    work = os.path.join(user, "AppData/Roaming/mta-sts-wizard/data/practice/domains")
    assert os.listdir(work) == ["d-nothing-published.example"], os.listdir(work)
    print(f"  the work is in {work[len(prefix):]}", flush=True)


main()
