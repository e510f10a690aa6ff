/* Draws many buckets in a row as the paths of an SVG. */
#include "dashboard/strips.h"

#include "base/memory.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

/* How the buckets of a status are drawn. */
static const struct {
    enum status as;      /* that of its path */
    const char *heights; /* of its strokes, a digit each */
    bool is_low;         /* lower than "up" */
} looks[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = {STATUS_UNKNOWN, "9", true},
    [STATUS_UP] = {STATUS_UP, "9", false},
    [STATUS_DEGRADED] = {STATUS_DEGRADED, "9", false},
    [STATUS_BOT_DETECTED] = {STATUS_BOT_DETECTED, "90", false},
    [STATUS_DOWN] = {STATUS_DOWN, "9", false},
    [STATUS_TIMEOUT] = {STATUS_DOWN, "9", false},
};

/* Finds the stretches of buckets that look alike. */
static void find_stretches(struct strips *strips, const uint8_t *cells, size_t n)
{
    size_t found = 0;

    for (size_t i = 0, n_alike; i < n; i += n_alike) {
        enum status as = looks[cells[i]].as;

        n_alike = memory_run(cells + i, n - i);
        if (found > 0 && strips->stretches[found - 1].as == as)
            strips->stretches[found - 1].n += n_alike;
        else
            strips->stretches[found++] = (struct strip_stretch){as, i, n_alike};
    }
    strips->n_stretches = found;
}

static char *put_number(char *at, char command, size_t number)
{
    char text[TEXT_NUMBER_MAX];
    size_t size = text_number(text, (long long)number);

    *at++ = command;
    memcpy(at, text, size);
    return at + size;
}

/* Draws the buckets of one status. */
static void draw_status(struct strips *strips, enum status status)
{
    size_t used = strips->n_paths ? strips->paths[strips->n_paths - 1].first +
                                        strips->paths[strips->n_paths - 1].size
                                  : 0;
    char *at = strips->space + used;

    for (size_t i = 0; i < strips->n_stretches; i++) {
        const struct strip_stretch *stretch = &strips->stretches[i];

        if (stretch->as != status)
            continue;
        for (const char *height = looks[status].heights; *height; height++) {
            at = put_number(at, 'M', stretch->first);
            *at++ = ',';
            *at++ = *height;
            at = put_number(at, 'h', stretch->n);
        }
    }
    assert((size_t)(at - strips->space) <= STRIPS_SPACE);
    if (at > strips->space + used)
        strips->paths[strips->n_paths++] =
            (struct strip_path){status, used, (size_t)(at - strips->space) - used};
}

static const struct value *path_item(void *context, size_t i)
{
    struct strips *strips = context;
    const struct strip_path *path = &strips->paths[i];

    object_clear(&strips->path);
    object_text(&strips->path, "class", status_class(path->status));
    object_add(
        &strips->path, "path",
        (struct value){.kind = VALUE_TEXT, .text = {strips->space + path->first, path->size}});
    return &strips->path.value;
}

/* The buckets before the first data: they are the first ones, and none of the others is low. */
static size_t count_before(const struct strips *strips, const size_t n_of[STATUS_COUNT])
{
    const struct strip_stretch *first = &strips->stretches[0];
    size_t n_low = 0;

    for (int status = 0; status < STATUS_COUNT; status++)
        n_low += looks[status].is_low ? n_of[status] : 0;
    return first->as == STATUS_UNKNOWN && first->n == n_low ? n_low : 0;
}

/* Draws the buckets after those before the first data. */
static void draw_paths(struct strips *strips, size_t before, const size_t n_of[STATUS_COUNT])
{
    bool is_low = false;

    for (int status = 0; status < STATUS_COUNT; status++)
        is_low = is_low || (looks[status].is_low && n_of[status] > 0 && before == 0);
    strips->n_paths = 0;
    for (int status = 0; status < STATUS_COUNT; status++) {
        bool is_drawn = status == STATUS_UP ? is_low : !looks[status].is_low || before == 0;

        if (n_of[status] && is_drawn)
            draw_status(strips, (enum status)status);
    }
}

void strips_add(struct strips *strips, const uint8_t *cells, size_t n,
                const struct messages *messages, const char *name, struct object *into)
{
    size_t n_of[STATUS_COUNT] = {0}, before;

    assert(n <= STRIPS_BUCKETS_MAX);
    find_stretches(strips, cells, n);
    for (size_t i = 0; i < strips->n_stretches; i++)
        n_of[strips->stretches[i].as] += strips->stretches[i].n;
    if (n_of[STATUS_UP] == n) {
        object_flag(into, name, false);
        return;
    }
    before = count_before(strips, n_of);
    draw_paths(strips, before, n_of);
    object_clear(&strips->object);
    object_number(&strips->object, "width", (long long)n);
    object_number(&strips->object, "height", STRIPS_HEIGHT);
    if (before)
        object_decimal(&strips->object, "before", (int)(before * 100000 / n), 1);
    else
        object_text(&strips->object, "before", "");
    object_list(&strips->object, "paths", strips->n_paths, path_item, strips);
    object_count(&strips->object, "n_paths", strips->n_paths);
    object_flag(&strips->object, "bad", n_of[STATUS_UP] + n_of[STATUS_UNKNOWN] < n);
    counts_add(&strips->counts, n_of, messages, &strips->object);
    object_inner(into, name, &strips->object);
}
