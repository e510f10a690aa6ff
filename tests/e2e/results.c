/* Reads the program's results: rows and status.json. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes one field (RFC 4180) in place. Returns the text after it; NULL: no field. */
static char *read_field(char *at, char **field)
{
    char *to = at;

    *field = at;
    if (*at != '"') {
        at += strcspn(at, ",\n\"");
        return *at == '"' ? NULL : at;
    }
    for (at++; *at && (at[0] != '"' || at[1] == '"'); at++) {
        if (*at == '"')
            at++;
        *to++ = *at;
    }
    if (*at != '"')
        return NULL;
    *to = '\0';
    return at + 1;
}

/* Reads one row. Returns the start of the next; NULL: torn or invalid. */
static char *read_row(char *at, struct csv_row *row)
{
    for (int i = 0; i < FIELDS; i++) {
        char ends = i < FIELDS - 1 ? ',' : '\n';

        at = read_field(at, &row->field[i]);
        if (!at || *at != ends)
            return NULL;
        *at++ = '\0';
    }
    return at;
}

static void read_rows(struct e2e *world, const char *name, struct csv *csv)
{
    char *at = e2e_read_any(world, name);
    size_t lines = 0;

    if (!at)
        return;
    for (const char *c = at; *c; c++)
        lines += *c == '\n';
    csv->rows = realloc(csv->rows, (csv->n + lines + 1) * sizeof *csv->rows);
    if (!csv->rows)
        fail_msg("out of memory");
    while (*at) {
        at = read_row(at, &csv->rows[csv->n]);
        e2e_check(at != NULL, "%s: row %zu is torn", name, csv->n + 1);
        csv->n++;
    }
}

struct csv e2e_csv(struct e2e *world, const char *name)
{
    struct csv csv = {NULL, 0};

    read_rows(world, name, &csv);
    if (csv.rows)
        e2e_keep(world, csv.rows);
    return csv;
}

static struct csv rows_of_files(struct e2e *world, const char *const *patterns)
{
    struct csv csv = {NULL, 0};

    for (; *patterns; patterns++) {
        glob_t found;

        if (glob(e2e_path(world, *patterns), 0, NULL, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc; i++)
                read_rows(world, found.gl_pathv[i], &csv);
        }
        globfree(&found);
    }
    if (csv.rows)
        e2e_keep(world, csv.rows);
    return csv;
}

struct csv e2e_rows(struct e2e *world, const char *monitor)
{
    const char *const patterns[] = {e2e_format(world, "data/archive/*/%s.log", monitor),
                                    e2e_format(world, "data/live/%s.log", monitor), NULL};

    return rows_of_files(world, patterns);
}

size_t e2e_all_rows(struct e2e *world)
{
    const char *const patterns[] = {"data/archive/*/*/*.log", "data/live/*/*.log", NULL};

    return rows_of_files(world, patterns).n;
}

json_t *e2e_status(struct e2e *world)
{
    json_error_t error;
    json_t *status = json_load_file(e2e_path(world, "public/status.json"), 0, &error);

    if (!status)
        fail_msg("public/status.json:%d: %s", error.line, error.text);
    if (!world->documents)
        world->documents = json_array();
    json_array_append_new(world->documents, status);
    return status;
}

static json_t *by_id(const json_t *list, const char *id, size_t length)
{
    size_t i;
    json_t *entry;

    json_array_foreach(list, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "id"));

        if (name && strlen(name) == length && strncmp(name, id, length) == 0)
            return entry;
    }
    return NULL;
}

json_t *e2e_entry(const json_t *status, const char *monitor)
{
    const char *slash = strchrnul(monitor, '/');
    json_t *entry = by_id(json_object_get(status, "sites"), monitor, (size_t)(slash - monitor));

    if (entry && *slash)
        entry = by_id(json_object_get(entry, "domains"), slash + 1, strlen(slash + 1));
    if (!entry)
        fail_msg("status.json has no '%s'", monitor);
    return entry;
}

const char *e2e_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text)
        fail_msg("no text with the key '%s'", key);
    return text;
}
