#include "records/overlap.h"

#include "base/file.h"
#include "records/batch.h"
#include "state/monitors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct overlap {
    int64_t day, length; /* the archive's, without what is live too */
    char site[ID_MAX + 1], domain[ID_MAX + 1];
};

static int compare(const void *a, const void *b)
{
    const struct overlap *x = a, *y = b;
    int order = (x->day > y->day) - (x->day < y->day);

    if (!order)
        order = strcmp(x->site, y->site);
    return order ? order : strcmp(x->domain, y->domain);
}

static int add(struct replay *replay, const struct overlap *overlap)
{
    if (replay->n_overlaps == replay->overlaps_room) {
        size_t room = replay->overlaps_room ? 2 * replay->overlaps_room : 64;
        struct overlap *grown = realloc(replay->overlaps, room * sizeof *grown);

        if (!grown)
            return -1;
        replay->overlaps = grown;
        replay->overlaps_room = room;
    }
    replay->overlaps[replay->n_overlaps++] = *overlap;
    return 0;
}

/* Whether these bytes are the rows' first ones, but for NUL bytes that a power cut left. */
static bool is_front(const char *bytes, size_t size, const struct buffer *rows)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != rows->data[i] && bytes[i] != '\0')
            return false;
    }
    return true;
}

/*
 * Where the archive's end begins to be a front of the live rows; size, where it never does. Only
 * the beginning of a line can be that place.
 */
static int64_t find_front(const char *tail, size_t tail_size, int64_t size, bool from_start,
                          const struct buffer *rows)
{
    for (size_t at = 0; at < tail_size; at++) {
        bool line_start = at ? tail[at - 1] == '\n' : from_start;

        if (line_start && tail_size - at <= rows->size && is_front(tail + at, tail_size - at, rows))
            return size - (int64_t)(tail_size - at);
    }
    return size;
}

/* Of a file that cannot be opened: where none is there, or no regular one, nothing lies twice. */
static int cannot_tell(const struct error *error)
{
    return error->os == ENOENT || record_is_obstacle(error) ? 0 : -1;
}

/* Compares a day's live rows with the end of its archive. */
static int compare_day(struct replay *replay, const struct monitor_id *monitor, int64_t day,
                       const struct buffer *rows, struct error *error)
{
    struct overlap overlap = {.day = day};
    struct record record;
    int64_t size;
    size_t tail_size;
    char *tail = NULL;
    int fd, result = 0;

    record_archive(&record, day, monitor->site, monitor->domain);
    fd = record_open(replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return cannot_tell(error);

    /* One byte more, to see where a line begins. */
    tail_size = size > (int64_t)rows->size ? rows->size + 1 : (size_t)size;
    tail = malloc(tail_size + 1);
    if (!tail || file_read_at(fd, tail, tail_size, size - (int64_t)tail_size))
        result = record_fail(replay->journal, &record, error);
    if (result == 0) {
        overlap.length = find_front(tail, tail_size, size, (int64_t)tail_size == size, rows);
        memcpy(overlap.site, monitor->site, sizeof overlap.site);
        memcpy(overlap.domain, monitor->domain, sizeof overlap.domain);
        if (overlap.length < size && add(replay, &overlap))
            result = error_set(error, EXIT_IO, "%s: out of memory", record.folder);
    }
    free(tail);
    close(fd);
    return result;
}

/* What is being compared on the walk through the live files. */
struct comparison {
    struct replay *replay;
    struct batch batch;
};

static int compare_file(void *context, const char *site, const char *domain, struct error *error)
{
    struct comparison *comparison = context;
    struct monitor_id monitor = {.id = 0};
    struct record record;
    int64_t size, day, next_day;
    int result = -1;
    int fd;

    if (!domain)
        return -1;
    record_live(&record, site, domain);
    fd = record_open(comparison->replay->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return cannot_tell(error);
    memcpy(monitor.site, site, strlen(site) + 1);
    memcpy(monitor.domain, domain, strlen(domain) + 1);
    if (batch_read(&comparison->batch, fd, 0, size)) {
        record_fail(comparison->replay->journal, &record, error);
        goto out;
    }
    if (batch_gather_bad(&comparison->batch, &monitor, &day, error))
        goto out;
    if (day < comparison->replay->first_live_day)
        comparison->replay->first_live_day = day;
    for (; day != INT64_MAX; day = next_day) {
        if (batch_gather_day(&comparison->batch, &monitor, day, &next_day, error) ||
            compare_day(comparison->replay, &monitor, day, &comparison->batch.day, error))
            goto out;
    }
    result = 0;
out:
    close(fd);
    return result;
}

int overlap_find(struct replay *replay, struct error *error)
{
    struct comparison comparison = {.replay = replay};
    int result;

    batch_init(&comparison.batch);
    result = walk_records(replay->journal, "live", compare_file, &comparison, error);
    batch_free(&comparison.batch);
    if (replay->n_overlaps)
        qsort(replay->overlaps, replay->n_overlaps, sizeof *replay->overlaps, compare);
    return result;
}

int64_t overlap_limit(const struct replay *replay, int64_t day, const char *site,
                      const char *domain, int64_t size)
{
    struct overlap key = {.day = day};
    const struct overlap *found;

    if (replay->n_overlaps == 0)
        return size;
    memcpy(key.site, site, strlen(site) + 1);
    memcpy(key.domain, domain, strlen(domain) + 1);
    found = bsearch(&key, replay->overlaps, replay->n_overlaps, sizeof key, compare);
    return found ? found->length : size;
}
