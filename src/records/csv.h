#ifndef RECORDS_CSV_H
#define RECORDS_CSV_H

#include "base/text.h"
#include "model/check.h"
#include "records/fields.h"

/*
 * One row of a record: timestamp, site, domain, verdict, HTTP status, latency in milliseconds and
 * failure, quoted as in RFC 4180, ended by \n. Pure: no file and no clock.
 */

struct row {
    char site[TEXT_ID_MAX + 1], domain[TEXT_ID_MAX + 1];
    struct check check;
};

/*
 * Appends the row with its line end. site and domain are valid ids. Returns 0; or -1 if the buffer
 * has failed, and then it has no part of the row.
 */
int csv_write(struct buffer *into, const char *site, const char *domain, const struct check *check);

/*
 * Reads the row at the front of these bytes. *used becomes its length with its line end. An editor
 * may have put a byte order mark before it, and \r\n at its end. After CSV_BAD, *why is a constant
 * text that names the mistake.
 */
enum csv_result csv_read(const char *bytes, size_t size, struct row *row, size_t *used,
                         const char **why);

/* The ids of a monitor, and how they are in its rows. */
struct csv_ids {
    const char *site, *domain;
    char text[2 * TEXT_ID_MAX + 3]; /* each with a comma after it */
    size_t size;
};

/* The ids are valid, and must stay as long as `ids` is used. */
void csv_set_ids(struct csv_ids *ids, const char *site, const char *domain);

/* Reads a row of this monitor, as csv_read does. A row of another monitor is CSV_BAD. */
enum csv_result csv_read_of(const struct csv_ids *ids, const char *bytes, size_t size,
                            struct check *check, size_t *used, const char **why);

#endif
