#ifndef CHECK_METER_H
#define CHECK_METER_H

#include "check/events.h"

/* What an exchange may cost, besides its ceilings for headers and body. */
enum {
    METER_WIRE_FACTOR = 4,         /* as many times max_body_bytes from the network, */
    METER_WIRE_EXTRA = 1 << 20,    /* plus this, in bytes */
    METER_CPU_MAX_US = 250 * 1000, /* CPU time */
};

/*
 * Measures what one exchange costs. Empty compressed blocks, chunk extensions, padding, pings and
 * empty TLS records are no part of a body, so the ceilings of headers and body do not limit them.
 */
struct meter {
    unsigned steps;     /* calls of meter_step */
    bool is_eager;      /* bytes are counted from the first step on */
    int fd;             /* the socket that was measured last */
    int64_t wire_bytes; /* received on all sockets, also after redirects */
    int64_t fd_bytes;   /* received on fd */
    int64_t spent_us;
};

enum meter_verdict { METER_GOOD, METER_TOO_MANY_BYTES, METER_TOO_MUCH_CPU };

/* Measures one step of libcurl, which has just ended. max_body_bytes is that of the domain. The
 * client must have been added to its multi handle. */
enum meter_verdict meter_step(struct meter *meter, struct events_client *client,
                              int64_t max_body_bytes);

#endif
