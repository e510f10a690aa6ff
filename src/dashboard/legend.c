/* Finds the states that the bars of a page show, for its legend. */
#include "dashboard/legend.h"

#include "base/clock.h"
#include "dashboard/day_values.h"
#include "dashboard/messages.h"

/* The states in the order of a legend. A timeout looks like DOWN. */
static const struct {
    enum status status;
    const char *message;
} order[] = {{STATUS_UP, "legend_up"},
             {STATUS_DEGRADED, "legend_degraded"},
             {STATUS_BOT_DETECTED, "legend_bot"},
             {STATUS_DOWN, "legend_down"},
             {STATUS_UNKNOWN, "legend_unknown"}};
enum { ORDER = sizeof order / sizeof order[0] };

/* Adds the states of these cells. */
static void see_cells(bool seen[STATUS_COUNT], const uint8_t *cells, size_t n)
{
    unsigned set = status_set(cells, n);

    for (int status = 0; status < STATUS_COUNT; status++)
        seen[status] |= set >> status & 1;
}

static void see_days(bool seen[STATUS_COUNT], const struct day_minutes *days, int64_t first_ms,
                     int64_t at_ms)
{
    uint8_t states[DAYS_SHOWN];

    if (!days)
        return;
    day_values_states(days, at_ms, first_ms, states);
    see_cells(seen, states, DAYS_SHOWN);
}

static void see_domain(bool seen[STATUS_COUNT], const struct snapshot *snapshot,
                       const struct domain_view *view)
{
    if (view->day_cells) /* the timeline is their end */
        see_cells(seen, view->day_cells, LATENCY_MINUTES);
    else
        see_cells(seen, view->timeline, snapshot->n_buckets);
    see_days(seen, view->days, view->first_ms, snapshot->at_ms);
}

static const struct value *legend_item(void *context, size_t i)
{
    struct legend *legend = context;
    size_t row = legend->listed[i];

    object_clear(&legend->item);
    object_text(&legend->item, "class", status_class(order[row].status));
    object_text(&legend->item, "text", messages_get(legend->messages, order[row].message));
    return &legend->item.value;
}

void legend_add(struct legend *legend, const struct snapshot *snapshot,
                const struct site_view *sites, size_t n_sites, bool of_domains, struct object *into)
{
    bool seen[STATUS_COUNT] = {false};

    for (size_t s = 0; s < n_sites; s++) {
        see_cells(seen, sites[s].timeline, snapshot->n_buckets);
        see_days(seen, sites[s].days, sites[s].first_ms, snapshot->at_ms);
        for (size_t run = 0; run < sites[s].n_day_runs; run++)
            seen[sites[s].day_runs[run].status] = true;
        for (size_t i = 0; of_domains && i < sites[s].n_domains; i++)
            see_domain(seen, snapshot, &sites[s].domains[i]);
    }
    seen[STATUS_DOWN] |= seen[STATUS_TIMEOUT];
    legend->n = 0;
    for (size_t i = 0; i < ORDER; i++) {
        if (seen[order[i].status])
            legend->listed[legend->n++] = i;
    }
    object_list(into, "legend", legend->n, legend_item, legend);
}
