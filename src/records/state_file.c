/* Names, deletes and sets aside state.db with what SQLite keeps beside it. */
#include "records/state_file.h"

#include "base/clock.h"
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The suffixes of the files that SQLite may keep beside a database. */
static const char *const companions[] = {"-journal", "-wal", "-shm"};
enum { COMPANIONS = sizeof companions / sizeof companions[0] };

void state_file_path(const struct config *config, const char *suffix, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/state.db%s", config->data_dir, suffix);
}

static int set_error(const struct journal *journal, const char *name, struct error *error)
{
    return error_errno(error, "%s/%s", journal->config->data_dir, name);
}

int state_file_delete(const struct journal *journal, const char *name, struct error *error)
{
    for (int i = -1; i < COMPANIONS; i++) {
        char file[STATE_FILE_NAME_MAX];

        snprintf(file, sizeof file, "%s%s", name, i < 0 ? "" : companions[i]);
        if (unlinkat(journal->data_fd, file, 0) && errno != ENOENT)
            return set_error(journal, file, error);
    }
    return 0;
}

/* Chooses a name that no file has. */
static void choose_name(const struct journal *journal, char name[STATE_FILE_NAME_MAX])
{
    char moment[CLOCK_TEXT_MAX], digits[CLOCK_TEXT_MAX];
    struct stat status;
    size_t n = 0;

    clock_write_seconds(journal->now_ms, moment);
    for (const char *at = moment; *at; at++) {
        if (*at != '-' && *at != ':')
            digits[n++] = *at;
    }
    digits[n] = '\0';
    snprintf(name, STATE_FILE_NAME_MAX, "state.db.corrupt-%s", digits);
    for (int i = 2; fstatat(journal->data_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0; i++)
        snprintf(name, STATE_FILE_NAME_MAX, "state.db.corrupt-%s.%d", digits, i);
}

int state_file_set_aside(const struct journal *journal, char name[STATE_FILE_NAME_MAX],
                         struct error *error)
{
    int fd = journal->data_fd;

    /* The rollback journal goes first: if it stayed, it would be applied to the new state. */
    choose_name(journal, name);
    for (int i = COMPANIONS - 1; i >= 0; i--) {
        char from[STATE_FILE_NAME_MAX], to[2 * STATE_FILE_NAME_MAX];

        snprintf(from, sizeof from, "state.db%s", companions[i]);
        snprintf(to, sizeof to, "%s%s", name, companions[i]);
        if (renameat(fd, from, fd, to) && errno != ENOENT)
            return set_error(journal, from, error);
    }

    /* If the tick is killed before the new state is in place, the next one still finds state.db and
     * the results staged in it. Without hard links it has to be renamed. */
    if (linkat(fd, "state.db", fd, name, 0) && renameat(fd, "state.db", fd, name))
        return set_error(journal, "state.db", error);
    return 0;
}
