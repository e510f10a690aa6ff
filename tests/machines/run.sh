#!/bin/sh
# run.sh CHECK ARGUMENT…: runs CHECK.py with a Python that has the module it needs.
set -u
folder=$(cd "$(dirname "$0")" && pwd)
check=$1
shift
case $check in
schema) module=jsonschema ;;
mail) module=email ;;
*) module=xml ;;
esac
for python in /usr/bin/python3 python3; do
    "$python" -c "import $module" 2>/dev/null && exec "$python" "$folder/$check.py" "$@"
done
echo "run.sh: no python3 with the module $module" >&2
exit 1
