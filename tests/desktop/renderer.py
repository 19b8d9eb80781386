#!/usr/bin/python3
"""Takes the graphics device away from the open window: it has to go on, with what was typed, in another
renderer, and start with that one the next time.

renderer.py EXAMPLE, which is target/debug/examples/lost_device. `run.sh` beside this file gives it a
display and a bus.
"""

import os
import subprocess
import sys
import tempfile
import time

import pyatspi
from gi.repository import GLib

PATIENCE = 60
NOTICE = "The graphics driver failed"


def until(what, look):
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        try:
            found = look()
        except (GLib.GError, NotImplementedError):
            found = None
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"renderer: waited in vain for {what}")


def everything(node):
    yield node
    for index in range(node.childCount):
        child = node.getChildAtIndex(index)
        if child is not None:
            yield from everything(child)


def nodes(pid):
    """Everything that the windows of a process show."""
    for app in pyatspi.Registry.getDesktop(0):
        if app is not None and app.get_process_id() == pid:
            app.set_cache_mask(pyatspi.Atspi.Cache.NONE)
            yield from everything(app)


def field_holds(pid, text):
    entries = (node for node in nodes(pid) if node.getRole() in (pyatspi.ROLE_ENTRY, pyatspi.ROLE_TEXT))
    return any(node.queryText().getText(0, -1) == text for node in entries)


def type_into_window(pid, text):
    command = ["xdotool", "search", "--onlyvisible", "--pid", str(pid)]
    found = until("the window", lambda: subprocess.run(command, capture_output=True, text=True).stdout.split())
    subprocess.run(["xdotool", "windowfocus", "--sync", found[-1]], check=True)
    subprocess.run(["xdotool", "type", "--delay", "150", "--", text], check=True)


def size(pid):
    frame = next(node for node in nodes(pid) if node.getRole() == pyatspi.ROLE_FRAME)
    extents = frame.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return extents.width, extents.height


def main():
    with tempfile.TemporaryDirectory(prefix="renderer-") as home:
        environment = dict(os.environ, HOME=home, XDG_DATA_HOME=home)
        process = subprocess.Popen([sys.argv[1]], env=environment, stdin=subprocess.PIPE, text=True)
        pid = process.pid
        try:
            until("the field", lambda: field_holds(pid, ""))
            type_into_window(pid, "healthy")
            until("what was typed", lambda: field_holds(pid, "healthy"))
            window = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--pid", str(pid)], capture_output=True, text=True
            ).stdout.split()[-1]
            subprocess.run(["xdotool", "windowsize", window, "800", "600"], check=True)
            subprocess.run(["xdotool", "key", "--delay", "150", "ctrl+plus", "ctrl+plus"], check=True)
            until("the size 800x600", lambda: size(pid) == (800, 600))
            process.stdin.write("\n")
            process.stdin.flush()
            # A pointer that moves asks for a frame, and that is where the loss shows.
            subprocess.run(["xdotool", "mousemove", "500", "300", "mousemove", "520", "310"], check=True)
            until("the notice", lambda: any(NOTICE in (node.name or "") for node in nodes(pid)))
            until("what was typed before", lambda: field_holds(pid, "healthy"))
            until("the size of the window before", lambda: size(pid) == (800, 600))
            type_into_window(pid, ".example")
            until("what was typed after", lambda: field_holds(pid, "healthy.example"))
            subprocess.run(["xdotool", "key", "ctrl+q"], check=True)
            until("the window to close", lambda: process.poll() is not None)
        finally:
            process.kill()
        with open(os.path.join(home, "mta-sts-wizard/renderer"), encoding="utf-8") as file:
            remembered = file.read()
        if (process.returncode, remembered) != (0, "opengl\n"):
            sys.exit(f"renderer: it ended with {process.returncode} and remembers {remembered!r}")
    print("renderer: ok")


main()
