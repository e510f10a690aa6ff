/* The lines of records, of monitors and of the event log. */
#include "records/line.h"

#include "state/ledger.h"

static enum csv_result read_event(const char *bytes, size_t size, struct line *line, size_t *used,
                                  const char **why)
{
    enum csv_result result = event_csv_read(bytes, size, &line->event, used, why);

    if (result == CSV_ROW)
        line->at_ms = line->event.event.at_ms;
    return result;
}

void line_begin(struct line_source *source, const struct monitor_id *monitor)
{
    source->is_event_log = ledger_is_event_log(monitor);
    if (!source->is_event_log)
        csv_set_ids(&source->ids, monitor->site, monitor->domain);
}

enum csv_result line_read(const struct line_source *source, const char *bytes, size_t size,
                          struct line *line, size_t *used, const char **why)
{
    enum csv_result result;

    if (source->is_event_log)
        return read_event(bytes, size, line, used, why);
    result = csv_read_of(&source->ids, bytes, size, &line->check, used, why);
    if (result == CSV_ROW)
        line->at_ms = line->check.start_ms;
    return result;
}

int line_write(struct buffer *into, const struct monitor_id *monitor, const struct line *line)
{
    return ledger_is_event_log(monitor)
               ? event_csv_write(into, &line->event.event)
               : csv_write(into, monitor->site, monitor->domain, &line->check);
}
