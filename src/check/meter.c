/* Measures the bytes that an exchange takes from the network, and the CPU time that it uses. */
#include "check/meter.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    /* The kernel's count of bytes is read after each such time of work, because reading it costs a
     * system call. In this time a megabyte can come at most. Most exchanges need less. */
    READ_EVERY_US = 100,

    /* Without TLS, more is read before the next step, so the ceiling is lower by this. */
    STEP_BYTES = 512 << 10,

    /* Up to here, wall time is counted instead of CPU time, which costs a system call. */
    CHEAP_US = 50 * 1000,
};

/* Returns the number of bytes that a socket has received, or -1 if it is unknown: it is known since
 * Linux 4.1. */
static int64_t received(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ||
        size < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
        return -1;
    return (int64_t)info.tcpi_bytes_received;
}

static void add_bytes(struct meter *meter, int64_t bytes)
{
    meter->wire_bytes += bytes;
    meter->connection_bytes += bytes;
}

static void add_time(struct meter *meter, struct events *events)
{
    bool was_cpu = events->n_cpu > 0;

    meter->spent_us += events_lap_us(events);
    if (meter->is_cpu || meter->spent_us < CHEAP_US)
        return;

    /* Not more, because the thread may have waited for a processor. */
    if (!was_cpu)
        meter->spent_us = CHEAP_US;
    meter->is_cpu = true;
    events_lap_cpu(events);
}

void meter_end(struct meter *meter, struct events_client *client)
{
    if (meter->is_cpu)
        events_lap_wall(client->events);
    meter->is_cpu = false;
}

static enum meter_verdict judge(const struct meter *meter, int64_t max_bytes)
{
    if (meter->wire_bytes > max_bytes)
        return METER_TOO_MANY_BYTES;
    return meter->spent_us > METER_CPU_MAX_US ? METER_TOO_MUCH_CPU : METER_GOOD;
}

static int64_t max_bytes(int64_t max_body_bytes)
{
    return METER_WIRE_FACTOR * max_body_bytes + METER_WIRE_EXTRA;
}

void meter_connect(struct meter *meter, bool is_tls)
{
    meter->connection_bytes = 0;
    meter->is_tls = is_tls;
}

enum meter_verdict meter_step(struct meter *meter, struct events_client *client,
                              int64_t max_body_bytes)
{
    int64_t bytes;

    add_time(meter, client->events);
    if (!meter->is_tls && meter->spent_us - meter->read_us >= READ_EVERY_US) {
        meter->read_us = meter->spent_us;
        bytes = received(client->fd);
        if (bytes > meter->connection_bytes)
            add_bytes(meter, bytes - meter->connection_bytes);
    }
    return judge(meter, max_bytes(max_body_bytes) - (meter->is_tls ? 0 : STEP_BYTES));
}

enum meter_verdict meter_work(struct meter *meter, struct events_client *client)
{
    add_time(meter, client->events);
    return judge(meter, INT64_MAX);
}

enum meter_verdict meter_record(struct meter *meter, struct events_client *client,
                                int64_t max_body_bytes, size_t size)
{
    add_time(meter, client->events);
    add_bytes(meter, (int64_t)size);
    return judge(meter, max_bytes(max_body_bytes));
}
