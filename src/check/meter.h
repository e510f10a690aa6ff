#ifndef CHECK_METER_H
#define CHECK_METER_H

#include "check/events.h"

#include <stddef.h>

/* What an exchange may cost, besides its ceilings for headers and body. */
enum {
    METER_WIRE_FACTOR = 4,         /* times max_body_bytes may come from the network, */
    METER_WIRE_EXTRA = 1 << 20,    /* plus this, in bytes */
    METER_CPU_MAX_US = 250 * 1000, /* CPU time */
};

/*
 * Measures what one exchange costs. Empty compressed blocks, chunk extensions, padding, pings and
 * empty TLS records are no part of a body, so the ceilings of headers and body do not limit them.
 */
struct meter {
    int64_t wire_bytes;       /* received, also before redirects */
    int64_t connection_bytes; /* received since meter_connect */
    bool is_tls;              /* TLS records are counted, not what the kernel received */
    int64_t spent_us;
    int64_t read_us; /* spent_us when the kernel's count was read last */
    bool is_cpu;     /* CPU time is measured, for this exchange and those beside it */
};

enum meter_verdict { METER_GOOD, METER_TOO_MANY_BYTES, METER_TOO_MUCH_CPU };

/* A connection begins, or TLS on it, or HTTP/2 on that. */
void meter_connect(struct meter *meter, bool is_tls);

/*
 * Measure one step of libcurl, which has just ended; the work on a part of the body; and a TLS
 * record of this size, which is about to be read. One step may read much: without TLS 100 buffers,
 * over HTTP/2 until no more bytes have come. max_body_bytes is that of the domain. The client must
 * be in its multi handle.
 */
enum meter_verdict meter_step(struct meter *meter, struct events_client *client,
                              int64_t max_body_bytes);
enum meter_verdict meter_work(struct meter *meter, struct events_client *client);
enum meter_verdict meter_record(struct meter *meter, struct events_client *client,
                                int64_t max_body_bytes, size_t size);

/* The exchange is over. All zero is allowed. */
void meter_end(struct meter *meter, struct events_client *client);

#endif
