/* Reads the table of bot walls, and finds the row that a response meets. */
#include "model/bot_wall.h"

#include "base/asset.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The cells of a row, in the order of bot_walls.tsv. */
enum { NAME, STATUSES, HEADERS, MARKERS, MAX_BYTES, WHERE, SOURCE, CELLS };

static uint64_t bit(size_t n)
{
    return UINT64_C(1) << n;
}

/* Cuts off the part before the next separator, or all that is left; NULL: nothing is left. */
static char *cut(char **rest, const char *separator)
{
    char *part = *rest, *end = part ? strstr(part, separator) : NULL;

    if (end)
        *end = '\0';
    *rest = end ? end + strlen(separator) : NULL;
    return part;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

/* Adds a header condition, "Name: text", or finds an equal one. Returns its bit; 0: a mistake. */
static uint64_t add_header(struct bot_walls *walls, char *text)
{
    char *value = text;
    struct bytes name = bytes_of(cut(&value, ":"));
    size_t n = 0;

    if (!value || name.size == 0 || name.size > BOT_WALL_NAME_MAX)
        return 0;
    value += strspn(value, " ");
    for (; n < walls->n_headers; n++) {
        const struct bot_wall_header *header = &walls->headers[n];

        if (strcasecmp(header->name.data, name.data) != 0)
            continue;
        if (strcasecmp(header->value.data, value) == 0)
            return bit(n);
        name = header->name;
    }
    if (n == BOT_WALL_BITS)
        return 0;
    walls->headers[n] = (struct bot_wall_header){name, bytes_of(value)};
    walls->by_size[name.size] |= bit(n);
    walls->n_headers++;
    return bit(n);
}

/* The same for a marker of a body. */
static uint64_t add_marker(struct bot_walls *walls, char *text)
{
    size_t n = 0;

    while (n < walls->n_markers && strcmp(walls->markers[n].data, text) != 0)
        n++;
    if (n == BOT_WALL_BITS || !*text)
        return 0;
    if (n == walls->n_markers)
        walls->markers[walls->n_markers++] = bytes_of(text);
    return bit(n);
}

typedef uint64_t add_function(struct bot_walls *walls, char *text);

/* Reads "A||B&&C": clauses, and the alternatives of each. Returns 0, or -1 for a mistake. */
static int read_clauses(struct bot_walls *walls, char *cell, add_function *add, uint64_t *clauses,
                        size_t *n)
{
    char *clause;

    if (strcmp(cell, "-") == 0)
        return 0;
    while ((clause = cut(&cell, "&&"))) {
        char *alternative;

        if (*n == BOT_WALL_CLAUSES_MAX)
            return -1;
        while ((alternative = cut(&clause, "||"))) {
            uint64_t added = add(walls, alternative);

            if (!added)
                return -1;
            clauses[*n] |= added;
        }
        (*n)++;
    }
    return 0;
}

/* Reads "*" or "403,500-599". */
static int read_statuses(struct bot_wall *wall, char *cell)
{
    char *part;

    if (strcmp(cell, "*") == 0)
        return 0;
    while ((part = cut(&cell, ","))) {
        struct status_range *range = &wall->statuses[wall->n_statuses];
        char *last = part, *first = cut(&last, "-");

        if (wall->n_statuses == BOT_WALL_STATUSES_MAX)
            return -1;
        range->first = atoi(first);
        range->last = last ? atoi(last) : range->first;
        if (range->first < 100 || range->last > 599 || range->last < range->first)
            return -1;
        wall->n_statuses++;
    }
    return 0;
}

static int read_max_bytes(struct bot_wall *wall, const char *cell)
{
    wall->max_bytes = strcmp(cell, "-") == 0 ? INT64_MAX : atoi(cell);
    return wall->max_bytes > 0 ? 0 : -1;
}

/* Whether an ordinary page can be a hit of a row that has no header condition. Then the bodies of
 * all ordinary pages would be searched. */
static bool is_costly(const struct bot_wall *wall)
{
    bool costly = wall->n_statuses == 0;

    for (size_t i = 0; i < wall->n_statuses; i++)
        costly = costly || wall->statuses[i].first < 400;
    return costly && wall->n_headers == 0;
}

/* Whether a cell may be part of a failure text. It must not begin with a quote, like the text of a
 * bot_protection_string, and must not contain the text that ends the name. */
static bool is_text(const char *cell)
{
    return isalpha((unsigned char)*cell) && !strstr(cell, " (status ");
}

static const char *read_row(struct bot_walls *walls, char *line)
{
    struct bot_wall *wall = &walls->rows[walls->n_rows];
    char *cells[CELLS];

    if (walls->n_rows == BOT_WALL_BITS)
        return "too many rows";
    for (size_t i = 0; i < CELLS; i++) {
        cells[i] = cut(&line, "\t");
        if (!cells[i])
            return "too few cells";
    }
    *wall = (struct bot_wall){.name = cells[NAME], .where = cells[WHERE]};
    if (line)
        return "too many cells";
    if (!is_text(wall->name) || !is_text(wall->where))
        return "the name, or what its owner does, is not a text";
    if (read_statuses(wall, cells[STATUSES]))
        return "the statuses are not '*', or numbers and ranges from 100 to 599";
    if (read_clauses(walls, cells[HEADERS], add_header, wall->headers, &wall->n_headers))
        return "a header condition is not 'Name: text', or there are too many";
    if (read_clauses(walls, cells[MARKERS], add_marker, wall->markers, &wall->n_markers))
        return "a marker is empty, or there are too many";
    if (read_max_bytes(wall, cells[MAX_BYTES]))
        return "the size of the body is not '-' or a number";
    if (wall->n_headers + wall->n_markers == 0 || is_costly(wall))
        return "without a header condition, a marker and statuses from 400 on are needed";
    walls->n_rows++;
    return NULL;
}

struct bot_walls *bot_wall_parse(const char *text, size_t size, struct error *error)
{
    struct bot_walls *walls = calloc(1, sizeof *walls + size + 1);
    char *rest, *line;
    int number = 0;

    if (!walls) {
        error_set(error, EXIT_IO, "cannot start the checks: out of memory");
        return NULL;
    }
    memcpy(walls->text, text, size);
    rest = walls->text;
    while ((line = cut(&rest, "\n"))) {
        const char *mistake = *line == '#' || !*line ? NULL : read_row(walls, line);

        number++;
        if (mistake) {
            error_set(error, EXIT_IO, "bot_walls.tsv:%d: %s", number, mistake);
            free(walls);
            return NULL;
        }
    }
    return walls;
}

struct bot_walls *bot_wall_load(struct error *error)
{
    const struct asset *asset = asset_find("src/model/bot_walls.tsv");

    return bot_wall_parse(asset ? asset->data : "", asset ? asset->size : 0, error);
}

/* Without regard to case. Most texts differ in their first byte. */
static bool begins_with(const char *at, size_t size, const struct bytes *text)
{
    enum { CASE = 'a' - 'A' };

    if (size < text->size || (text->size > 0 && ((*at ^ *text->data) & ~CASE)))
        return false;
    return strncasecmp(at, text->data, text->size) == 0;
}

uint64_t bot_wall_headers(const struct bot_walls *walls, const char *line, size_t size)
{
    const char *colon =
        size > 0 ? memchr(line, ':', size <= BOT_WALL_NAME_MAX ? size : BOT_WALL_NAME_MAX + 1)
                 : NULL;
    uint64_t left = colon ? walls->by_size[colon - line] : 0, met = 0;
    const char *same = NULL, *other = NULL; /* names that were compared */

    for (size_t i = 0; left; i++, left >>= 1) {
        const struct bot_wall_header *header = &walls->headers[i];
        struct bytes value;

        if (!(left & 1) || header->name.data == other)
            continue;
        if (header->name.data != same && !begins_with(line, size, &header->name)) {
            other = header->name.data;
            continue;
        }
        same = header->name.data;
        value = (struct bytes){colon + 1, size - header->name.size - 1};
        for (; value.size > 0 && isspace((unsigned char)*value.data); value.data++)
            value.size--;
        if (begins_with(value.data, value.size, &header->value))
            met |= bit(i);
    }
    return met;
}

static bool has_status(const struct bot_wall *wall, int status)
{
    for (size_t i = 0; i < wall->n_statuses; i++) {
        if (status >= wall->statuses[i].first && status <= wall->statuses[i].last)
            return true;
    }
    return wall->n_statuses == 0;
}

static bool meets(const uint64_t *clauses, size_t n, uint64_t met)
{
    for (size_t i = 0; i < n; i++) {
        if (!(clauses[i] & met))
            return false;
    }
    return true;
}

uint64_t bot_wall_possible(const struct bot_walls *walls, int status, uint64_t headers)
{
    uint64_t possible = 0;

    for (size_t i = 0; i < walls->n_rows; i++) {
        const struct bot_wall *wall = &walls->rows[i];

        if (meets(wall->headers, wall->n_headers, headers) && has_status(wall, status))
            possible |= bit(i);
    }
    return possible;
}

uint64_t bot_wall_wanted(const struct bot_walls *walls, uint64_t possible)
{
    uint64_t wanted = 0;

    for (size_t i = 0; i < walls->n_rows; i++) {
        for (size_t n = 0; possible & bit(i) && n < walls->rows[i].n_markers; n++)
            wanted |= walls->rows[i].markers[n];
    }
    return wanted;
}

const struct bot_wall *bot_wall_find(const struct bot_walls *walls, uint64_t possible,
                                     uint64_t markers, int64_t body_bytes)
{
    for (size_t i = 0; possible && i < walls->n_rows; i++) {
        const struct bot_wall *wall = &walls->rows[i];

        if (possible & bit(i) && body_bytes <= wall->max_bytes &&
            meets(wall->markers, wall->n_markers, markers))
            return wall;
    }
    return NULL;
}

const char *bot_wall_agent(char text[BOT_WALL_AGENT_MAX])
{
    snprintf(text, BOT_WALL_AGENT_MAX, "uptick/%.*s", (int)strcspn(UPTICK_VERSION, "."),
             UPTICK_VERSION);
    return text;
}
