#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* What a domain or a site can be (spec 1). A bucket of a timeline is one byte that holds one. */
enum status {
    STATUS_UNKNOWN,
    STATUS_UP,
    STATUS_DEGRADED,     /* sites only */
    STATUS_BOT_DETECTED, /* domains only */
    STATUS_DOWN,
    STATUS_TIMEOUT, /* domains only */
    STATUS_COUNT
};

/* "UP", "BOT_DETECTED": in records, in status.json, in the terminal. */
const char *status_name(enum status status);
/* 'U', 'B', '-': one letter a bucket in status.json. */
char status_letter(enum status status);
/* "up", "bot", "down": the class of a bucket's span. */
const char *status_class(enum status status);

/* What a check can come out as, from its name; -1 where this names none. */
int status_read(const char *name, size_t size, enum status *status);

/* How bad a site's status is, for the worst of them: DOWN, DEGRADED, UNKNOWN, UP (spec 7). */
int status_severity(enum status status);

#endif
