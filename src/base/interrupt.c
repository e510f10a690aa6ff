/* Remembers that a signal came. */
#include "base/interrupt.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { FINISH_MS = 300 /* for work that is nearly done when the signal comes */ };

static _Atomic int64_t came_ms; /* when the first signal came, on the monotonic clock; 0: none */
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    if (atomic_load(&came_ms) == 0)
        atomic_store(&came_ms, clock_monotonic());

    /* One byte in the pipe is enough, so it does not matter if the pipe is full. */
    if (write(wake[1], "", 1) < 0)
        errno = saved;
}

void interrupt_install(void)
{
    const struct sigaction remembered = {.sa_handler = on_signal};
    const struct sigaction ignored = {.sa_handler = SIG_IGN};

    file_open_pipe(wake);
    sigaction(SIGTERM, &remembered, NULL);
    sigaction(SIGINT, &remembered, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
}

bool interrupt_came(void)
{
    return atomic_load(&came_ms) != 0;
}

bool interrupt_is_urgent(void)
{
    int64_t came = atomic_load(&came_ms);

    return came != 0 && clock_monotonic() - came >= FINISH_MS;
}

bool interrupt_stopped(const struct error *error)
{
    return interrupt_came() && error->os == EINTR;
}

int interrupt_fd(void)
{
    return wake[0];
}
