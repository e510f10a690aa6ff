/* Makes the charts of latency and state: paths of SVG, failures, and the same in words. */
#include "dashboard/chart.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/messages.h"
#include "dashboard/outage_values.h"
#include "dashboard/snapshot.h"
#include "model/day_runs.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name, *message; /* NULL: the hours of the timeline */
    int64_t part_ms;            /* of a point; 0: a slice of minutes */
    size_t n_parts;
} spans[CHARTS] = {
    [CHART_HISTORY] = {"4h", NULL, 0, 0},
    [CHART_24H] = {"24h", "span_24h", 0, 0},
    [CHART_7D] = {"7d", "span_7d", LATENCY_WEEK_MINUTES *MS_PER_MINUTE, LATENCY_WEEK_SLOTS},
    [CHART_30D] = {"30d", "span_30d", (int64_t)LATENCY_MONTH_MINUTES *MS_PER_MINUTE,
                   LATENCY_MONTH_SLOTS},
};

static bool is_whole_day(const struct config *config)
{
    return config->history_hours * 60 == LATENCY_MINUTES;
}

size_t chart_count(const struct config *config)
{
    return is_whole_day(config) ? CHARTS - 1 : CHARTS;
}

enum chart_span chart_at(const struct config *config, size_t i)
{
    return (enum chart_span)(i > 0 && is_whole_day(config) ? i + 1 : i);
}

const char *chart_name(enum chart_span span)
{
    return spans[span].name;
}

void chart_add_label(const struct chart *chart, enum chart_span span, struct object *into)
{
    char hours[TEXT_NUMBER_MAX];

    if (spans[span].message) {
        object_text(into, "label", messages_get(chart->messages, spans[span].message));
        return;
    }
    text_number(hours, chart->snapshot->config->history_hours);
    object_join(into, "label",
                (const char *const[]){hours, " ", messages_get(chart->messages, "hours"), NULL});
}

void chart_range(const struct snapshot *snapshot, enum chart_span span, int64_t *from_ms,
                 int64_t *to_ms)
{
    int64_t part_ms = spans[span].part_ms;

    if (part_ms) {
        *to_ms = (clock_floor_div(snapshot->at_ms, part_ms) + 1) * part_ms;
        *from_ms = *to_ms - part_ms * (int64_t)spans[span].n_parts;
        return;
    }
    *to_ms = snapshot->from_ms + (int64_t)snapshot->n_buckets * MS_PER_MINUTE;
    *from_ms = span == CHART_24H ? *to_ms - MS_PER_DAY : snapshot->from_ms;
}

/* The minutes of a span of at most a day. */
static size_t minutes_of(const struct chart *chart, enum chart_span span)
{
    return span == CHART_24H ? LATENCY_MINUTES : chart->snapshot->n_buckets;
}

static void fill_minutes(const struct chart *chart, const struct domain_view *view,
                         enum chart_span span, struct latency_chart *latency)
{
    size_t n = minutes_of(chart, span);

    latency_fill(latency, view->latencies + LATENCY_MINUTES - n,
                 view->day_cells + LATENCY_MINUTES - n, n);
}

/* The slots of a domain; NULL: unknown. */
static const struct latency_slot *slots_of(const struct domain_view *view, enum chart_span span)
{
    return span == CHART_7D ? view->week : view->month;
}

static int highest_slot(const struct latency_slot *slots, size_t n)
{
    uint16_t above = 1; /* one more than the highest: that of LATENCY_NONE is 0 */

    for (size_t i = 0; i < n; i++) {
        uint16_t next = (uint16_t)(slots[i].p95 + 1);

        above = next > above ? next : above;
    }
    return above - 1;
}

/* Finds the highest values of a domain. */
static void find_highest(struct chart *chart, size_t domain, int highest[CHARTS])
{
    const struct domain_view *view = &chart->site->domains[domain];
    struct latency_chart *kept = chart->kept[domain < CHART_KEPT ? domain : 0];

    for (size_t i = 0; i < chart_count(chart->snapshot->config); i++) {
        enum chart_span span = chart_at(chart->snapshot->config, i);
        int value;

        if (spans[span].part_ms) {
            const struct latency_slot *slots = slots_of(view, span);

            value = slots ? highest_slot(slots, spans[span].n_parts) : 0;
        } else {
            struct latency_chart *latency = domain < CHART_KEPT ? &kept[span] : &chart->latency;

            fill_minutes(chart, view, span, latency);
            value = latency->highest;
        }
        if (value > highest[span])
            highest[span] = value;
    }
}

/* The top of a scale: the smallest number >= highest that is 1, 2, 3, 4, 5, 6 or 8 and zeros, and
 * even. */
static int scale_top(int highest)
{
    static const int steps[] = {1, 2, 3, 4, 5, 6, 8};

    for (int power = 1;; power *= 10) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            int top = steps[i] * power;

            if (top >= highest && top % 2 == 0)
                return top;
        }
    }
}

static bool is_loaded(const struct domain_view *view)
{
    return view->latencies && view->day_cells;
}

void chart_begin(struct chart *chart, const struct site_view *site)
{
    int highest[CHARTS] = {0};

    chart->site = site;
    for (size_t i = 0; i < site->n_domains; i++) {
        if (is_loaded(&site->domains[i]))
            find_highest(chart, i, highest);
    }
    for (int i = 0; i < CHARTS; i++)
        chart->tops[i] = scale_top(highest[i]);
}

/*
 * A path being written. After the first point it has relative commands, because they are short. A
 * point needs at most 14 bytes: "m668-100v-100", or "M670,100h0".
 */
struct path {
    char *at;
    int x, y;     /* the end of the commands so far */
    char command; /* the last one: before a minus sign it need not be repeated */
};

/* The most costly band is that of every second point: it has the points beside it too. The bytes
 * that text_put_small writes beyond its end are included. */
_Static_assert(CHART_POINTS_MAX * 14 + TEXT_SMALL_SIZE < CHART_PATH, "a line has room");
_Static_assert(CHART_POINTS_MAX * 24 + TEXT_SMALL_SIZE < CHART_BAND, "all bands have room");

/* These write numbers between -1000 and 1000, and return the end of what they wrote. They and
 * draw_through keep the path out of memory: a page has hundreds of points for each domain. */
static inline char *put_number(char *at, int number)
{
    *at = '-';
    at += number < 0;
    return text_put_small(at, (unsigned)(number < 0 ? -number : number));
}

static inline char *put_command(char *at, char last, char command, int number)
{
    *at = command;
    at += command != last || number >= 0;
    return put_number(at, number);
}

/* Writes two numbers; a minus sign separates them too. */
static inline char *put_pair(char *at, char last, char command, int x, int y)
{
    at = put_command(at, last, command, x);
    *at = ',';
    at += y >= 0;
    return put_number(at, y);
}

static void move_to(struct path *path, int x, int y)
{
    *path = (struct path){put_pair(path->at, '\0', 'M', x, y), x, y, 'M'};
}

/* Draws a line on through n spots, one after the other or, if step is -1, one before the other.
 * Spots on one level are one command. */
static void draw_through(struct path *path, const struct chart_spot *first, size_t n, int step,
                         enum chart_line line)
{
    char *at = path->at, command = path->command;
    int x = path->x, y = path->y, level_x = x;

    for (int i = 0; i < (int)n; i++) {
        const struct chart_spot *spot = first + i * step;
        int next_y = spot->y[line];

        if (next_y != y) {
            if (level_x != x) {
                at = put_command(at, command, 'h', level_x - x);
                command = 'h';
            }
            at = put_pair(at, command, 'l', spot->x - level_x, next_y - y);
            command = 'l';
            x = spot->x;
            y = next_y;
        }
        level_x = spot->x;
    }
    if (level_x != x) {
        at = put_command(at, command, 'h', level_x - x);
        command = 'h';
    }
    *path = (struct path){at, level_x, y, command};
}

/* Finds the spots. Lines also pass through points in which no check started, if the domain was up.
 */
static void find_spots(struct chart *chart)
{
    /* The height of a millisecond in 2^-40 units, at most one of them too large: a latency has 16
     * bits and a scale 17, so what a multiplication and a division by the scale make is the same.
     */
    enum { SHIFT = 40 };
    uint64_t factor = ((uint64_t)CHART_HEIGHT << SHIFT) / (unsigned)chart->tops[chart->span] + 1;
    struct chart_spot *spot = chart->spots;

    for (size_t i = 0; i < chart->n_points; i++) {
        const struct latency_slice *point = &chart->points[i];

        if (point->median != LATENCY_NONE) {
            uint16_t p95 = point->p95 == LATENCY_NONE ? point->median : point->p95;

            *spot++ = (struct chart_spot){
                .x = (uint16_t)(CHART_UNITS * i + CHART_UNITS / 2),
                .y = {[CHART_MEDIAN] = (uint8_t)(CHART_HEIGHT - (point->median * factor >> SHIFT)),
                      [CHART_P95] = (uint8_t)(CHART_HEIGHT - (p95 * factor >> SHIFT))}};
        }
        if (point->broken && spot > chart->spots)
            spot[-1].is_last = true;
    }
    chart->n_spots = (size_t)(spot - chart->spots);
}

/* A point without neighbours is a line of length 0: its round ends make a dot. */
static void draw_median(struct path *path, const struct chart_spot *spots, size_t n)
{
    move_to(path, spots->x, spots->y[CHART_MEDIAN]);
    draw_through(path, spots + 1, n - 1, 1, CHART_MEDIAN);
    if (n == 1)
        path->at = put_command(path->at, path->command, 'h', 0);
}

/* Draws the area between two lines. A point without neighbours is as wide as its part of the span.
 */
static void draw_band(struct path *path, const struct chart_spot *spots, size_t n)
{
    struct chart_spot edges[2] = {spots[0], spots[0]};

    if (n == 1) {
        edges[0].x = (uint16_t)(edges[0].x - CHART_UNITS / 2);
        edges[1].x = (uint16_t)(edges[1].x + CHART_UNITS / 2);
        spots = edges;
        n = 2;
    }
    move_to(path, spots->x, spots->y[CHART_P95]);
    draw_through(path, spots + 1, n - 1, 1, CHART_P95);
    draw_through(path, spots + n - 1, n, -1, CHART_MEDIAN);
    *path->at++ = 'z';
}

/* A smaller difference is hidden by the line of the medians. */
static bool is_spread(const struct chart_spot *spot)
{
    return spot->y[CHART_MEDIAN] - spot->y[CHART_P95] > 1;
}

/* Draws a band from the medians to p95 wherever the difference shows; it begins and ends at the
 * points beside these. */
static void draw_p95(struct path *path, const struct chart_spot *spots, size_t n)
{
    for (size_t i = 0, first; i < n; i++) {
        if (!is_spread(&spots[i]))
            continue;
        first = i > 0 ? i - 1 : i;
        while (i + 1 < n && is_spread(&spots[i]))
            i++;
        draw_band(path, spots + first, i - first + 1);
    }
}

/* Draws line after line. */
static void draw_lines(struct chart *chart)
{
    struct path median = {.at = chart->median}, p95 = {.at = chart->p95};

    for (size_t first = 0, n; first < chart->n_spots; first += n) {
        const struct chart_spot *spots = chart->spots + first;

        for (n = 1; first + n < chart->n_spots && !spots[n - 1].is_last;)
            n++;
        draw_median(&median, spots, n);
        draw_p95(&p95, spots, n);
    }
    *median.at = '\0';
    *p95.at = '\0';
}

static void add_latency(struct object *object, const char *name, uint16_t ms)
{
    if (ms == LATENCY_NONE)
        object_text(object, name, "");
    else
        object_number(object, name, ms);
}

/* The latencies of a domain that is not loaded. */
static void clear_latency(struct latency_chart *latency)
{
    *latency = (struct latency_chart){.median = LATENCY_NONE, .p95 = LATENCY_NONE};
    for (size_t i = 0; i < LATENCY_SLICES; i++)
        latency->slices[i] = (struct latency_slice){.median = LATENCY_NONE, .p95 = LATENCY_NONE};
}

/* Loads the points of 24 hours at most. */
static void load_minutes(struct chart *chart)
{
    size_t domain = (size_t)(chart->view - chart->site->domains);
    const struct latency_chart *latency = &chart->latency;

    if (!is_loaded(chart->view))
        clear_latency(&chart->latency);
    else if (domain < CHART_KEPT)
        latency = &chart->kept[domain][chart->span];
    else
        fill_minutes(chart, chart->view, chart->span, &chart->latency);
    chart->points = latency->slices;
    chart->n_points = LATENCY_SLICES;
    add_latency(&chart->object, "median", latency->median);
    add_latency(&chart->object, "p95", latency->p95);
    object_flag(&chart->object, "measured", latency->n_measured > 0);
}

/* Loads the points of 7 or 30 days. */
static void load_slots(struct chart *chart, const struct latency_slot *slots)
{
    uint16_t lowest = LATENCY_NONE, highest = 0, p95 = 0;

    chart->points = chart->slots;
    chart->n_points = spans[chart->span].n_parts;
    for (size_t i = 0; i < chart->n_points; i++) {
        chart->slots[i] = (struct latency_slice){.median = slots[i].median,
                                                 .p95 = slots[i].p95,
                                                 .broken = !status_is_good(slots[i].status)};
        if (slots[i].median == LATENCY_NONE)
            continue;
        if (slots[i].median < lowest)
            lowest = slots[i].median;
        if (slots[i].median > highest)
            highest = slots[i].median;
        if (slots[i].p95 > p95)
            p95 = slots[i].p95;
    }
    add_latency(&chart->object, "median", lowest == LATENCY_NONE ? LATENCY_NONE : highest);
    add_latency(&chart->object, "p95", lowest == LATENCY_NONE ? LATENCY_NONE : p95);
    object_flag(&chart->object, "measured", lowest != LATENCY_NONE);
    add_latency(&chart->object, "lowest", lowest);
}

/* Where a moment is in the width of the chart. */
static int place_of(const struct chart *chart, int64_t ms)
{
    int64_t from_ms, to_ms, width = (int64_t)chart->n_points * CHART_UNITS;

    chart_range(chart->snapshot, chart->span, &from_ms, &to_ms);
    if (ms <= from_ms)
        return 0;
    return ms >= to_ms ? (int)width : (int)((ms - from_ms) * width / (to_ms - from_ms));
}

static int64_t end_of(const struct chart *chart, const struct outage *outage)
{
    return outage->end == OUTAGE_ONGOING ? chart->snapshot->at_ms : outage->to_ms;
}

/* A box without a top: its edges are the begin and the end. */
static void add_box(struct chart *chart, const struct outage *outage)
{
    int from = place_of(chart, outage->from_ms), to = place_of(chart, end_of(chart, outage));
    char text[32];
    char *at = put_pair(text, '\0', 'M', from, 0);

    if (to == from)
        to++;
    at = put_command(at, 'M', 'v', CHART_HEIGHT);
    at = put_command(at, 'v', 'h', to - from);
    at = put_command(at, 'h', 'v', -CHART_HEIGHT);
    object_bytes(&chart->failure, "path", text, (size_t)(at - text));
}

static const struct value *failure_item(void *context, size_t i)
{
    struct chart *chart = context;
    const struct outage *outage = chart->failures[i];
    const struct snapshot *snapshot = chart->snapshot;
    struct object *object = &chart->failure;

    object_clear(object);
    add_box(chart, outage);
    outage_values_add_id(snapshot, chart->view, outage, object);
    object_flag(object, "listed", outage_values_lists(chart->view, outage));
    object_when(object, "from", outage->from_ms, snapshot->at_ms, chart->messages);
    object_span(object, "duration", outage->from_ms, end_of(chart, outage), chart->messages);
    object_add(object, "status", messages_status(chart->messages, outage->status));
    object_brief(object, "failure", outage->reasons[0].failure, CEILING_LABEL_BYTES);
    return &object->value;
}

/* Finds the outages in the span, the newest first. */
static void add_failures(struct chart *chart)
{
    const struct outage_list *list = &chart->view->outages[LIST_ALL];
    int64_t from_ms, to_ms;
    size_t n = 0;

    chart_range(chart->snapshot, chart->span, &from_ms, &to_ms);
    chart->n_failures = 0;
    for (size_t i = list->n; i-- > 0;) {
        if (end_of(chart, list->items[i]) < from_ms)
            continue;
        if (n++ < CEILING_CHART_FAILURES)
            chart->failures[chart->n_failures++] = list->items[i];
    }
    object_list(&chart->object, "failures", chart->n_failures, failure_item, chart);
    object_count(&chart->object, "n_failures_more", n - chart->n_failures);
}

static const struct value *state_item(void *context, size_t i)
{
    struct chart *chart = context;
    enum status status = chart->states[i];
    struct object *object = &chart->state;

    object_clear(object);
    object_add(object, "status", messages_status(chart->messages, status));
    if (spans[chart->span].part_ms)
        object_text(object, "duration", "");
    else
        object_duration(object, "duration", chart->tally.minutes[status] * MS_PER_MINUTE,
                        chart->messages);
    object_number(object, "n", chart->tally.minutes[status]);
    object_flag(object, "more", i + 1 < chart->n_states);
    return &object->value;
}

/* Adds the states that occur, except UP, the worst first. */
static void add_states(struct chart *chart, const uint8_t *cells, size_t n)
{
    static const enum status order[] = {STATUS_DOWN, STATUS_TIMEOUT, STATUS_BOT_DETECTED,
                                        STATUS_DEGRADED, STATUS_UNKNOWN};

    chart->tally = (struct tally){{0}};
    aggregator_count(cells, n, &chart->tally);
    chart->n_states = 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (chart->tally.minutes[order[i]])
            chart->states[chart->n_states++] = order[i];
    }
    object_list(&chart->object, "states", chart->n_states, state_item, chart);
    object_number(&chart->object, "n_parts", (long long)n);
}

/* Whether all parts are UNKNOWN but those of the last 24 hours: another chart has these. */
static bool is_empty(const struct latency_slot *slots, enum chart_span span)
{
    size_t n_last = (size_t)((MS_PER_DAY + spans[span].part_ms - 1) / spans[span].part_ms);

    for (size_t i = 0; slots && i + n_last < spans[span].n_parts; i++) {
        if (slots[i].status != STATUS_UNKNOWN)
            return false;
    }
    return true;
}

static void add_paths(struct chart *chart)
{
    struct object *object = &chart->object;
    char top[TEXT_NUMBER_MAX], half[TEXT_NUMBER_MAX];

    find_spots(chart);
    draw_lines(chart);
    text_count((uint64_t)chart->tops[chart->span], top);
    text_count((uint64_t)chart->tops[chart->span] / 2, half);
    object_number(object, "width", (long long)chart->n_points * CHART_UNITS);
    object_bytes(object, "top", top, strlen(top));
    object_bytes(object, "half", half, strlen(half));
    object_text(object, "median_path", chart->median);
    object_text(object, "p95_path", chart->p95);
}

static void add_minutes(struct chart *chart)
{
    const struct domain_view *view = chart->view;
    struct bucket_run runs[DAY_BUCKETS];
    uint8_t buckets[DAY_BUCKETS];
    struct object *object = &chart->object;

    object_flag(object, "is_empty", false);
    load_minutes(chart);
    object_text(object, "lowest", "");
    object_flag(object, "is_timeline", chart->span == CHART_HISTORY);
    add_paths(chart);
    add_failures(chart);
    if (chart->span == CHART_HISTORY)
        return;
    add_states(chart, view->day_cells, LATENCY_MINUTES);
    day_runs_expand(runs, day_runs_find(view->day_cells, runs), buckets);
    strips_add(&chart->strips, buckets, DAY_BUCKETS, chart->messages, "strip", object);
}

static void add_slots(struct chart *chart, const struct latency_slot *slots)
{
    uint8_t cells[CHART_POINTS_MAX];
    struct object *object = &chart->object;

    object_flag(object, "is_empty", false);
    load_slots(chart, slots);
    object_flag(object, "is_timeline", false);
    add_paths(chart);
    add_failures(chart);
    object_flag(object, "of_hours", chart->span == CHART_7D);
    for (size_t i = 0; i < chart->n_points; i++)
        cells[i] = (uint8_t)slots[i].status;
    add_states(chart, cells, chart->n_points);
    strips_add(&chart->strips, cells, chart->n_points, chart->messages, "strip", object);
}

/* All charts have the fields that they share at the same places, so that names are found at once.
 */
static const struct value *chart_item(void *context, size_t i)
{
    struct chart *chart = context;
    enum chart_span span = chart->span = chart_at(chart->snapshot->config, i);
    struct object *object = &chart->object;

    object_clear(object);
    object_text(object, "id", spans[span].name);
    chart_add_label(chart, span, object);
    if (spans[span].part_ms && is_empty(slots_of(chart->view, span), span)) {
        object_flag(object, "is_empty", true);
        return &object->value;
    }
    if (spans[span].part_ms)
        add_slots(chart, slots_of(chart->view, span));
    else
        add_minutes(chart);
    return &object->value;
}

void chart_add(struct chart *chart, const struct domain_view *view, struct object *into)
{
    chart->view = view;
    object_list(into, "charts", is_loaded(view) ? chart_count(chart->snapshot->config) : 1,
                chart_item, chart);
}
