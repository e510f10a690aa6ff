/* Remembers that a signal came. */
#include "base/interrupt.h"

#include "base/file.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t came;
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    came = 1;

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
    return came != 0;
}

int interrupt_fd(void)
{
    return wake[0];
}
