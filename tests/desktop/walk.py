#!/usr/bin/python3
"""Walks the real window from an empty field to the files on the disk, through AT-SPI: the way a
screen reader sees it and acts on it. Then closes it and looks whether what was copied is still
there. `run.sh` beside this file gives it a display and a bus.
"""

import os
import subprocess
import sys
import tempfile
import time

import pyatspi

PROGRAM = sys.argv[1]
PATIENCE = 60


def everything(node):
    """A node and all below it; what vanishes meanwhile is left out."""
    yield node
    try:
        children = [node.getChildAtIndex(i) for i in range(node.childCount)]
    except Exception:
        return
    for child in children:
        if child is not None:
            yield from everything(child)


def application(pid):
    for app in pyatspi.Registry.getDesktop(0):
        if app is not None and app.get_process_id() == pid:
            return app
    return None


def words():
    """All that a screen reader would read out now: what a failed wait leaves behind."""
    pid = Window.pid
    return "\n".join(node.name for node in everything(application(pid)) if node.name) if pid else ""


def waited(what, look):
    begun = time.monotonic()
    while True:
        try:
            found = look()
        except Exception:
            found = None
        if found:
            return found
        if time.monotonic() - begun > PATIENCE:
            sys.exit(f"waited in vain for {what}; the window says:\n{words()}")
        time.sleep(0.1)


class Window:
    pid = None

    def __init__(self, pid):
        Window.pid = pid
        self.app = waited("the window", lambda: application(pid))

    def node(self, name, role=None):
        def look():
            for node in everything(self.app):
                if node.name == name and (role is None or node.getRole() == role):
                    return node
            return None

        return waited(f"“{name}”", look)

    def press(self, name):
        def done():
            button = self.node(name, pyatspi.ROLE_PUSH_BUTTON)
            return button.getState().contains(pyatspi.STATE_ENABLED) and button.queryAction().doAction(0)

        waited(f"“{name}” to be pressed", done)
        print(f"pressed “{name}”")

    def write(self, field, text):
        def named(node):
            if node.getRole() not in (pyatspi.ROLE_ENTRY, pyatspi.ROLE_TEXT):
                return False
            if node.name == field:
                return True
            relations = node.getRelationSet()
            return any(
                relation.getRelationType() == pyatspi.RELATION_LABELLED_BY
                and relation.getTarget(0).name == field
                for relation in relations
            )

        def look():
            return next((node for node in everything(self.app) if named(node)), None)

        node = waited(f"the field “{field}”", look)
        node.queryEditableText().setTextContents(text)
        print(f"wrote “{text}” into “{field}”")

    def says(self, text):
        def look():
            return any(text in (node.name or "") for node in everything(self.app))

        waited(f"“{text}”", look)
        print(f"it says “{text}”")


def main():
    place = tempfile.mkdtemp(prefix="mta-sts-desktop-")
    files = os.path.join(place, "files")
    os.mkdir(files)
    environment = dict(os.environ, XDG_DATA_HOME=place, RUST_LOG="error,wgpu=off")
    wizard = subprocess.Popen([PROGRAM, "--practice"], env=environment)
    window = Window(wizard.pid)
    window.write("Domain name", "nothing-published.example")
    window.press("Check")
    window.says("MTA-STS isn’t set up for nothing-published.example. Its mail servers are ready for it.")
    window.press("Create my policy")
    window.write("Report address", "reports@healthy.example")
    window.press("Next: publish")
    for what in ("TLS-RPT record", "policy host", "MTA-STS record"):
        window.press(f"Publish the {what} for me")
    window.says("Everything is published and visible everywhere we looked.")
    window.press("Next: save & finish")
    window.write("Folder", files)
    window.press("Save all")
    window.says("files saved.")
    with open(os.path.join(files, ".well-known/mta-sts.txt"), newline="") as file:
        assert file.read().startswith("version: STSv1\r\nmode: testing\r\n")
    window.press("Copy summary")
    window.says("Copied: summary.")

    shown = subprocess.check_output(["xdotool", "search", "--pid", str(wizard.pid)]).split()
    subprocess.check_call(["xdotool", "windowfocus", "--sync", shown[-1]])
    subprocess.check_call(["xdotool", "key", "ctrl+q"])
    waited("the window to close", lambda: wizard.poll() is not None)
    assert wizard.returncode == 0, wizard.returncode

    def kept():
        copied = subprocess.run(["xclip", "-o", "-selection", "clipboard"], capture_output=True, text=True)
        return "_mta-sts.nothing-published.example" in copied.stdout

    waited("what was copied to be there after the window is gone", kept)
    print("what was copied outlives the window")
    # Something else is copied: nobody has to keep the old text any more.
    subprocess.run(["xclip", "-selection", "clipboard"], input="else", text=True, check=True)
    print("desktop walk: ok")


main()
