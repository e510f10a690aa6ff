#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

/* Shared by the sweeps of the records: the scenes, the fault that is requested, and what its report
 * must contain. Include after faults.h and records.h. */

/* The actions of a scene. The faults start with begin(), and end with the scene. */
typedef int play_scene(struct world *world, void (*begin)(void), struct error *error);

static inline int on_journal(struct world *world, int64_t now_ms, void (*begin)(void),
                             struct error *error,
                             int (*act)(struct journal *journal, struct error *error))
{
    struct journal *journal = open_world(world, now_ms);
    int result;

    begin();
    result = act(journal, error);
    journal_close(journal);
    return result;
}

static inline int rebuild_at(struct world *world, int64_t now_ms, void (*begin)(void),
                             struct error *error)
{
    struct journal_counts counts;

    begin();
    return journal_rebuild(&world->config, &world->log, now_ms, &counts, error);
}

/* Also looks for the days next to a moment, as is done for one without records. */
static inline int load_past_at(struct world *world, int64_t now_ms, void (*begin)(void),
                               struct error *error)
{
    struct recorded_days days;
    struct storage *storage;
    int result;

    begin();
    result = journal_load_at(&storage, &world->config, &world->log, now_ms, error);
    storage_close(storage);
    if (result)
        return -1;
    return journal_recorded_days(&world->config, &world->log, now_ms / MS_PER_DAY + 1, &days,
                                 error);
}

static struct {
    enum fault_kind kind;
    int nth, code;
    bool lasting;
} planned;

static inline void begin_faults(void)
{
    fault_arm(planned.kind, planned.nth, planned.lasting, planned.code);
}

/* One in this many calls fails; if UPTICK_FAULTS_ALL is set, one in that number. */
static inline int sweep_step(int usual)
{
    const char *asked_for = getenv("UPTICK_FAULTS_ALL");
    int step = asked_for ? atoi(asked_for) : usual;

    return step > 0 ? step : 1;
}

/* The error names what failed, and the scene itself succeeds without faults. *what describes the
 * fault. */
static inline void check_report(const struct world *world, const char *scene, bool met, int result,
                                const struct error *error, char what[256])
{
    snprintf(what, 256, "%s, call %d (%d, %d) failed%s", scene, planned.nth, planned.kind,
             planned.code, planned.lasting ? " with all that follow" : "");
    if (!met && result)
        fail_msg("%s: %s", scene, error->text);
    if (result && (error->code != EXIT_IO || error->text[0] == '\0'))
        fail_msg("%s: no reason", what);
    if (result && !strstr(error->text, world->dir) && !strstr(error->text, "s0/d") &&
        !strstr(error->text, "s1/d") && !strstr(error->text, "memory"))
        fail_msg("%s: the thing is not named: %s", what, error->text);
}

static const int file_codes[] = {EIO, EACCES, ENOSPC};
static const int sql_codes[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_CORRUPT};

#endif
