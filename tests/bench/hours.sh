# Measures the ticks that move records: at a full hour the rows of each live file to its archive, at
# midnight also the counts of the day. Each is compared with the tick one minute before it.

# Seconds after the first minute, 12:10.
hour_s=3000      # 13:00
midnight_s=42600 # 00:00

# end_of NAME SECONDS FOLDER [COMMAND...]: two hours of records, of which the current hour is in the live
# files, and the last two ticks of it; then the command, and the tick at SECONDS.
end_of()
{
    name=$1 end=$2 in=$3
    shift 3
    ten_a_site "$in" 120 $((base_s + end - 120))
    warm_up $((end - 120)) "$in/uptick.yaml"
    tick "$name.before" $((end - 60)) "$in/uptick.yaml" "$monitors"
    "$@"
    tick "$name" "$end" "$in/uptick.yaml" "$monitors"
}

# On a fresh ext4. The first hour of a day begins its archive: a new file for each monitor.
hours_on_disk()
{
    fresh_disk
    for try in 1 2; do
        end_of hour.ext4 "$hour_s" "$disk/hour$try" true
        end_of midnight.ext4 "$midnight_s" "$disk/midnight$try" true
    done
    tick morning.ext4.before $((midnight_s + 3540)) "$disk/midnight1/uptick.yaml" "$monitors"
    tick morning.ext4 $((midnight_s + 3600)) "$disk/midnight1/uptick.yaml" "$monitors"
}

hours_in_memory()
{
    if ! choose_memory 2000; then
        skip hour.memory "no file system in memory has 2 GB"
        skip midnight.memory "as hour.memory"
        return 0
    fi
    for try in 1 2; do
        end_of hour.memory "$hour_s" "$memory/hour" true
        rm -rf "$memory/hour"
        end_of midnight.memory "$midnight_s" "$memory/midnight" true
        rm -rf "$memory/midnight"
    done
}

# Creates 40 files in each site's folder of live files, and deletes them.
delete_files()
{
    for site in "$in"/data/live/*/; do
        (cd "$site" && seq -f deleted%g 40 | xargs touch)
    done
    sync -f "$in"
    find "$in/data/live" -name 'deleted*' -delete
}

# Only an ext4 without a journal skips recently deleted inodes one by one (for a minute, or for six if their
# table is not on the disk). It then costs time to create a file near them.
hours_after_deletion()
{
    if [ "$files_on" != "fresh ext4" ]; then
        skip hour.deleted "this needs a new ext4"
        skip midnight.deleted "this needs a new ext4"
        return 0
    fi
    fresh_disk -O ^has_journal
    end_of hour.deleted "$hour_s" "$disk/hour" delete_files
    end_of midnight.deleted "$midnight_s" "$disk/midnight" delete_files
}

ticks_at_full_hours()
{
    say "full hours and midnights"
    hours_on_disk
    hours_in_memory
    hours_after_deletion
}
