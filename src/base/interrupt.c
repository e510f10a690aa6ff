#include "base/interrupt.h"

#include "base/file.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t came;
static int wake[2] = {-1, -1};

static void note(int number)
{
    int saved = errno;

    (void)number;
    came = 1;

    /* The pipe need hold no more than one byte, so a full one is as good. */
    if (write(wake[1], "", 1) < 0)
        errno = saved;
}

void interrupt_install(void)
{
    struct sigaction noted = {.sa_handler = note};
    struct sigaction ignored = {.sa_handler = SIG_IGN};

    file_open_pipe(wake);
    sigaction(SIGTERM, &noted, NULL);
    sigaction(SIGINT, &noted, NULL);
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
