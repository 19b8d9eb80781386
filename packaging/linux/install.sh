#!/bin/sh
# Installs MTA-STS Wizard for you alone, or removes it again. Nothing outside the folder is touched.
#
#   ./install.sh [FOLDER]             the folder is ~/.local unless you name another one
#   ./install.sh --remove [FOLDER]    your own work in ~/.local/share/mta-sts-wizard stays
set -eu
here=$(cd "$(dirname "$0")" && pwd)
action=install
if [ "${1:-}" = --remove ]; then
  action=remove
  shift
fi
case "${1:-}" in
  -*) sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
folder=${1:-"$HOME/.local"}
case $folder in
  /*) ;;
  *) folder=$PWD/$folder ;;
esac

cd "$here"
find bin share -type f | while IFS= read -r file; do
  if [ "$action" = install ]; then
    mkdir -p "$folder/$(dirname "$file")"
    # A program that is running can't be written over, only replaced.
    rm -f "$folder/$file"
    cp -p "$file" "$folder/$file"
  else
    rm -f "$folder/$file"
    (cd "$folder" 2>/dev/null && rmdir -p "$(dirname "$file")" 2>/dev/null) || true
  fi
done
# A desktop starts the program by its whole path, because ~/.local/bin may not be in its PATH.
entry=$folder/share/applications/mta-sts-wizard.desktop
if [ "$action" = install ]; then
  sed "s|^Exec=mta-sts-wizard|Exec=\"$folder/bin/mta-sts-wizard\"|" "$entry" >"$entry.new"
  mv "$entry.new" "$entry"
  echo "Installed. Start it from the menu, or with $folder/bin/mta-sts-wizard"
else
  echo "Removed. Your own work is still in ${XDG_DATA_HOME:-$HOME/.local/share}/mta-sts-wizard"
fi
