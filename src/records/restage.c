/* Results staged in an old state -> the new state. */
#include "records/restage.h"

#include "base/file.h"
#include "records/csv.h"
#include "records/record.h"
#include "state/carry_over.h"
#include "state/staged.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Reads the committed bytes of a monitor's live file; nothing, if it is missing or an obstacle. */
static int read_live(struct journal *journal, const struct staged_monitor *staged,
                     struct buffer *file, struct error *error)
{
    size_t length = (size_t)staged->live.length;
    struct record record;
    int64_t size;
    int fd, result = 0;

    buffer_reset(file);
    if (length == 0)
        return 0;
    record_live(&record, &staged->monitor);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    if (buffer_reserve(file, length) || file_read_at(fd, file->data, length, 0))
        result = record_set_error(journal, &record, error);
    else
        file->size = length;
    close(fd);
    return result;
}

/* Whether a line of the file starts with this row. */
static bool has_row(const struct buffer *file, const struct buffer *row)
{
    for (size_t at = 0; at + row->size <= file->size;) {
        const char *line_end;

        if (memcmp(file->data + at, row->data, row->size) == 0)
            return true;
        line_end = memchr(file->data + at, '\n', file->size - at);
        at = line_end ? (size_t)(line_end + 1 - file->data) : file->size;
    }
    return false;
}

struct restaging {
    struct journal *journal;
    struct buffer file, row;
};

/* Deletes the staged results of a monitor whose rows are in its live file. */
static int delete_written(void *context, const struct staged_monitor *staged, struct error *error)
{
    struct restaging *restaging = context;
    struct journal *journal = restaging->journal;
    const struct monitor_id *monitor = &staged->monitor;
    struct buffer *row = &restaging->row;
    int result = read_live(journal, staged, &restaging->file, error);

    for (size_t i = 0; i < staged->n && result == 0; i++) {
        buffer_reset(row);
        if (csv_write(row, monitor->site, monitor->domain, &staged->results[i].check))
            result =
                error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site, monitor->domain);
        else if (has_row(&restaging->file, row))
            result =
                staged_delete_one(journal->storage, monitor->id, staged->results[i].number, error);
    }
    return result;
}

int restage_results(struct journal *journal, const char *old_path, struct error *error)
{
    struct restaging restaging = {.journal = journal,
                                  .file = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS),
                                  .row = BUFFER_WITH_CEILING(BUFFER_MAX_LINE)};
    struct storage *storage = journal->storage;
    int result;

    assert(!storage_in_transaction(storage));
    if (carry_over_staged(storage, old_path, error) || storage_begin(storage, error))
        return -1;
    result = staged_each(storage, delete_written, &restaging, error);
    buffer_free(&restaging.file);
    buffer_free(&restaging.row);
    return storage_end(storage, result, error);
}
