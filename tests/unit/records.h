#ifndef TESTS_RECORDS_H
#define TESTS_RECORDS_H

/*
 * Shared by the tests of state and records: a configuration made by hand, a data_dir of its own,
 * random checks from a seed, and files that are read and written as a whole. Include after
 * cmocka.h.
 */
#include "base/clock.h"
#include "config/config.h"
#include "records/journal.h"
#include "state/staged.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DOMAINS = 64, PER_SITE = 3 };

/* 2026-11-23T00:00:00Z, a Monday. */
#define DAY_0 INT64_C(20780)
#define AT_0  (DAY_0 * MS_PER_DAY)

struct world {
    char dir[64];
    char log_text[8192]; /* the warnings so far */
    struct log log;
    struct config config;
    struct site sites[MAX_DOMAINS];
    struct domain domains[MAX_DOMAINS];
    char ids[2 * MAX_DOMAINS][16];
};

/* Domains d0, d1, ... in sites s0, s1, ..., PER_SITE each; every third is supplementary. */
static inline void make_config(struct world *world, size_t n_domains)
{
    for (size_t i = 0; i < n_domains; i++) {
        size_t site = i / PER_SITE;

        snprintf(world->ids[i], sizeof world->ids[i], "d%zu", i);
        snprintf(world->ids[MAX_DOMAINS + site], sizeof world->ids[i], "s%zu", site);
        world->domains[i] = (struct domain){.id = world->ids[i],
                                            .name = world->ids[i],
                                            .role = i % 3 == 2 ? ROLE_SUPPLEMENTARY : ROLE_CORE,
                                            .interval_seconds = i % 4 == 3 ? 300 : 60,
                                            .timeout_ms = 20000,
                                            .site = site};
        if (i % PER_SITE == 0)
            world->sites[site] = (struct site){.id = world->ids[MAX_DOMAINS + site],
                                               .name = world->ids[MAX_DOMAINS + site],
                                               .first_domain = i};
        world->sites[site].n_domains++;
    }
    world->config = (struct config){.path = "uptick.yaml",
                                    .title = "Test",
                                    .data_dir = world->dir,
                                    .retention_days = 30,
                                    .history_hours = 4,
                                    .sites = world->sites,
                                    .n_sites = (n_domains + PER_SITE - 1) / PER_SITE,
                                    .domains = world->domains,
                                    .n_domains = n_domains};
}

static inline struct world *make_world(size_t n_domains)
{
    struct world *world = calloc(1, sizeof *world);
    /* In memory if possible, since thousands of ticks would wait for the disk. */
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    assert_non_null(world);
    snprintf(world->dir, sizeof world->dir, "%s/uptick-XXXXXX", folder);
    assert_non_null(mkdtemp(world->dir));
    world->log.to = fmemopen(world->log_text, sizeof world->log_text - 1, "w");
    assert_non_null(world->log.to);
    setvbuf(world->log.to, NULL, _IONBF, 0);
    make_config(world, n_domains);
    return world;
}

static inline int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status;
    (void)kind;
    (void)ftw;
    chmod(path, 0700);
    return remove(path);
}

static inline void free_world(struct world *world)
{
    fclose(world->log.to);
    nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(world);
}

/* Forgets the warnings. */
static inline void reset_log(struct world *world)
{
    rewind(world->log.to);
    memset(world->log_text, 0, sizeof world->log_text);
}

static inline const char *path_in(const struct world *world, const char *name)
{
    static char path[4][PATH_MAX];
    static int at;

    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", world->dir, name);
    return path[at];
}

/* Reads a file below data_dir; NULL: no such file. The caller frees it. */
static inline char *read_whole(const struct world *world, const char *name, size_t *size)
{
    FILE *file = fopen(path_in(world, name), "rb");
    char *text;
    long length;

    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    length = ftell(file);
    rewind(file);
    text = calloc(1, (size_t)length + 1);
    assert_int_equal(fread(text, 1, (size_t)length, file), (size_t)length);
    fclose(file);
    if (size)
        *size = (size_t)length;
    return text;
}

static inline void write_whole(const struct world *world, const char *name, const char *mode,
                               const void *bytes, size_t size)
{
    FILE *file;
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s", path_in(world, name));
    for (char *at = folder + strlen(world->dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(folder, 0750);
        *at = '/';
    }
    file = fopen(path_in(world, name), mode);
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static inline void append_text(const struct world *world, const char *name, const char *text)
{
    write_whole(world, name, "ab", text, strlen(text));
}

static inline void assert_file(const struct world *world, const char *name, const char *expected)
{
    char *text = read_whole(world, name, NULL);

    if (!expected) {
        assert_null(text);
        return;
    }
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

/* xorshift64*: the same numbers from the same seed on all machines. */
static inline uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static inline int64_t dice_below(uint64_t *seed, int64_t n)
{
    return (int64_t)(dice(seed) >> 11) % n;
}

static inline struct check check_at(int64_t start_ms, enum status status)
{
    struct check check = {.start_ms = start_ms, .status = status, .latency_ms = -1};

    if (status == STATUS_UP) {
        check.http_status = 200;
        check.latency_ms = 87;
    } else {
        snprintf(check.failure, sizeof check.failure, "http_status: expected 200, got \"%d\"",
                 (int)status);
    }
    return check;
}

/* A check that was UP but slow. */
static inline struct check slow_at(int64_t start_ms)
{
    struct check check = check_at(start_ms, STATUS_UP);

    check.latency_ms = 1240;
    strcpy(check.failure, "slow: 1240 ms, expected at most 800");
    return check;
}

/* Every second one has phases. */
static inline struct staged_result outcome_of(size_t domain, int64_t due_after_ms,
                                              struct check check)
{
    return (struct staged_result){.domain = domain,
                                  .due_after_ms = due_after_ms,
                                  .check = check,
                                  .has_phases = due_after_ms % 2,
                                  .phases = {{1000, 2000, -1, 80000, 87000}}};
}

static inline struct journal *open_world(struct world *world, int64_t now_ms)
{
    struct journal *journal;
    struct error error;

    if (journal_open(&journal, &world->config, &world->log, now_ms, &error))
        fail_msg("%s", error.text);
    return journal;
}

/* Fails the test with the error's text if the result is not 0. */
static inline void assert_done(int result, const struct error *error)
{
    if (result)
        fail_msg("%s", error->text);
}

static inline void stage(struct journal *journal, size_t domain, const struct check *check)
{
    struct staged_result outcome = outcome_of(domain, check->start_ms + 1, *check);
    struct error error;

    assert_done(staged_add(journal_storage(journal), &outcome, 1, &error), &error);
}

#endif
