#!/usr/bin/env bash
# Enter the box: enter.sh ROOT setup, or enter.sh ROOT run OUT. To be started in mount and PID namespaces of its own (box.py
# does), with which everything that is mounted and started here ends. Nothing of the host can be written from inside.
#
# BOX_SHOWN: "FROM TO" lines, files and folders of the host that are shown inside, read-only.
# BOX_LIMITS: the folder with the control group that bounds this run's memory, which is shown at the same place, or nothing.
# BOX_PIP: "NAME=VALUE" lines, the environment of pip while the image is made.
set -euo pipefail
root=$1 what=$2
clean=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)

show() { # show FROM TO
  mkdir -p "$(dirname "$root$2")"
  if [ -d "$1" ]; then mkdir -p "$root$2"; else touch "$root$2"; fi
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
}

if [ "$what" = setup ]; then
  mount -t proc proc "$root/proc"
  while read -r from to; do if [ -n "$from" ]; then show "$from" "$to"; fi; done <<<"${BOX_SHOWN:-}"
  mapfile -t pip < <(grep . <<<"${BOX_PIP:-}" || true)
  exec "${clean[@]}" "${pip[@]}" chroot "$root" bash /autograder/source/setup.sh
fi

# Each run in a container of its own: what it writes lies over the image, in memory, and goes with it.
layer=$root.layer
mkdir -p "$layer"
mount -t tmpfs tmpfs "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/merged"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" "$layer/merged"
image=$root root=$layer/merged out=$3
mount -t proc proc "$root/proc"
if [ -n "${BOX_LIMITS:-}" ]; then show "$BOX_LIMITS" "$BOX_LIMITS"; fi
cp -r "$image.submission/." "$root/autograder/"

# Root in Docker: these capabilities and no other, so no namespaces for the sandbox.
kept=+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod
kept=$kept,+audit_write,+setfcap
"${clean[@]}" chroot "$root" setpriv --bounding-set="-all,$kept" --inh-caps=-all \
  sh -c 'cd /autograder && exec ./run_autograder >results/stdout 2>&1' || echo "run_autograder ended with code $?"
cp "$root/autograder/results/stdout" "$out.txt"
cp "$root/autograder/results/results.json" "$out.json"
ls -ln "$root/autograder" >"$out.ls"
