/* Ends a process that hangs. The alarm is the kernel's, and its signal handler only writes and
 * exits. */
#include "base/deadline.h"

#include "base/error.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A signal handler can only use global variables. */
static const char *volatile last_words;
static volatile size_t size;

static void on_alarm(int number)
{
    (void)number;
    if (write(STDERR_FILENO, last_words, size) < 0)
        _exit(EXIT_IO);
    _exit(EXIT_IO);
}

void deadline_set(unsigned seconds, const char *message)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    sigset_t set;

    last_words = message;
    size = strlen(message);
    sigaction(SIGALRM, &action, NULL);

    /* The parent may have blocked it. */
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(seconds);
}
