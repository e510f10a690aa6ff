/* Tries the states that power cuts leave. */
#define _GNU_SOURCE
#include "powercut.h"
#include "cmocka_all.h"
#include "disk_cuts.h"
#include "midnight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED_KEPT = 5 };

void powercut_begin(struct powercut *cut, struct e2e *world, int monitors)
{
    *cut = (struct powercut){.monitors = monitors};
    disk_recording_begin(&cut->recording, world);
}

/*
 * A stamp certifies that a state is as uptick left it, by properties that no two files share
 * (inode, times). To try the worst case, this stamps the state that the power cut left, whatever it
 * is.
 */
static void stamp(struct e2e *world)
{
    static const long at = 24; /* SQLite's number of commits, big-endian */
    unsigned char header[100] = {0};
    struct stat status;
    FILE *state;

    if (!e2e_exists(world, "data/state.db.stamp") ||
        stat(e2e_path(world, "data/state.db"), &status))
        return;
    state = fopen(e2e_path(world, "data/state.db"), "r");
    if (!state || fread(header, 1, sizeof header, state) < sizeof header)
        memset(header, 0, sizeof header);
    if (state)
        fclose(state);
    e2e_write(world, "data/state.db.stamp",
              e2e_format(world, "%lu %lld %lld.%09ld %lld %lld.%09ld\n",
                         (unsigned long)header[at] << 24 | (unsigned long)header[at + 1] << 16 |
                             (unsigned long)header[at + 2] << 8 | header[at + 3],
                         (long long)status.st_size, (long long)status.st_mtim.tv_sec,
                         status.st_mtim.tv_nsec, (long long)status.st_ino,
                         (long long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec));
}

/* The recovering tick succeeds, and prints only what it may. */
static void cmd_check(const struct powercut *cut, struct e2e *world)
{
    char *rest = world->last.err, *line;

    e2e_check(world->last.status == 0, "exit status %d", world->last.status);
    while ((line = strsep(&rest, "\n"))) {
        e2e_check(!*line || strstr(line, ".quarantine") ||
                      (cut->may_print && strstr(line, cut->may_print)),
                  "the tick printed: %s", line);
    }
}

static void check_leftover(void *context, const char *path, int inode)
{
    const char *end = strrchr(path, '.');

    (void)context;
    (void)inode;
    e2e_check(!end || strcmp(end, ".uptick") != 0, "a temporary file is left: %s", path);
    e2e_check(strcmp(path, "data/archive/2026-11-20/s0") != 0, "an old archive was not deleted");
}

static void check_leftovers(struct e2e *world)
{
    struct disk_image image = disk_image_load(world->folder);

    disk_image_walk(&image, check_leftover, NULL);
    disk_image_free(&image);
}

/* In a child: from now on the world is in a folder that no other child uses. */
static void move_to(struct e2e *world, int slot)
{
    const char *yaml = e2e_read(world, "uptick.yaml");
    char folder[PATH_MAX];

    if (snprintf(folder, sizeof folder, "%s/slot-%d", world->folder, slot) >= PATH_MAX)
        fail_msg("%s: too long", world->folder);
    memcpy(world->folder, folder, sizeof folder);
    e2e_write(world, "uptick.yaml", yaml);
}

/* In a child: the tick that finds this disk. */
static void recover(const struct powercut *cut, const struct disk_image *image, size_t at,
                    bool stamped)
{
    struct e2e *world = cut->recording.world;
    struct account found;

    disk_check_readers(&cut->recording, image);
    disk_image_store(image, world->folder);
    if (stamped)
        stamp(world);
    else
        e2e_shell(world, "rm -f data/state.db.stamp"); /* its inode is that of another disk */
    world->clock = midnight_at[cut->recovered];
    e2e_uptick(world, "tick", NULL);
    cmd_check(cut, world);
    found = account_of_files(world);
    account_check_holds(&found, disk_committed(&cut->recording, at), midnight_kept_from);
    midnight_check_counts(world, cut->monitors, &found, cut->recovered);
    account_check_state(world);
    account_check_pages(world);
    check_leftovers(world);
    if (sweep_in_full() && at % 10 == 0)
        midnight_check_rebuilt(world, cut->recovered);
    account_free(&found);
}

/* Whether this state was not tried yet. With more committed rows, an equal disk counts as another
 * state. */
static bool is_new(struct powercut *cut, const struct disk_image *image, size_t at)
{
    uint64_t hash = disk_image_hash(image) + disk_committed(&cut->recording, at)->n;
    size_t n = cut->n_seen;

    for (size_t i = 0; i < n; i++) {
        if (cut->seen[i] == hash)
            return false;
    }
    if ((n & (n - 1)) == 0)
        cut->seen = realloc(cut->seen, (n ? 2 * n : 1) * sizeof *cut->seen);
    if (!cut->seen)
        fail_msg("out of memory");
    cut->seen[cut->n_seen++] = hash;
    return true;
}

/* Counts a state that failed, and keeps the first ones. */
static void keep_failed(struct powercut *cut, const struct powercut_state *state)
{
    struct e2e *world = cut->recording.world;

    print_message("failed (%ld): after operation %zu, %s\n", ++cut->n_failed, state->at,
                  disk_way(state->way));
    if (cut->n_failed > FAILED_KEPT)
        return;
    e2e_shell(world, "mkdir -p wrong-%ld", cut->n_failed);
    disk_image_store(&state->image, e2e_path(world, e2e_format(world, "wrong-%ld", cut->n_failed)));
}

/* Waits until one of the states is done, or all of them. */
static void await(struct powercut *cut, bool all)
{
    while (cut->n_trying > 0) {
        int status, i = 0;
        pid_t child = waitpid(-1, &status, 0);

        while (i < cut->n_trying && cut->trying[i].child != child)
            i++;
        if (i == cut->n_trying)
            continue;
        if (status)
            keep_failed(cut, &cut->trying[i]);
        disk_image_free(&cut->trying[i].image);
        cut->slots &= ~(1U << cut->trying[i].slot);
        cut->trying[i] = cut->trying[--cut->n_trying];
        if (!all)
            return;
    }
}

static int take_slot(struct powercut *cut)
{
    int slot = 0;

    while (cut->slots & 1U << slot)
        slot++;
    cut->slots |= 1U << slot;
    return slot;
}

/* Starts to try a state, in a process of its own. */
static void begin_to_try(struct powercut *cut, struct powercut_state state, bool stamped)
{
    static const struct rlimit no_core = {0, 0};

    if (cut->n_trying == POWERCUT_AT_ONCE)
        await(cut, false);
    state.slot = take_slot(cut);
    fflush(NULL);
    state.child = fork();
    if (state.child == 0) {
        /* A failed check ends the child and not the test. */
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        setrlimit(RLIMIT_CORE, &no_core);
        move_to(cut->recording.world, state.slot);
        recover(cut, &state.image, state.at, stamped);
        _exit(0);
    }
    if (state.child < 0)
        fail_msg("fork: %s", strerror(errno));
    cut->trying[cut->n_trying++] = state;
}

static void try_one(struct powercut *cut, size_t at, int way, unsigned long *seed)
{
    const struct disk *disk = &cut->recording.disk;
    struct disk_fate *fates = calloc(at + 1, sizeof *fates);
    const struct disk_cut ways = {disk, at, fates, seed};
    struct powercut_state state = {.at = at, .way = way};

    if (!fates)
        fail_msg("out of memory");
    if (disk_cut_in(&ways, way)) {
        state.image = disk_after(disk, at, fates);
        if (is_new(cut, &state.image, at))
            begin_to_try(cut, state, sweep_number(seed) & 1);
        else
            disk_image_free(&state.image);
    }
    free(fates);
}

void powercut_try(struct powercut *cut, size_t wanted)
{
    size_t last = cut->recording.disk.n_operations;
    size_t all = (last - cut->from + 1) * (size_t)disk_ways;
    unsigned long choice = 3, last_seed = last * (size_t)disk_ways;
    size_t before = cut->n_seen;

    for (size_t at = cut->from; at <= last; at++) {
        for (int way = 0; way < disk_ways; way++) {
            unsigned long seed = at * (size_t)disk_ways + (size_t)way;

            /* Each state is the same whether others are tried or not. */
            if (wanted == 0 || sweep_number(&choice) % all < wanted)
                try_one(cut, at, way, &seed);
        }
    }

    /* Few of few may be none. */
    if (cut->n_seen == before)
        try_one(cut, last, 0, &last_seed);
    await(cut, true);
}

void powercut_end(struct powercut *cut, const char *name)
{
    long n_failed = cut->n_failed;
    size_t tried = cut->n_seen;

    print_message("%s: %zu operations, %zu states, %ld failed\n", name,
                  cut->recording.disk.n_operations - cut->from, tried, n_failed);
    disk_recording_free(&cut->recording);
    free(cut->seen);
    e2e_check(n_failed == 0 && tried > 0, "%ld of %zu states failed", n_failed, tried);
}
