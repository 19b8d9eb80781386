#!/usr/bin/python3
"""Works the real window as a person does, at a person's speed: letter after letter, with pointer,
wheel and keys. From an empty field to the files on the disk and the text on the clipboard.

hands.py PROGRAM [--size 800x600] [--text 200] [--keyboard] [--only NAME] [--pictures DIR]

With none of the first three it goes through all VARIANTS. The accessible tree is only read: where
a control is, what is in a field, what the window says. `run.sh` beside this file gives it a
display and a bus.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import pyatspi
from gi.repository import GLib

# Whatever is pressed, looked at or waited for, as the window words it.
WORDS = {
    # The fields.
    "domain": "Domain name",
    "report address": "Report address",
    "mail server": "Another mail server",
    "folder": "Folder",
    # The steps, by how their names begin.
    "step 1": "Step 1 Check",
    "step 2": "Step 2 Create",
    "step 3": "Step 3 Publish",
    "step 4": "Step 4 Save & finish",
    # What is pressed in the bars above and below the content.
    "leave practice": "Leave practice",
    "back": "Back",
    "to step 2": ("Create my policy", "Next: your policy", "Change something"),
    "to step 3": "Next: publish",
    "to step 4": "Next: save & finish",
    "save": "Save all",
    # What is pressed in the content.
    "check": "Check",
    "add": "Add",
    "publish report record": "Publish the TLS-RPT record for me",
    "publish policy file": "Publish the policy host for me",
    "publish announcement": "Publish the MTA-STS record for me",
    "copy summary": "Copy summary",
    # The table of all domains.
    "home": "Your domains",
    "first row": "healthy.example: ",
    "second row": "nothing-published.example: ",
    # What "check" has become once the domain in the field has been checked.
    "checked": "Check again",
    # What the window says.
    "first ready": "healthy.example is protected: MTA-STS is enforced.",
    "second ready": "Its mail servers are ready for it.",
    "published": "Everything is published and visible everywhere we looked.",
    "saved": "files saved.",
    "copied": "Copied: summary.",
    # What can be pressed and what is added, by the names of the practice internet.
    "first domain": "healthy.example",
    "second domain": "nothing-published.example",
    "added": "mx9.example.net",
}
BARS = ("leave practice", "back", "to step 2", "to step 3", "to step 4", "save")

REPORT_ADDRESS = "tls@example.net"
USUAL_SIZE = (1040, 760)

# The longest that anything is waited for, and what was typed until it is in its field, in seconds.
PATIENCE = 60
ARRIVAL = 3
# How often Tab is pressed on the way to a control, and the wheel turned.
MOST_TABS = 250
MOST_TURNS = 60
# As far from a bar the visible part of the content may end, in pixels.
MARGIN = 12

CONTROLS = (
    pyatspi.ROLE_ENTRY,
    pyatspi.ROLE_TEXT,
    pyatspi.ROLE_PUSH_BUTTON,
    pyatspi.ROLE_TOGGLE_BUTTON,
    pyatspi.ROLE_CHECK_BOX,
    pyatspi.ROLE_RADIO_BUTTON,
    pyatspi.ROLE_LINK,
    pyatspi.ROLE_TABLE_ROW,
)


class Variant(NamedTuple):
    name: str
    size: tuple = USUAL_SIZE
    text: int = 100
    keyboard: bool = False
    # Enter and Ctrl+A where others click a button and click three times.
    keys_in_fields: bool = False
    comes_back: bool = False


VARIANTS = (
    Variant("pointer", comes_back=True),
    Variant("small", size=(800, 600), keys_in_fields=True),
    Variant("large-text", text=200),
    Variant("keyboard", keyboard=True, keys_in_fields=True),
)


class InVain(Exception):
    """What was waited for did not come."""


class Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def middle(self):
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    def is_near(self, other):
        """A control under the pointer may grow by a pixel."""
        return all(abs(here - there) <= 2 for here, there in zip(self, other))

    def is_in(self, other):
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


def comes(look, patience=ARRIVAL):
    """Looks again and again: what it sees, or nothing after a while. What leaves the tree during a
    look is not there."""
    begun = time.monotonic()
    while True:
        try:
            found = look()
        except (AttributeError, GLib.GError, NotImplementedError):
            found = None
        if found or time.monotonic() - begun > patience:
            return found
        time.sleep(0.05)


def until(what, look):
    found = comes(look, PATIENCE)
    if not found:
        raise InVain(f"waited in vain for {what}")
    return found


def xdotool(*words):
    command = ["xdotool", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def everything(node):
    """A node and all below it. Each question takes the program its time, so a control is not asked
    for what is in it."""
    yield node
    if node.getRole() in (*CONTROLS, pyatspi.ROLE_LABEL):
        return
    for index in range(node.childCount):
        child = node.getChildAtIndex(index)
        if child is not None:
            yield from everything(child)


def name_of(node):
    """A field may have its name from the label beside it."""
    for relation in node.getRelationSet() if not node.name else ():
        if relation.getRelationType() == pyatspi.RELATION_LABELLED_BY:
            return relation.getTarget(0).name
    return node.name


def is_control(*keys):
    """Whether a node is one of these controls. The name of a step, or of a row, goes on with how it
    stands."""
    words = [WORDS[key] for key in keys]
    names = [name for it in words for name in ((it,) if isinstance(it, str) else it)]

    def fits(node):
        if node.getRole() not in CONTROLS:
            return False
        name = name_of(node)
        goes_on = [it for it in names if it.startswith("Step ") or it.endswith(": ")]
        return name in names or any(map(name.startswith, goes_on))

    return fits


def box(node):
    place = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return Box(place.x, place.y, place.x + place.width, place.y + place.height)


def has(node, *states):
    held = node.getState()
    return any(held.contains(state) for state in states)


class Window:
    """The window of the program, a person's eyes before it and hands on it. Controls and sentences
    go by their keys in WORDS."""

    def __init__(self, program, variant, home, pictures):
        self.variant, self.home, self.pictures = variant, home, pictures
        self.program, self.faults = program, []
        # What it costs a person, stage by stage.
        self.clicks, self.notches = 0, 0
        self.start()

    def start(self):
        self.known = {}
        environment = dict(os.environ, HOME=self.home, XDG_DATA_HOME=self.home)
        self.process = subprocess.Popen([self.program, "--practice"], env=environment)

    def open(self):
        """Waits for the window, and does what a window manager would do."""
        pid = self.process.pid

        def application():
            apps = (app for app in pyatspi.Registry.getDesktop(0) if app is not None)
            return next((app for app in apps if app.get_process_id() == pid), None)

        self.app = until("the window in the accessible tree", application)
        # Nobody here listens to what changes, so everything is asked anew.
        self.app.set_cache_mask(pyatspi.Atspi.Cache.NONE)
        until("the first frame", lambda: self.app.childCount and self.app.getChildAtIndex(0).childCount)
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(pid)]

        def search():
            return subprocess.run(command, capture_output=True, text=True).stdout.split()

        window = until("the window on the display", search)[-1]
        if self.variant.size != USUAL_SIZE:
            xdotool("windowsize", window, *self.variant.size)
        until(f"the size {self.variant.size}", lambda: self.frame()[2:] == self.variant.size)
        # The pointer may lie there from the last walk.
        xdotool("mousemove", 1900, 1060)
        xdotool("windowfocus", "--sync", window)

    def fault(self, words):
        print(f"  FAULT {words}", flush=True)
        self.faults.append(words)
        self.picture(f"fault-{len(self.faults)}")

    def picture(self, name):
        if self.pictures:
            file = os.path.join(self.pictures, f"{self.variant.name}-{name}.png")
            subprocess.run(["import", "-window", "root", file], check=True)

    # The eyes.

    def frame(self):
        return box(self.app.getChildAtIndex(0))

    def find(self, key, *states):
        """The control, once it is there and in one of these states."""

        def look():
            node = self.known_still(key) or next(filter(is_control(key), everything(self.app)), None)
            self.known[key] = node
            return node if node and (not states or has(node, *states)) else None

        return until(f"“{WORDS[key]}”", look)

    def known_still(self, key):
        """Where it was found last, if it is there yet."""
        try:
            return next(filter(is_control(key), filter(None, [self.known.get(key)])), None)
        except GLib.GError:
            return None

    def place(self, key):
        """Where a control is, once it stays there."""

        def look():
            before = box(self.find(key))
            time.sleep(0.05)
            return before.is_near(box(self.find(key))) and before

        return until(f"“{WORDS[key]}” to stay in its place", look)

    def visible(self, margin=MARGIN):
        """The part of the window between the bars, and as far from them."""

        def look():
            left, top, right, bottom = self.frame()
            middle = (top + bottom) / 2
            for bar in map(box, filter(is_control(*BARS), everything(self.app))):
                if bar.bottom < middle:
                    top = max(top, bar.bottom + margin)
                else:
                    bottom = min(bottom, bar.top - margin)
            return Box(left, top, right, bottom)

        return until("the bars", look)

    def has_focus(self, key):
        return has(self.find(key), pyatspi.STATE_FOCUSED)

    def focused(self):
        """The name of what has the focus."""

        def look():
            nodes = (node for node in everything(self.app) if node.getRole() != pyatspi.ROLE_FRAME)
            return next((name_of(node) for node in nodes if has(node, pyatspi.STATE_FOCUSED)), None)

        return comes(look, patience=1)

    def text_of(self, field):
        def look():
            return (self.find(field).queryText().getText(0, -1),)

        return until(f"the text of “{WORDS[field]}”", look)[0]

    def holds(self, field, text, how):
        """Whether all that was typed arrives in its field."""
        if comes(lambda: self.text_of(field) == text):
            return True
        self.fault(f"{WORDS[field]}: {how} “{text}”, the field has “{self.text_of(field)}”")
        return False

    def shows(self, key):
        return any(WORDS[key] in (node.name or "") for node in everything(self.app))

    def says(self, key):
        until(f"“{WORDS[key]}”", lambda: self.shows(key))

    def is_at(self, step):
        self.find(step, pyatspi.STATE_PRESSED, pyatspi.STATE_CHECKED, pyatspi.STATE_SELECTED)

    # The hands.

    def type(self, text):
        for letter in text:
            xdotool("type", "--delay", "100", "--", letter)
            time.sleep(random.uniform(0.02, 0.08))

    def key(self, keys, times=1):
        for _ in range(times):
            xdotool("key", "--delay", "100", keys)
            time.sleep(random.uniform(0.02, 0.08))

    def scroll_to(self, key):
        """Turns the wheel over the content until all of a control is seen; says where it is."""
        for _ in range(MOST_TURNS):
            place, part = self.place(key), self.visible()
            if place.is_in(part):
                return place
            far = place.top - part.top if place.top < part.top else place.bottom - part.bottom
            wheel, turns = (4 if far < 0 else 5), min(12, 1 + abs(far) // 60)
            over = min(max(place.middle()[0], part.left), part.right - 1), part.middle()[1]
            xdotool("mousemove", *over, "click", "--repeat", turns, "--delay", 60, wheel)
            self.notches += turns
            comes(lambda: not place.is_near(box(self.find(key))), patience=1)
        raise InVain(f"turned the wheel in vain for “{WORDS[key]}”: it is at {place}, {part} is seen")

    def click(self, key, times=1):
        """Clicks a control; says whether it stayed in its place under the pointer meanwhile."""
        self.find(key, pyatspi.STATE_ENABLED)

        def pointed_at():
            place = self.place(key) if key in BARS else self.scroll_to(key)
            xdotool("mousemove", *place.middle())
            # It may have moved while the pointer came.
            return place.is_near(self.place(key)) and place

        place = until(f"the pointer on “{WORDS[key]}”", pointed_at)
        for _ in range(times):
            self.clicks += 1
            xdotool("mousedown", 1, "sleep", 0.06, "mouseup", 1, "sleep", 0.06)
        node = self.known_still(key)
        return node is not None and comes(lambda: place.is_near(box(node)), patience=0)

    def tab_to(self, key, back=False):
        for _ in range(MOST_TABS):
            if comes(lambda: self.has_focus(key), patience=0.1):
                # The last press may be on its way yet, and go past it.
                time.sleep(0.2)
                if comes(lambda: self.has_focus(key), patience=0):
                    break
                back = not back
            self.key("shift+Tab" if back else "Tab")
        else:
            raise InVain(f"Tab never came to “{WORDS[key]}”; now it is at “{self.focused()}”")
        if key not in BARS and not comes(lambda: self.place(key).is_in(self.visible(margin=0))):
            place, part = self.place(key), self.visible(margin=0)
            self.fault(f"{WORDS[key]}: has the focus out of sight, at {place} where {part} is seen")

    def press(self, key, by="Return", back=False):
        if not self.variant.keyboard:
            return self.click(key)
        self.find(key, pyatspi.STATE_ENABLED)
        self.tab_to(key, back)
        self.key(by)
        return True

    def go_to(self, field, back=False, times=1):
        if self.variant.keyboard:
            self.tab_to(field, back)
            return
        self.click(field, times)
        until(f"“{WORDS[field]}” to have the focus", lambda: self.has_focus(field))
        # The hand goes from the pointer to the keys.
        time.sleep(0.3)

    def go_over(self, field, back=False):
        """Goes to a field so that what is typed takes the place of what is there."""
        if self.variant.keys_in_fields:
            self.go_to(field, back)
            self.key("ctrl+a")
        else:
            self.go_to(field, times=3)

    def write(self, field, text, back=False):
        """Types a text over a field. Where letters are lost, it is said, and gone on in other ways:
        typed again, and pasted."""
        for how in ("typed", "typed again"):
            self.go_over(field, back)
            self.type(text)
            if self.holds(field, text, how):
                break
        else:
            self.go_over(field, back)
            subprocess.run(["xclip", "-selection", "clipboard"], input=text, text=True, check=True)
            self.key("ctrl+v")
            until(f"“{text}” to be pasted into “{WORDS[field]}”", lambda: self.text_of(field) == text)
        self.keep_focus(field)

    def keep_focus(self, field):
        if not comes(lambda: self.has_focus(field), patience=1):
            self.fault(f"{WORDS[field]}: has lost the focus, which is at “{self.focused()}”")
            self.go_to(field)


# The stages of the walk.


def first_domain(window):
    """Typed without a click: the field has the focus."""
    domain = WORDS["first domain"]
    window.type(domain)
    if not window.holds("domain", domain, "typed at the start, without a click,"):
        window.write("domain", domain)
    window.key("Return")
    window.find("checked", pyatspi.STATE_ENABLED)
    window.says("first ready")
    window.is_at("step 1")


def second_domain(window):
    window.write("domain", WORDS["second domain"])
    if window.variant.keys_in_fields:
        window.key("Return")
    else:
        window.press("check")
    window.find("checked", pyatspi.STATE_ENABLED)
    window.says("second ready")


def report_address(window):
    window.press("to step 2", back=True)
    window.is_at("step 2")
    if not window.variant.keyboard:
        window.write("report address", REPORT_ADDRESS)
        return
    # A letter is wrong, and corrected.
    window.write("report address", REPORT_ADDRESS.replace("s@", "x@"))
    window.key("Home")
    window.key("Right", times=REPORT_ADDRESS.index("s@"))
    window.key("Delete")
    window.type("s")
    if not window.holds("report address", REPORT_ADDRESS, "corrected to"):
        window.write("report address", REPORT_ADDRESS)


def mail_server(window):
    window.write("mail server", WORDS["added"], back=True)
    if window.variant.keys_in_fields:
        window.key("Return")
    else:
        window.press("add")
    window.find("added", pyatspi.STATE_CHECKED)
    window.holds("mail server", "", "after adding")


def publish(window):
    window.press("to step 3", back=True)
    window.is_at("step 3")

    def all_things():
        for what in ("publish report record", "publish policy file", "publish announcement"):
            # Rows above it come and go: where it moves away under the pointer, it is pressed again.
            until(f"“{WORDS[what]}” to be pressed", lambda: window.press(what, by="space"))

    all_things()
    if not comes(lambda: window.shows("published"), PATIENCE):
        window.fault(f"all was published, and “{WORDS['published']}” did not come; it is done again")
        all_things()
    window.says("published")


def save(window):
    if window.variant.keyboard:
        window.key("ctrl+s")
    else:
        window.click("to step 4")
    window.is_at("step 4")
    folder = tempfile.mkdtemp(dir=window.home)
    window.write("folder", folder)
    window.find("save", pyatspi.STATE_ENABLED)
    if window.variant.keyboard:
        window.key("ctrl+s")
    else:
        window.click("save")
    window.says("saved")

    def lines(path):
        with open(os.path.join(folder, path), encoding="utf-8") as file:
            return file.read().splitlines()

    policy = lines(".well-known/mta-sts.txt")
    servers = [line for line in policy if line.startswith("mx: ")]
    if "mode: testing" not in policy or f"mx: {WORDS['added']}" not in servers or len(servers) < 2:
        window.fault(f"the policy file is {policy}")
    records = lines("dns-records.txt")
    if not any(f"mailto:{REPORT_ADDRESS}" in line for line in records):
        window.fault(f"dns-records.txt is {records}")


def copy(window):
    window.press("copy summary", by="space")
    window.says("copied")
    command = ["xclip", "-o", "-selection", "clipboard"]
    wanted = f"_mta-sts.{WORDS['second domain']}"

    def copied():
        return wanted in subprocess.run(command, capture_output=True, text=True).stdout

    until(f"“{wanted}” on the clipboard", copied)


def close(window):
    window.key("ctrl+q")
    until("the window to close", lambda: window.process.poll() is not None)
    if window.process.returncode != 0:
        window.fault(f"the program ended with {window.process.returncode}")


def come_back(window):
    """Once after the window was closed, once after it was killed: it goes on where it was, and each
    domain has its own."""
    window.start()
    window.open()
    window.is_at("step 4")
    if not window.text_of("folder").startswith(window.home):
        window.fault(f"Folder: after a restart the field has “{window.text_of('folder')}”")
    window.press("home")
    window.find("second row")
    window.click("first row")
    window.is_at("step 1")
    window.holds("domain", WORDS["first domain"], "opened")
    window.click("to step 2")
    window.is_at("step 2")
    window.write("report address", "first@example.net")
    # What was typed is on the disk a moment later; a kill asks nobody.
    until("the work on the disk", lambda: saved_of(window, "first domain", "first@example.net"))
    window.process.kill()
    window.process.wait()
    window.start()
    window.open()
    window.is_at("step 2")
    window.holds("report address", "first@example.net", "before the kill")
    window.press("home")
    window.click("second row")
    window.click("step 2")
    window.holds("report address", REPORT_ADDRESS, "of the other domain")
    window.find("added", pyatspi.STATE_CHECKED)


def saved_of(window, domain, text):
    place = os.path.join(window.home, "mta-sts-wizard/practice/domains", f"d-{WORDS[domain]}", "work.json")
    with open(place, encoding="utf-8") as file:
        return text in file.read()


STAGES = (first_domain, second_domain, report_address, mail_server, publish, save, copy, close)


def enlarge(window):
    before = window.place("domain")
    window.key("ctrl+plus", times=(window.variant.text - 100) // 10)
    until("larger text", lambda: window.place("domain").bottom > before.bottom)


def walk(program, variant, pictures):
    """One variant from the start to the end; what was wrong in it."""
    print(f"{variant.name}: begins", flush=True)
    begun = time.monotonic()
    random.seed(1)
    with tempfile.TemporaryDirectory(prefix="hands-") as home:
        window = Window(program, variant, home, pictures)
        stage = window.open
        try:
            window.open()
            if variant.text != 100:
                enlarge(window)
            for number, stage in enumerate(STAGES, 1):
                stage(window)
                cost = f"{window.clicks} clicks, {window.notches} notches of the wheel"
                print(f"  {stage.__name__}: done at {time.monotonic() - begun:.0f} s, {cost}", flush=True)
                window.picture(f"{number}-{stage.__name__}")
            if variant.comes_back:
                stage = come_back
                come_back(window)
                print(f"  come_back: done at {time.monotonic() - begun:.0f} s", flush=True)
                window.picture("come_back")
        except (InVain, GLib.GError) as reason:
            window.fault(f"{stage.__name__}: {reason}")
            if window.process.poll() is not None:
                window.fault(f"the program ended with {window.process.returncode}")
        finally:
            window.process.kill()
            window.process.wait()
    # Something else is copied: nobody has to keep the summary any more.
    subprocess.run(["xclip", "-selection", "clipboard"], input="else", text=True, check=True)
    print(f"{variant.name}: {len(window.faults)} faults in {time.monotonic() - begun:.0f} s", flush=True)
    return window.faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--size", default="1040x760")
    parser.add_argument("--text", type=int, default=100)
    parser.add_argument("--keyboard", action="store_true")
    parser.add_argument("--only", choices=[variant.name for variant in VARIANTS])
    parser.add_argument("--pictures")
    given = parser.parse_args()
    size = tuple(map(int, given.size.split("x")))
    chosen = Variant("chosen", size, given.text, given.keyboard, given.keyboard)
    variants = VARIANTS if chosen == Variant("chosen") else (chosen,)
    variants = [it for it in variants if given.only in (None, it.name)]
    if given.pictures:
        os.makedirs(given.pictures, exist_ok=True)
    faults = []
    for variant in variants:
        found = walk(given.program, variant, given.pictures)
        faults += [f"{variant.name}: {fault}" for fault in found]
    print(*faults, f"hands: {len(faults)} faults" if faults else "hands: ok", sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
