/* Opening and closing the records and their state, and what the calls on them share. */
#include "records/journal.h"

#include "base/clock.h"
#include "base/sync.h"
#include "records/decoder.h"
#include "records/internal.h"
#include "state/carry_over.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void journal_state_path(const struct config *config, const char *suffix, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/state.db%s", config->data_dir, suffix);
}

/* A file that is not as the last tick left it is looked over before it is trusted. Where it cannot
 * be, *cause says why. */
static int look_over(struct journal *journal, enum seal seal, enum storage_health health,
                     bool *mendable, enum recover_cause *cause, struct error *error)
{
    bool has_records = false;

    if (health == STORAGE_MISSING && replay_has_records(journal, &has_records, error)) {
        *mendable = false;
        return -1;
    }
    if (seal == STAMP_FOREIGN || has_records) {
        *cause = seal == STAMP_FOREIGN ? RECOVER_FOREIGN : RECOVER_EMPTY;
        return error_set(error, EXIT_IO, "%s/state.db: is not what the last tick left",
                         journal->config->data_dir);
    }
    if (seal == STAMP_WHOLE || storage_examine(journal->storage, error) == 0)
        return 0;
    *mendable = storage_is_damaged(journal->storage);
    return -1;
}

/* Opens the state that is there; where that fails, *cause says whether making it anew would help.
 */
static int open_state(struct journal *journal, bool *mendable, enum recover_cause *cause,
                      struct error *error)
{
    enum seal seal = stamp_read(journal->data_fd);
    enum storage_health health;
    char path[PATH_MAX];

    journal_state_path(journal->config, "", path);
    *mendable = true;
    *cause = RECOVER_DAMAGED;
    if (seal == STAMP_DAMAGED)
        return error_set(error, EXIT_IO, "%s: damaged", path);

    /* What a killed tick began is rolled back now: if this one is killed too, that is not another
     * program's work. */
    if (seal == STAMP_BROKEN)
        unlinkat(journal->data_fd, "state.db.seal", 0);
    if (storage_open(&journal->storage, path, STORAGE_READ_WRITE, journal->config, &health,
                     error)) {
        *mendable = health != STORAGE_SOUND && health != STORAGE_MISSING;
        if (health == STORAGE_OLDER || health == STORAGE_NEWER)
            *cause = RECOVER_VERSION;
        return -1;
    }

    if (look_over(journal, seal, health, mendable, cause, error) == 0)
        return 0;
    storage_close(journal->storage);
    journal->storage = NULL;
    return -1;
}

/* Whether there is a state that is worth opening. A symbolic link in its place is an error. */
static int find_state(const struct journal *journal, bool *found, struct error *error)
{
    struct stat status;
    char path[PATH_MAX];

    journal_state_path(journal->config, "", path);
    *found = false;
    if (fstatat(journal->data_fd, "state.db", &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : error_errno(error, "%s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, EXIT_IO, "%s: is no regular file; move it away", path);
    *found = status.st_size > 0;
    return 0;
}

/*
 * Whether the clock was days ahead and is set back: what is needed now has then been pruned from
 * the index, and is in the CSV unless that was pruned too.
 */
static int was_ahead(const struct journal *journal, bool *was, struct error *error)
{
    const struct config *config = journal->config;
    int64_t days = config->retention_days ? config->retention_days : COUNT_DAYS;
    int64_t now = clock_floor_div(journal->now_ms, MS_PER_HOUR), pruned;

    if (storage_get_setting(journal->storage, SETTING_PRUNED_HOUR, &pruned, error))
        return -1;
    *was = pruned - now > HOURS_PER_DAY && pruned - now <= days * HOURS_PER_DAY;
    return 0;
}

/* Makes a state anew that was pruned under a wrong clock; where that fails, it is used as it is. */
static int fill_gap(struct journal *journal, bool show_progress, struct error *error)
{
    enum recover_cause cause;
    bool gap, mendable;

    if (was_ahead(journal, &gap, error))
        return -1;
    if (!gap)
        return 0;
    storage_close(journal->storage);
    journal->storage = NULL;
    if (recover_run(journal, RECOVER_ASKED, show_progress, error))
        log_warn(journal->log, "%s", error->text);
    return open_state(journal, &mendable, &cause, error);
}

/* Opens the state, after making it anew where it is missing or broken. */
static int open_or_heal(struct journal *journal, bool show_progress, struct error *error)
{
    enum recover_cause cause = RECOVER_MISSING;
    bool found, has_records, mendable = true;

    if (find_state(journal, &found, error) ||
        (!found && replay_has_records(journal, &has_records, error)))
        return -1;
    if (found ? open_state(journal, &mendable, &cause, error) == 0 : !has_records)
        return found ? fill_gap(journal, show_progress, error)
                     : open_state(journal, &mendable, &cause, error);
    if (!mendable || recover_run(journal, cause, show_progress, error))
        return -1;
    return open_state(journal, &mendable, &cause, error);
}

static int open_journal(struct journal **journal, const struct config *config,
                        const struct log *log, int64_t now_ms, bool show_progress,
                        struct error *error)
{
    struct journal *opened = calloc(1, sizeof *opened);

    *journal = NULL;
    if (!opened)
        return error_set(error, EXIT_IO, "%s: out of memory", config->data_dir);
    opened->config = config;
    opened->log = log;
    opened->now_ms = now_ms;
    opened->folder.fd = opened->above.fd = -1;
    opened->data_fd = open(config->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened->data_fd < 0)
        error_errno(error, "%s", config->data_dir);
    else if (open_or_heal(opened, show_progress, error) == 0)
        *journal = opened;
    if (*journal) {
        recover_clear(opened);
        return 0;
    }
    journal_close(opened);
    return -1;
}

int journal_open(struct journal **journal, const struct config *config, const struct log *log,
                 int64_t now_ms, struct error *error)
{
    return open_journal(journal, config, log, now_ms, false, error);
}

static void close_folders(struct journal *journal)
{
    if (journal->folder.fd >= 0)
        close(journal->folder.fd);
    if (journal->above.fd >= 0)
        close(journal->above.fd);
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->storage) {
        bool damaged = storage_is_damaged(journal->storage);

        storage_close(journal->storage);
        if (damaged)
            stamp_write_damaged(journal->data_fd);
        else
            stamp_write(journal->data_fd);
    }
    close_folders(journal);
    decoder_free(journal->decoder);
    if (journal->data_fd >= 0)
        close(journal->data_fd);
    free(journal);
}

struct storage *journal_storage(struct journal *journal)
{
    return journal->storage;
}

int journal_rebuild(const struct config *config, const struct log *log, int64_t now_ms,
                    struct journal_counts *counts, struct error *error)
{
    struct journal *journal;
    int result = 0;

    if (open_journal(&journal, config, log, now_ms, true, error))
        return -1;
    if (!journal->made_anew) {
        struct error kept;

        /* What can be written is; what cannot stays staged, in the new state too. */
        export_run(journal, &kept);
        storage_close(journal->storage);
        journal->storage = NULL;
        result = recover_run(journal, RECOVER_ASKED, true, error);
    }
    *counts = journal->made_from;
    journal_close(journal);
    return result;
}

static void claim_reading(struct journal *journal)
{
    while (flock(journal->data_fd, LOCK_SH) && errno == EINTR)
        continue;
}

int journal_load_at(struct storage **storage, const struct config *config, const struct log *log,
                    int64_t until_ms, struct error *error)
{
    struct journal journal = {.config = config,
                              .log = log,
                              .now_ms = until_ms,
                              .folder = {.fd = -1},
                              .above = {.fd = -1}};
    struct replay replay = {.journal = &journal, .until_ms = until_ms};
    enum storage_health health;
    char path[PATH_MAX];
    int result = -1;

    *storage = NULL;
    journal_state_path(config, "", path);
    journal.data_fd = open(config->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journal.data_fd < 0)
        return error_errno(error, "%s", config->data_dir);
    claim_reading(&journal);
    if (storage_open(&journal.storage, path, STORAGE_IN_MEMORY, config, &health, error) == 0 &&
        replay_run(&replay, error) == 0) {
        struct error ignored;

        if (faccessat(journal.data_fd, "state.db", R_OK, 0) == 0)
            carry_over_derived(journal.storage, path, &ignored);
        *storage = journal.storage;
        journal.storage = NULL;
        result = 0;
    }
    storage_close(journal.storage);
    decoder_free(journal.decoder);
    close_folders(&journal);
    close(journal.data_fd);
    return result;
}

struct decoder *journal_unpack(struct journal *journal, struct error *error)
{
    if (!journal->decoder)
        journal->decoder = decoder_new();
    if (!journal->decoder)
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    return journal->decoder;
}

void journal_note(struct finding *finding, const struct record *record)
{
    if (finding->n++ == 0)
        snprintf(finding->first, sizeof finding->first, "%.90s/%.90s", record->folder,
                 record->name);
}

void journal_begin_call(struct journal *journal, bool sync_each)
{
    journal->sync_each = sync_each;
    journal->quarantined.n = journal->lost.n = journal->edited.n = journal->damaged.n = 0;
    journal->n_failed = 0;
}

int journal_note_failure(struct journal *journal, const struct error *error)
{
    static const int of_the_disk[] = {ENOSPC, EROFS, EIO, EDQUOT, EMFILE, ENFILE, ENOMEM};

    if (journal->n_failed++ == 0)
        journal->failure = *error;
    for (size_t i = 0; i < sizeof of_the_disk / sizeof of_the_disk[0]; i++) {
        if (error->os == of_the_disk[i])
            return -1;
    }
    return 0;
}

static void say(const struct journal *journal, const struct finding *finding, const char *what)
{
    char more[64] = "";

    if (finding->n == 0)
        return;
    if (finding->n > 1)
        snprintf(more, sizeof more, "; %d more file%s like it", finding->n - 1,
                 finding->n > 2 ? "s" : "");
    log_warn(journal->log, "%s/%s: %s%s", journal->config->data_dir, finding->first, what, more);
}

int journal_end_call(struct journal *journal, const char *consequence, struct error *error)
{
    char more[64] = "";

    say(journal, &journal->quarantined,
        "held bytes that are no record of uptick's; moved to the file of that name with "
        ".quarantine");
    say(journal, &journal->edited, "was edited; goes on with what it holds now");
    say(journal, &journal->lost, "recorded rows were taken out of it; goes on with what is left");
    say(journal, &journal->damaged,
        "is damaged, and stays as it is; the rows that came after it lie beside it");
    if (journal->n_failed == 0)
        return 0;
    if (journal->n_failed > 1)
        snprintf(more, sizeof more, "; %d more file%s", journal->n_failed - 1,
                 journal->n_failed > 2 ? "s" : "");
    error_set(error, journal->failure.code, "%.700s%s%s", journal->failure.text, more, consequence);
    error->os = journal->failure.os;
    return -1;
}

bool journal_claim_moving(struct journal *journal)
{
    /* Where the file system has no locks, there is nothing to wait for. */
    return flock(journal->data_fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

void journal_release(struct journal *journal)
{
    flock(journal->data_fd, LOCK_UN);
}

int journal_sync(struct journal *journal, struct error *error)
{
    if (journal->sync_each || sync_all(journal->data_fd) == 0)
        return 0;
    return error_errno(error, "%s: bringing the records to disk", journal->config->data_dir);
}
