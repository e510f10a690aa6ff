/* The names of the statuses, and their order. */
#include "model/status.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *class;
    int severity;
    char letter;
    bool is_verdict;
} statuses[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = {"UNKNOWN", "unknown", 1, '-', false},
    [STATUS_UP] = {"UP", "up", 0, 'U', true},
    [STATUS_DEGRADED] = {"DEGRADED", "degraded", 2, 'G', false},
    [STATUS_BOT_DETECTED] = {"BOT_DETECTED", "bot", 2, 'B', true},
    [STATUS_DOWN] = {"DOWN", "down", 3, 'D', true},
    [STATUS_TIMEOUT] = {"TIMEOUT", "down", 3, 'T', true},
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
        const char *verdict = statuses[i].name;

        if (!statuses[i].is_verdict || size == 0 || *verdict != *name || strlen(verdict) != size ||
            memcmp(verdict, name, size))
            continue;
        *status = (enum status)i;
        return 0;
    }
    return -1;
}

bool status_is_good(enum status status)
{
    return status == STATUS_UP || status == STATUS_DEGRADED;
}

int status_severity(enum status status)
{
    return statuses[status].severity;
}
