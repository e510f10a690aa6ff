/* Appends rows to many live files at once: opening and closing them takes longer than all else. */
#include "records/appender.h"

#include "base/file.h"
#include "base/interrupt.h"
#include "base/thread.h"
#include "records/committed.h"
#include "records/csv.h"
#include "state/ledger.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum {
    TAKEN_AT_ONCE = 16,    /* monitors that a thread takes: those of one folder are neighbours */
    FILES_PER_THREAD = 64, /* a thread costs as much as a few files */
    THREADS_MAX = 16,
};

/* What the threads share. */
struct appending {
    const struct journal *journal;
    const struct staged_monitor *staged;
    size_t n;
    size_t *appended;
    int live_fd;
    atomic_size_t next;
};

/* The folder that a thread has open. */
struct site_folder {
    int fd; /* -1: none */
    const char *site;
};

int appender_format(const struct staged_monitor *staged, struct buffer *rows)
{
    const struct monitor_id *monitor = &staged->monitor;

    buffer_reset(rows);
    for (size_t i = 0; i < staged->n; i++) {
        if (csv_write(rows, monitor->site, monitor->domain, &staged->results[i].check))
            return -1;
    }
    return 0;
}

static void close_folder(struct site_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    *folder = (struct site_folder){-1, ""};
}

static int open_folder(struct site_folder *folder, int live_fd, const char *site)
{
    if (strcmp(folder->site, site) == 0)
        return folder->fd;
    close_folder(folder);
    *folder = (struct site_folder){file_open_folder(live_fd, site, 0), site};
    return folder->fd;
}

/* Appends the rows of a monitor. Returns their bytes, or 0. */
static size_t append(const struct appending *all, const struct staged_monitor *staged,
                     struct site_folder *folder, struct buffer *rows)
{
    const struct ledger_live *live = &staged->live;
    bool is_emptied = live->length > 0 && live->archived == live->length;
    int fd;

    if (is_emptied || appender_format(staged, rows))
        return 0;
    fd = open_folder(folder, all->live_fd, staged->monitor.site);
    return fd >= 0 && committed_append_plain(all->journal, fd, staged->monitor.domain, live->length,
                                             rows)
               ? rows->size
               : 0;
}

static void *append_some(void *context)
{
    struct appending *all = context;
    struct site_folder folder = {-1, ""};
    struct buffer rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS);
    size_t from, i;

    while ((from = atomic_fetch_add(&all->next, TAKEN_AT_ONCE)) < all->n) {
        for (i = from; i < from + TAKEN_AT_ONCE && i < all->n && !interrupt_is_urgent(); i++)
            all->appended[i] = append(all, &all->staged[i], &folder, &rows);
    }
    close_folder(&folder);
    buffer_free(&rows);
    return NULL;
}

static size_t useful_threads(size_t n_files)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = 1 + n_files / FILES_PER_THREAD;

    if (processors > 0 && n > (size_t)processors)
        n = (size_t)processors;
    return n < THREADS_MAX ? n : THREADS_MAX;
}

void appender_run(const struct journal *journal, const struct staged_monitor *staged, size_t n,
                  size_t *appended)
{
    struct appending all = {.journal = journal, .staged = staged, .n = n, .appended = appended};
    pthread_t threads[THREADS_MAX];
    size_t n_threads = useful_threads(n), started = 1;

    memset(appended, 0, n * sizeof *appended);
    all.live_fd = file_open_folder(journal->data_fd, "live", 0);
    if (all.live_fd < 0)
        return;
    while (started < n_threads && thread_start(&threads[started], append_some, &all) == 0)
        started++;
    append_some(&all);
    while (started > 1)
        pthread_join(threads[--started], NULL);
    close(all.live_fd);
}
