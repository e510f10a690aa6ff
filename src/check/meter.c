/* Measures the bytes that an exchange takes from the network, and the CPU time that it uses. */
#include "check/meter.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
    /* An ordinary exchange has fewer steps and is never measured. A step reads at most 32 KiB from
     * the network, or 100 times 16 KiB that are ready at once. */
    FREE_STEPS = 6,

    /* Up to here, wall time is counted instead of CPU time, which costs a system call. */
    CHEAP_US = 50 * 1000,
};

/* Returns the number of bytes that a socket has received, or -1 if it is unknown: since Linux 4.1
 * it is known. */
static int64_t received(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ||
        size < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
        return -1;
    return (int64_t)info.tcpi_bytes_received;
}

static void count_bytes(struct meter *meter, int fd)
{
    int64_t bytes = received(fd);

    if (bytes < 0)
        return;
    if (fd != meter->fd || bytes < meter->fd_bytes)
        meter->fd_bytes = 0;
    meter->wire_bytes += bytes - meter->fd_bytes;
    meter->fd_bytes = bytes;
    meter->fd = fd;
}

static void count_time(struct meter *meter, struct events *events)
{
    bool is_cpu = events->laps_are_cpu;

    meter->spent_us += events_lap_us(events);
    if (is_cpu || meter->spent_us < CHEAP_US)
        return;

    /* The thread may have waited for a processor. */
    meter->spent_us = CHEAP_US;
    events_lap_cpu(events);
}

enum meter_verdict meter_step(struct meter *meter, struct events_client *client,
                              int64_t max_body_bytes)
{
    count_time(meter, client->events);
    if (meter->spent_us > METER_CPU_MAX_US)
        return METER_TOO_MUCH_CPU;
    if (++meter->steps > FREE_STEPS || meter->is_eager)
        count_bytes(meter, client->fd);
    return meter->wire_bytes > METER_WIRE_FACTOR * max_body_bytes + METER_WIRE_EXTRA
               ? METER_TOO_MANY_BYTES
               : METER_GOOD;
}
