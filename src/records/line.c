/* The lines of records, of monitors and of the event log. */
#include "records/line.h"

#include "state/ledger.h"

#include <string.h>

static enum csv_result read_event(const char *bytes, size_t size, struct line *line, size_t *used,
                                  const char **why)
{
    enum csv_result result = event_csv_read(bytes, size, &line->event, used, why);

    if (result == CSV_ROW)
        line->at_ms = line->event.event.at_ms;
    return result;
}

enum csv_result line_read(const struct monitor_id *monitor, const char *bytes, size_t size,
                          struct line *line, size_t *used, const char **why)
{
    enum csv_result result;

    if (ledger_is_event_log(monitor))
        return read_event(bytes, size, line, used, why);
    result = csv_read(bytes, size, &line->row, used, why);
    if (result != CSV_ROW)
        return result;
    line->at_ms = line->row.check.start_ms;
    if (strcmp(line->row.site, monitor->site) == 0 &&
        strcmp(line->row.domain, monitor->domain) == 0)
        return CSV_ROW;
    *why = "row of another monitor";
    return CSV_BAD;
}

int line_write(struct buffer *into, const struct monitor_id *monitor, const struct line *line)
{
    return ledger_is_event_log(monitor)
               ? event_csv_write(into, &line->event.event)
               : csv_write(into, line->row.site, line->row.domain, &line->row.check);
}
