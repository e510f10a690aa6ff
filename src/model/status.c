/* The names of the statuses, and their order. */
#include "model/status.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

#define NAME(text) text, sizeof text - 1

static const struct {
    const char *name;
    size_t size; /* of the name */
    const char *class;
    int severity;
    char letter;
    bool is_verdict;
} statuses[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = {NAME("UNKNOWN"), "unknown", 1, '-', false},
    [STATUS_UP] = {NAME("UP"), "up", 0, 'U', true},
    [STATUS_DEGRADED] = {NAME("DEGRADED"), "degraded", 2, 'G', false},
    [STATUS_BOT_DETECTED] = {NAME("BOT_DETECTED"), "bot", 2, 'B', true},
    [STATUS_DOWN] = {NAME("DOWN"), "down", 3, 'D', true},
    [STATUS_TIMEOUT] = {NAME("TIMEOUT"), "down", 3, 'T', true},
};

const char *status_name(enum status status)
{
    assert(status < STATUS_COUNT);
    return statuses[status].name;
}

char status_letter(enum status status)
{
    return statuses[status].letter;
}

const char *status_class(enum status status)
{
    return statuses[status].class;
}

int status_read(const char *name, size_t size, enum status *status)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (statuses[i].size != size || memcmp(statuses[i].name, name, size) ||
            !statuses[i].is_verdict)
            continue;
        *status = (enum status)i;
        return 0;
    }
    return -1;
}

int status_severity(enum status status)
{
    return statuses[status].severity;
}

unsigned status_set(const unsigned char *cells, size_t n)
{
    unsigned set = 0;

    for (size_t i = 0; i < n; i += memory_run(cells + i, n - i))
        set |= 1U << cells[i];
    return set;
}

/* UNKNOWN is worse than UP, so the search begins with the best one. */
enum status status_worst(unsigned set)
{
    enum status worst = STATUS_UP;

    if (set == 0)
        return STATUS_UNKNOWN;
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        if (set >> i & 1 && statuses[i].severity >= statuses[worst].severity)
            worst = (enum status)i;
    }
    return worst;
}
