#!/usr/bin/env bash
# A walk through the real window, on a display and a bus of its own.
# Usage: tests/desktop/run.sh PROGRAM SCRIPT.py [ARGS...], with a script beside this file: walk.py,
# hands.py or plans.py. On Debian it needs: xvfb dbus-daemon at-spi2-core python3-pyatspi libglib2.0-bin xdotool
# xclip, imagemagick for pictures, and what a window needs (see README.md).
set -euo pipefail
program=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
script=$here/$2
shift 2
runtime=$(mktemp -d)
exec 3<>"$runtime/display"
# Without -noreset the server starts anew when its last client leaves: the bus of assistive technology
# comes and goes before the window, which would then find no display.
# With -r a key that a busy computer holds down too long does not repeat.
Xvfb -displayfd 3 -screen 0 1920x1080x24 -nolisten tcp -noreset -r >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until number=$(head -n1 "$runtime/display") && [ -n "$number" ]; do sleep 0.1; done
export DISPLAY=":$number" XDG_RUNTIME_DIR="$runtime" LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY
dbus-run-session -- bash -c '
  gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
    --method org.freedesktop.DBus.Properties.Set org.a11y.Status IsEnabled "<true>" >/dev/null
  exec /usr/bin/python3 "$@"' walk "$script" "$program" "$@"
