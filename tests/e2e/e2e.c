/* The world of a test: its folder, its files and its end. */
#define _GNU_SOURCE
#include "e2e.h"
#include "cmocka_all.h"
#include "e2e_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct kept {
    struct kept *next;
    void *memory;
};

void *e2e_keep(struct e2e *world, void *memory)
{
    struct kept *kept = malloc(sizeof *kept);

    if (!kept || !memory)
        fail_msg("out of memory");
    *kept = (struct kept){world->kept, memory};
    world->kept = kept;
    return memory;
}

void e2e_release(struct e2e *world, struct kept *since)
{
    while (world->kept != since) {
        struct kept *kept = world->kept;

        world->kept = kept->next;
        free(kept->memory);
        free(kept);
    }
}

static char *format_list(struct e2e *world, const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        fail_msg("out of memory");
    return e2e_keep(world, text);
}

char *e2e_format(struct e2e *world, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = format_list(world, format, args);
    va_end(args);
    return text;
}

void e2e_check(bool holds, const char *format, ...)
{
    char text[1024];
    va_list args;

    if (holds)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fail_msg("%s", text);
}

int64_t e2e_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

char *e2e_path(struct e2e *world, const char *name)
{
    return name[0] == '/' ? e2e_format(world, "%s", name)
                          : e2e_format(world, "%s/%s", world->folder, name);
}

static void make_parent_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            fail_msg("%s: %s", path, strerror(errno));
        *slash = '/';
    }
}

void e2e_write_bytes(struct e2e *world, const char *name, const void *bytes, size_t size)
{
    char *path = e2e_path(world, name);
    FILE *file;

    make_parent_folders(path);
    file = fopen(path, "w");
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    if (fwrite(bytes, 1, size, file) != size || fclose(file))
        fail_msg("%s: %s", path, strerror(errno));
}

void e2e_write(struct e2e *world, const char *name, const char *text)
{
    e2e_write_bytes(world, name, text, strlen(text));
}

char *e2e_read_any(struct e2e *world, const char *name)
{
    FILE *file = fopen(e2e_path(world, name), "r");
    char *text = NULL;
    size_t size = 0;
    FILE *memory;
    int c;

    if (!file)
        return NULL;
    memory = open_memstream(&text, &size);
    while (memory && (c = getc(file)) != EOF)
        putc(c, memory);
    fclose(file);
    if (!memory || fclose(memory))
        fail_msg("out of memory");
    return e2e_keep(world, text);
}

char *e2e_read(struct e2e *world, const char *name)
{
    char *text = e2e_read_any(world, name);

    if (!text)
        fail_msg("%s: %s", name, strerror(errno));
    return text;
}

bool e2e_exists(struct e2e *world, const char *name)
{
    struct stat status;

    return lstat(e2e_path(world, name), &status) == 0;
}

void e2e_shell(struct e2e *world, const char *format, ...)
{
    va_list args;
    char *command;

    va_start(args, format);
    command = format_list(world, format, args);
    va_end(args);
    if (system(e2e_format(world, "cd '%s' && %s", world->folder, command)) != 0)
        fail_msg("command failed: %s", command);
}

/* The value of a name between two @; NULL: unknown. */
static const char *meaning(struct e2e *world, const char *name)
{
    if (strcmp(name, "folder") == 0)
        return world->folder;
    if (*name == ':' && e2e_port(world, name + 1))
        return e2e_format(world, ":%d", e2e_port(world, name + 1));
    if (!e2e_port(world, name))
        return NULL;
    return e2e_format(world, "%s:%d", strcmp(name, "http6") == 0 ? "[::1]" : "127.0.0.1",
                      e2e_port(world, name));
}

char *e2e_expand(struct e2e *world, const char *text)
{
    char *expanded = NULL;
    size_t size = 0;
    FILE *into = open_memstream(&expanded, &size);

    if (!into)
        fail_msg("out of memory");
    while (*text) {
        size_t length = strcspn(text + 1, "@");
        const char *means = NULL;

        if (*text == '@' && text[1 + length] == '@')
            means = meaning(world, e2e_format(world, "%.*s", (int)length, text + 1));
        if (means)
            fputs(means, into);
        else
            putc(*text, into);
        text += means ? length + 2 : 1;
    }
    if (fclose(into))
        fail_msg("out of memory");
    return e2e_keep(world, expanded);
}

/* The first line that begins with this key; NULL: there is none. */
static const char *find_top_key(const char *yaml, const char *key)
{
    for (const char *at = strstr(yaml, key); at; at = strstr(at + 1, key)) {
        if (at == yaml || at[-1] == '\n')
            return at;
    }
    return NULL;
}

/*
 * A failed check is an outage at once, unless the configuration has the key `confirm`. One that is
 * not written in lines stays as it is. The columns of other keys in `defaults: {…}` stay too, if it
 * is one line: messages name them.
 */
static const char *confirm_at_once(struct e2e *world, const char *yaml)
{
    static const char rules[] = "confirm: {failures: 1, successes: 1, recheck_seconds: []}";
    const char *defaults = find_top_key(yaml, "defaults:");
    const char *end = defaults ? defaults + strcspn(defaults, "\n") : NULL;
    const char *brace = defaults ? memchr(defaults, '{', (size_t)(end - defaults)) : NULL;

    if (strstr(yaml, "confirm:"))
        return yaml;
    if (brace && end[-1] == '}')
        return e2e_format(world, "%.*s, %s%s", (int)(end - 1 - yaml), yaml, rules, end - 1);
    if (brace)
        return e2e_format(world, "%.*s%s, %s", (int)(brace + 1 - yaml), yaml, rules, brace + 1);
    if (defaults)
        return e2e_format(world, "%.*s\n  %s%s", (int)(end - yaml), yaml, rules, end);
    if (find_top_key(yaml, "sites:") || find_top_key(yaml, "include:"))
        return e2e_format(world, "%s\ndefaults: {%s}\n", yaml, rules);
    return yaml;
}

/* An outage prints nothing, unless the configuration has the key `alerts`: a test that wants
 * silence is about errors of uptick itself. By default, a tick prints the outages that begin and
 * end. */
static const char *alert_nobody(struct e2e *world, const char *yaml)
{
    if (find_top_key(yaml, "alerts:") ||
        !(find_top_key(yaml, "sites:") || find_top_key(yaml, "include:")))
        return yaml;
    return e2e_format(world, "%s\nalerts: []\n", yaml);
}

void e2e_config(struct e2e *world, const char *yaml)
{
    const char *quick = confirm_at_once(world, yaml);

    e2e_write(world, "uptick.yaml", e2e_expand(world, alert_nobody(world, quick)));
}

/* Milliseconds until the next minute, if it begins within half a minute; else 0. */
static int64_t until_next_minute(void)
{
    struct timespec now;
    int64_t passed_ms;

    clock_gettime(CLOCK_REALTIME, &now);
    passed_ms = now.tv_sec % 60 * 1000 + now.tv_nsec / 1000000;
    return passed_ms < 30 * 1000 ? 0 : 60 * 1000 - passed_ms;
}

int e2e_open(void **state)
{
    const struct e2e_test *test = *state;
    const char *temporary = getenv("TMPDIR");
    struct e2e *world = calloc(1, sizeof *world);

    if (!world_uptick_path()) {
        fprintf(stderr, "UPTICK must be the absolute path of the program\n");
        exit(2);
    }
    if (!world)
        return -1;
    world->test = test->test;
    world->ahead_ms = test->within_minute ? until_next_minute() : 0;
    world->server_stdin = -1;
    snprintf(world->folder, sizeof world->folder, "%s/uptick-e2e-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    *state = world;
    return mkdtemp(world->folder) && world_start_server(world) == 0 ? 0 : -1;
}

void e2e_run(void **state)
{
    struct e2e *world = *state;

    world->test(world);
    world->passed = true;
}

static void print_failure(const struct e2e *world)
{
    fprintf(stderr, "--- the folder is kept: %s\n", world->folder);
    fprintf(stderr, "--- the last run: status %d, signal %d, %.2f s\n", world->last.status,
            world->last.signal, world->last.seconds);
    fprintf(stderr, "--- standard output:\n%.4000s\n", world->last.out ? world->last.out : "");
    fprintf(stderr, "--- standard error:\n%.4000s\n", world->last.err ? world->last.err : "");
}

int e2e_close(void **state)
{
    struct e2e *world = *state;
    int result = 0;

    world_stop_server(world);
    json_decref(world->documents);
    if (!world->passed)
        print_failure(world);
    else if (system(e2e_format(world, "rm -rf '%s'", world->folder)) != 0)
        result = -1;
    e2e_release(world, NULL);
    free(world);
    return result;
}
