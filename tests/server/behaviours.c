/* The behaviours, found by name. */
#include "awkward.h"

#include <stdio.h>
#include <string.h>

static void list(struct connection *to, const struct request *request);
static void only(struct connection *to, const struct request *request);

static const struct behaviour_row general[] = {
    {"", list, "this list"},
    {"_count", record_answer, "_count/TARGET: the number of requests"},
    {"_times", record_answer, "_times/TARGET: their times"},
    {"_last", record_answer, "_last/TARGET: the latest request"},
    {"only", only, "only/WHO/TARGET: for this method, or with this header; else the content"},
    {NULL, NULL, NULL},
};

static const struct behaviour_row *const tables[] = {
    general,          behaviours_bodies,  behaviours_encodings,
    behaviours_heads, behaviours_parrots, behaviours_redirects,
    behaviours_times, behaviours_files,   behaviours_walls,
    behaviours_posts,
};

enum { TABLES = sizeof tables / sizeof tables[0] };

static void list(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    for (size_t i = 0; i < TABLES; i++) {
        for (const struct behaviour_row *row = tables[i]; row->word; row++)
            connection_printf(to, "/%-22s %s\n", row->word, row->says);
    }
}

/* only/WHO/TARGET: what TARGET does for requests with the method or the header WHO, the content for
 * others. A redirect of TARGET to itself leads here again. */
static void only(struct connection *to, const struct request *request)
{
    const char *target = strchr(request->argument, '/');
    struct request inner = *request;
    char who[64], value[256];

    snprintf(who, sizeof who, "%.*s", (int)strcspn(request->argument, "/"), request->argument);
    if (target &&
        (strcmp(request->method, who) == 0 || request_header(request, who, value, sizeof value)))
        request_split(&inner, target);
    else
        request_split(&inner, "/ok");
    behaviour_run(to, &inner);
}

void behaviour_run(struct connection *to, const struct request *request)
{
    for (size_t i = 0; i < TABLES; i++) {
        for (const struct behaviour_row *row = tables[i]; row->word; row++) {
            if (strcmp(row->word, request->word) == 0) {
                row->run(to, request);
                return;
            }
        }
    }
    connection_page(to, 404, "", "no such behaviour\n");
}
