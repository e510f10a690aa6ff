#ifndef TESTS_BUILT_H
#define TESTS_BUILT_H

/* A dashboard that is built and then read. Include after cmocka.h. */
#include "base/file.h"
#include "dashboard/dashboard.h"
#include "example.h"
#include "spaces.h"

#include <limits.h>
#include <unistd.h>

/* A snapshot and a folder in which it is built. */
struct fixture {
    struct example *example;
    char folder[64];
    struct buffer text; /* of the file read last */
};

/* With this many sites, and domains in each. */
static inline int set_up_sized(void **state, size_t sites, size_t domains)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    strcpy(fixture->folder, "/tmp/uptick-built-XXXXXX");
    fixture->example = example_new(sites, domains);
    fixture->text.ceiling = BUFFER_MAX_PAGE;
    *state = fixture;
    return mkdtemp(fixture->folder) ? 0 : -1;
}

static inline int set_up(void **state)
{
    return set_up_sized(state, 3, 2);
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    example_free(fixture->example);
    buffer_free(&fixture->text);
    free(fixture);
    return system(command);
}

static inline void build(struct fixture *fixture)
{
    struct error error;

    if (dashboard_render(&fixture->example->snapshot, fixture->folder, NULL, &error))
        fail_msg("%s", error.text);
}

/* The content of a file in the folder, with plain spaces; valid until the next call. */
static inline const char *read_built(struct fixture *fixture, const char *name)
{
    char path[PATH_MAX];
    struct error error;

    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    buffer_reset(&fixture->text);
    if (file_read(path, &fixture->text, &error))
        fail_msg("%s", error.text);
    return spaces_make_plain(fixture->text.data);
}

#endif
