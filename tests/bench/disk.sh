# File systems for what is measured: a fresh ext4 for each part of the bench, and memory. Both need
# root and the right to mount. Without it, folders of $TMPDIR and of /dev/shm are used.

# On an ext4 with many deleted inodes a new file costs up to 0.7 ms, so figures of a used disk hang on
# what happened to it before.
disk=$work/disk
image=$work/image
image_size=24G # sparse
mkdir "$disk"

# Succeeds if this shell may mount; bench.sh gives it a mount namespace of its own then.
may_mount() { [ "${UPTICK_BENCH_MOUNTS:-}" = private ]; }

# fresh_disk [OPTION...]: empties $disk, with a new file system if possible. The options are those of mkfs.ext4.
fresh_disk()
{
    if [ "$files_on" = "fresh ext4" ]; then
        drop_disk
        make_disk "$@"
    else
        rm -rf "$disk"
        mkdir "$disk"
    fi
}

# The kernel would write the tables of inodes later, while the bench measures, so mkfs writes them.
make_disk()
{
    truncate -s "$image_size" "$image" &&
        mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$@" "$image" &&
        mount_image && mounted="$mounted $disk"
} 2>/dev/null

# With direct I/O, if the disk of the image has it: else that would cache and write each block once more, with the
# processors that are measured. losetup names the device in either case. It goes when the disk is unmounted.
mount_image()
{
    device=$(losetup --find --show --direct-io=on "$image") || [ -n "$device" ] || return
    mount "$device" "$disk"
    mount_status=$?
    losetup --detach "$device"
    return $mount_status
}

drop_disk()
{
    umount "$disk" 2>/dev/null || return 0
    mounted=$(echo " $mounted " | sed "s| $disk | |")
    rm -f "$image"
}

# Chooses the file system of the bench, and sets its name, $files_on.
choose_disk()
{
    files_on="fresh ext4"
    may_mount && make_disk && return
    rm -f "$image"
    name_disk
    note "the files are on $files_on, because a new ext4 needs root and a loop device"
}
name_disk() { files_on="$(df --output=fstype "$work" | tail -n 1) of ${TMPDIR:-/tmp}"; }

# choose_memory MIB: sets $memory to a folder in memory with so much space. Fails if there is none.
choose_memory()
{
    if may_mount && mkdir "$work/memory" && mount -t tmpfs none "$work/memory"; then
        mounted="$mounted $work/memory"
        memory=$work/memory
    elif [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] &&
        [ "$(df -m --output=avail /dev/shm | tail -n 1)" -ge "$1" ]; then
        memory=$(mktemp -d /dev/shm/uptick-bench.XXXXXX)
    else
        return 1
    fi
}

# The bench of .ci/run needs 500 MB in memory. If there are none, its files are in $work.
choose_quick_disk()
{
    if choose_memory 500; then
        rmdir "$disk"
        ln -s "$memory" "$disk"
        files_on=tmpfs
    else
        name_disk
        note "the files are on $files_on, because no file system in memory has 500 MB"
    fi
}
