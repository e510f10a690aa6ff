#ifndef MODEL_BOT_WALL_H
#define MODEL_BOT_WALL_H

#include "base/error.h"
#include "config/config.h"

#include <stdint.h>

/*
 * Bot walls: products that answer a check with a page of their own, because they take it for a
 * robot. They are recognised by the rows of bot_walls.tsv, which describes its format. Pure: no
 * network, no file.
 *
 * Header conditions, body markers and rows are each a bit of a 64-bit number. If no wall can have
 * sent a response, that is clear after a few comparisons of its headers, and its body is not
 * searched.
 */
enum {
    BOT_WALL_BITS = 64,
    BOT_WALL_CLAUSES_MAX = 4,
    BOT_WALL_STATUSES_MAX = 8,
    BOT_WALL_NAME_MAX = 31 /* bytes of the name of a header */
};

/* Markers are searched in this many bytes of a body. */
enum { BOT_WALL_SEARCH_MAX = 64 << 10 };

/* A row. At least one bit of each clause must be set. */
struct bot_wall {
    const char *name;  /* "Cloudflare challenge" */
    const char *where; /* the owner of a site can allow a robot: "in Cloudflare" */
    struct status_range statuses[BOT_WALL_STATUSES_MAX];
    size_t n_statuses; /* 0: any status */
    uint64_t headers[BOT_WALL_CLAUSES_MAX];
    size_t n_headers;
    uint64_t markers[BOT_WALL_CLAUSES_MAX];
    size_t n_markers;
    int64_t max_bytes; /* the longest body; INT64_MAX: any */
};

/* A header condition: a field with this name whose value begins with this text. Equal names are at
 * the same address. */
struct bot_wall_header {
    struct bytes name, value;
};

struct bot_walls {
    struct bot_wall rows[BOT_WALL_BITS];
    struct bot_wall_header headers[BOT_WALL_BITS];
    struct bytes markers[BOT_WALL_BITS];
    size_t n_rows, n_headers, n_markers;
    uint64_t by_size[BOT_WALL_NAME_MAX + 1]; /* the header conditions, by the size of the name */
    char text[];                             /* the names and texts of all of them */
};

/* Reads a table. The caller frees it with free. NULL: out of memory, or the table has a mistake. */
struct bot_walls *bot_wall_parse(const char *text, size_t size, struct error *error);

/* Reads the table of the program. */
struct bot_walls *bot_wall_load(struct error *error);

/* The header conditions that a line of response headers meets, folded lines joined. */
uint64_t bot_wall_headers(const struct bot_walls *walls, const char *line, size_t size);

/* The rows that a response may be, by its status and the header conditions that it meets. */
uint64_t bot_wall_possible(const struct bot_walls *walls, int status, uint64_t headers);

/* The markers to search in the body, if these rows are possible. */
uint64_t bot_wall_wanted(const struct bot_walls *walls, uint64_t possible);

/* The first possible row whose markers were found in a body of this size; NULL: none. */
const struct bot_wall *bot_wall_find(const struct bot_walls *walls, uint64_t possible,
                                     uint64_t markers, int64_t body_bytes);

/* Writes the user agent of checks that configure none. Only the major version, so that rules of
 * firewalls survive an upgrade. Returns the text. */
enum { BOT_WALL_AGENT_MAX = 32 };
const char *bot_wall_agent(char text[BOT_WALL_AGENT_MAX]);

#endif
