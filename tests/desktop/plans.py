#!/usr/bin/python3
"""Plays the three plans to the end in practice mode, with pointer, wheel and keys at a person's speed,
over a restart in the middle.

plans.py PROGRAM [--size 800x600] [--text 200] [--pictures DIR]
"""

import argparse
import os
import sys
import tempfile
import time

import pyatspi

import hands
from hands import Variant, Window, comes, everything, has, is_control, until

hands.WORDS |= {
    "move": "Move to other mail servers",
    "off": "Turn off safely",
    "enforce": "Plan enforce mode",
    "new mail servers": "New mail servers",
    "make": "Make the plan",
    "do it": "Do it for me",
    "skip": "Skip to that day",
    "finish": "Finish the plan",
    "check now": "Check now",
    "publish stage": "Next: publish",
    "done": "All of it is done.",
    "testing domain": "healthy-testing.example",
    "testing ready": "Testing mode is on for healthy-testing.example.",
    "new host": "mx1.healthy-testing.example",
}
hands.BARS += ("make", "finish", "check now", "publish stage")


def there(window, key):
    """A control that can be pressed now."""
    nodes = filter(is_control(key), everything(window.app))
    return next((node for node in nodes if has(node, pyatspi.STATE_ENABLED)), None)


def play(window, name, restart_after=None):
    """Every stage is done and every wait is skipped."""
    for number in range(30):
        def look():
            return window.shows("done") and "done" or next((it for it in ("do it", "skip") if there(window, it)), None)

        what = until("the next stage", look)
        window.picture(f"{name}-{number}-{what.replace(' ', '-')}")
        if what == "done":
            return
        window.click(what)
        # The button goes with its stage.
        comes(lambda: look() != what, patience=20)
        if number == restart_after:
            window.key("ctrl+q")
            until("the window to close", lambda: window.process.poll() is not None)
            window.start()
            window.open()
    raise hands.InVain(f"{name} doesn’t end")


def walk(program, variant, pictures):
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plans-") as home:
        window = Window(program, variant, home, pictures)
        try:
            window.open()
            if variant.text != 100:
                hands.enlarge(window)
            hands.first_domain(window)
            window.picture("step-1")
            window.click("move")
            window.write("new mail servers", hands.WORDS["new host"])
            window.picture("move-question")
            window.click("make")
            play(window, "move", restart_after=1)
            window.click("finish")
            window.click("off")
            play(window, "off")
            window.click("finish")
            window.write("domain", hands.WORDS["testing domain"])
            window.key("Return")
            window.says("testing ready")
            window.click("enforce")
            play(window, "enforce")
            window.key("ctrl+d")
            window.find("first row")
            window.picture("home")
        except (hands.InVain, hands.GLib.GError) as reason:
            window.fault(f"{reason}")
        finally:
            window.process.kill()
            window.process.wait()
    cost = f"{window.clicks} clicks, {window.notches} notches of the wheel"
    print(f"{variant.name}: {len(window.faults)} faults in {time.monotonic() - begun:.0f} s, {cost}", flush=True)
    return window.faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--size", default="1040x760")
    parser.add_argument("--text", type=int, default=100)
    parser.add_argument("--pictures")
    given = parser.parse_args()
    size = tuple(map(int, given.size.split("x")))
    if given.pictures:
        os.makedirs(given.pictures, exist_ok=True)
    faults = walk(given.program, Variant("plans", size, given.text, keys_in_fields=True), given.pictures)
    print(*faults, "plans: ok" if not faults else "plans: faults", sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
