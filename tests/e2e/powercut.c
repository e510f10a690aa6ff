/* Trying the states that power cuts leave. */
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

enum { WRONG_KEPT = 5 };

void powercut_begin(struct powercut *cut, struct e2e *world, int monitors)
{
    *cut = (struct powercut){.monitors = monitors};
    disk_recording_begin(&cut->recording, world);
}

/*
 * A seal says of a state that it is as it was left, by what no two files share (its inode, its
 * times). So that the worst is tried, it says so of the state that the power cut left, whatever
 * that is.
 */
static void seal(struct e2e *world)
{
    static const long at = 24; /* SQLite's count of commits, big-endian */
    unsigned char header[100] = {0};
    struct stat status;
    FILE *state;

    if (!e2e_exists(world, "data/state.db.seal") || stat(e2e_path(world, "data/state.db"), &status))
        return;
    state = fopen(e2e_path(world, "data/state.db"), "r");
    if (!state || fread(header, 1, sizeof header, state) < sizeof header)
        memset(header, 0, sizeof header);
    if (state)
        fclose(state);
    e2e_write(world, "data/state.db.seal",
              e2e_format(world, "%lu %lld %lld.%09ld %lld %lld.%09ld\n",
                         (unsigned long)header[at] << 24 | (unsigned long)header[at + 1] << 16 |
                             (unsigned long)header[at + 2] << 8 | header[at + 3],
                         (long long)status.st_size, (long long)status.st_mtim.tv_sec,
                         status.st_mtim.tv_nsec, (long long)status.st_ino,
                         (long long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec));
}

/* The recovering tick ends well, and says no more than it may. */
static void cmd_check(const struct powercut *cut, struct e2e *world)
{
    char *rest = world->last.err, *line;

    e2e_check(world->last.status == 0, "exit status %d", world->last.status);
    while ((line = strsep(&rest, "\n"))) {
        e2e_check(!*line || strstr(line, ".quarantine") || (cut->says && strstr(line, cut->says)),
                  "the tick says: %s", line);
    }
}

static void check_leftover(void *context, const char *path, int inode)
{
    const char *end = strrchr(path, '.');

    (void)context;
    (void)inode;
    e2e_check(!end || strcmp(end, ".uptick") != 0, "a file aside is still there: %s", path);
    e2e_check(strcmp(path, "data/archive/2026-11-20") != 0, "an old archive is still there");
}

static void check_leftovers(struct e2e *world)
{
    struct disk_image image = disk_image_load(world->folder);

    disk_image_walk(&image, check_leftover, NULL);
    disk_image_free(&image);
}

/* In a child: from here on, the world is in a folder that no other child uses. */
static void move_to(struct e2e *world, int place)
{
    const char *yaml = e2e_read(world, "uptick.yaml");
    char folder[PATH_MAX];

    if (snprintf(folder, sizeof folder, "%s/place-%d", world->folder, place) >= PATH_MAX)
        fail_msg("%s: too long", world->folder);
    memcpy(world->folder, folder, sizeof folder);
    e2e_write(world, "uptick.yaml", yaml);
}

/* In a child: the tick that finds this disk. */
static void recover(const struct powercut *cut, const struct disk_image *image, size_t at,
                    bool sealed)
{
    struct e2e *world = cut->recording.world;
    struct account found;

    disk_check_readers(&cut->recording, image);
    disk_image_store(image, world->folder);
    if (sealed)
        seal(world);
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

/* Whether this state was not tried yet; a disk that loses all is another one once there is more
 * that it must not lose. */
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

/* Notes a state that is wrong, and keeps the first ones to be looked at. */
static void keep_wrong(struct powercut *cut, const struct powercut_state *state)
{
    struct e2e *world = cut->recording.world;

    print_message("wrong (%ld): after operation %zu, %s\n", ++cut->wrong, state->at,
                  disk_way(state->way));
    if (cut->wrong > WRONG_KEPT)
        return;
    e2e_shell(world, "mkdir -p wrong-%ld", cut->wrong);
    disk_image_store(&state->image, e2e_path(world, e2e_format(world, "wrong-%ld", cut->wrong)));
}

/* Waits until one of the states is tried, or all of them. */
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
            keep_wrong(cut, &cut->trying[i]);
        disk_image_free(&cut->trying[i].image);
        cut->places &= ~(1U << cut->trying[i].place);
        cut->trying[i] = cut->trying[--cut->n_trying];
        if (!all)
            return;
    }
}

static int take_place(struct powercut *cut)
{
    int place = 0;

    while (cut->places & 1U << place)
        place++;
    cut->places |= 1U << place;
    return place;
}

/* Begins to try a state, in a process of its own. */
static void begin_to_try(struct powercut *cut, struct powercut_state state, bool sealed)
{
    static const struct rlimit no_core = {0, 0};

    if (cut->n_trying == POWERCUT_AT_ONCE)
        await(cut, false);
    state.place = take_place(cut);
    fflush(NULL);
    state.child = fork();
    if (state.child == 0) {
        /* A check that fails ends the child, and not the test. */
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        setrlimit(RLIMIT_CORE, &no_core);
        move_to(cut->recording.world, state.place);
        recover(cut, &state.image, state.at, sealed);
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
    unsigned long choice = 3;

    for (size_t at = cut->from; at <= last; at++) {
        for (int way = 0; way < disk_ways; way++) {
            unsigned long seed = at * (size_t)disk_ways + (size_t)way;

            /* Each state is the same whether others are tried or not. */
            if (wanted == 0 || sweep_number(&choice) % all < wanted)
                try_one(cut, at, way, &seed);
        }
    }
    await(cut, true);
}

void powercut_end(struct powercut *cut, const char *name)
{
    long wrong = cut->wrong;
    size_t tried = cut->n_seen;

    print_message("%s: %zu operations, %zu states, %ld wrong\n", name,
                  cut->recording.disk.n_operations - cut->from, tried, wrong);
    disk_recording_free(&cut->recording);
    free(cut->seen);
    e2e_check(wrong == 0 && tried > 0, "%ld of %zu states are wrong", wrong, tried);
}
