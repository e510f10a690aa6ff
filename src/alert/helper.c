/* The tick's side of the helper process: starts it, and sends it requests. */
#include "alert/helper.h"

#include "alert/helper_process.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/poller.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STOP_MS = 500 /* a helper that still exists then is killed */ };

/* The environment of commands. Others may be secrets of the configuration (${NAME}). */
static const char *const passed_on[] = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ"};
enum { PASSED_ON = sizeof passed_on / sizeof passed_on[0] };
static const char default_path[] = "PATH=/usr/local/bin:/usr/bin:/bin";

/* A request that is not sent yet, or only in part. */
struct waiting_request {
    STAILQ_ENTRY(waiting_request) next;
    struct helper_request header;
    bool has_begun; /* the header was sent */
    size_t sent;    /* bytes of the input */
    char input[];
};

struct helper {
    pid_t process;
    int socket;
    int poller;   /* waits for the socket */
    bool is_full; /* the poller also waits until the socket can be written */
    STAILQ_HEAD(, waiting_request) waiting;
};

/* NULL: out of memory. */
static const char *const *make_environment(struct arena *arena)
{
    const char **environment = arena_alloc(arena, (PASSED_ON + 2) * sizeof *environment);
    size_t n = 0;

    if (environment && !getenv("PATH"))
        environment[n++] = default_path;
    for (size_t i = 0; environment && i < PASSED_ON; i++) {
        const char *value = getenv(passed_on[i]);
        size_t name = strlen(passed_on[i]), size = value ? strlen(value) : 0;
        char *text;

        if (!value)
            continue;
        text = arena_alloc(arena, name + 1 + size + 1);
        if (!text)
            return NULL;
        memcpy(text, passed_on[i], name);
        text[name] = '=';
        memcpy(text + name + 1, value, size);
        environment[n++] = text;
    }
    return environment;
}

/* Forks. All signals are blocked in the new process, so that no handler of the tick runs there.
 * Returns 0, or -1 with errno. */
static int start_process(struct helper *helper, const struct config *config,
                         const char *const *environment)
{
    pid_t tick = getpid();
    sigset_t all, before;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return -1;
    helper->socket = ends[0];
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    helper->process = fork();
    if (helper->process == 0)
        helper_process_run(ends[1], tick, config, environment);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    return helper->process < 0 ? -1 : 0;
}

static struct helper *new_helper(const struct config *config, const char *const *environment)
{
    struct helper *helper = calloc(1, sizeof *helper);

    if (!helper)
        return NULL;
    *helper = (struct helper){.process = -1, .socket = -1, .poller = poller_open()};
    STAILQ_INIT(&helper->waiting);
    if (helper->poller < 0 || start_process(helper, config, environment) ||
        poller_add(helper->poller, helper->socket, true, false)) {
        int os = errno;

        helper_stop(helper);
        errno = os;
        return NULL;
    }
    return helper;
}

int helper_start(const struct config *config, struct helper **helper, struct error *error)
{
    const char *const *environment = NULL;
    struct arena *arena;
    size_t i = 0;

    *helper = NULL;
    while (i < config->n_alerts && !config->alerts[i].command)
        i++;
    if (i == config->n_alerts)
        return 0;
    errno = ENOMEM;
    arena = arena_new();
    if (arena)
        environment = make_environment(arena);
    if (environment)
        *helper = new_helper(config, environment);
    if (!*helper)
        error_errno(error, "cannot start the helper process, which runs commands");

    /* The helper has a copy. */
    arena_free(arena);
    return *helper ? 0 : -1;
}

/* Sends the next packet of a request. Returns whether it was sent; if not, there is errno. */
static bool send_packet(struct helper *helper, struct waiting_request *request)
{
    size_t left = request->header.size - request->sent;
    const void *bytes = request->has_begun ? (const void *)(request->input + request->sent)
                                           : (const void *)&request->header;
    size_t size = request->has_begun ? left : sizeof request->header;
    ssize_t n;

    if (size > HELPER_CHUNK)
        size = HELPER_CHUNK;
    n = send(helper->socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return false;
    if (request->has_begun)
        request->sent += size;
    request->has_begun = true;
    return true;
}

/* Sends what the socket takes. Returns 0, or -1 with errno: the helper has ended. */
static int send_requests(struct helper *helper)
{
    struct waiting_request *request;
    bool is_full = false;

    while (!is_full && (request = STAILQ_FIRST(&helper->waiting))) {
        if (!send_packet(helper, request)) {
            if (errno != EAGAIN && errno != EINTR)
                return -1;
            is_full = errno == EAGAIN;
        } else if (request->sent == request->header.size) {
            STAILQ_REMOVE_HEAD(&helper->waiting, next);
            free(request);
        }
    }
    if (is_full == helper->is_full)
        return 0;
    helper->is_full = is_full;
    return poller_change(helper->poller, helper->socket, true, is_full);
}

static int report_end(struct error *error)
{
    return error_set(error, EXIT_IO, "the helper process, which runs commands, has ended");
}

int helper_run(struct helper *helper, size_t target, uint32_t request, const char *input,
               size_t size, struct error *error)
{
    struct waiting_request *waiting;

    if (size > HELPER_INPUT_MAX)
        return error_set(error, EXIT_IO, "the input of a command is larger than 1 MiB");
    waiting = malloc(sizeof *waiting + size);
    if (!waiting)
        return error_errno(error, "the input of a command");
    *waiting = (struct waiting_request){.header = {(uint32_t)target, request, (uint32_t)size}};
    if (size > 0)
        memcpy(waiting->input, input, size);
    STAILQ_INSERT_TAIL(&helper->waiting, waiting, next);
    return send_requests(helper) ? report_end(error) : 0;
}

int helper_descriptor(const struct helper *helper)
{
    return helper->poller;
}

int helper_take(struct helper *helper, struct helper_answer *answer, struct error *error)
{
    ssize_t n = recv(helper->socket, answer, sizeof *answer, MSG_DONTWAIT);

    if (n == (ssize_t)sizeof *answer) {
        answer->output[HELPER_OUTPUT_MAX - 1] = '\0';
        return 1;
    }
    if (n >= 0 || (errno != EAGAIN && errno != EINTR) || send_requests(helper))
        return report_end(error);
    return 0;
}

/* Waits until the other end of the socket is closed: only the end of the process does that. Returns
 * whether it is. */
static bool await_end(const struct helper *helper)
{
    struct pollfd ended = {.fd = helper->socket, .events = POLLIN};
    int64_t until_ms = clock_monotonic() + STOP_MS, left;
    char rest[sizeof(struct helper_answer)];
    ssize_t n;

    while ((left = until_ms - clock_monotonic()) > 0) {
        if (poll(&ended, 1, (int)left) <= 0)
            continue;
        n = recv(helper->socket, rest, sizeof rest, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return true;
    }
    return false;
}

/* Ends the process, which ends its commands. If it hangs, it is killed. A sandbox may refuse that;
 * then the kernel ends it with the tick. */
static void end_process(struct helper *helper)
{
    bool has_ended;

    shutdown(helper->socket, SHUT_WR);
    has_ended = await_end(helper);
    if (!has_ended)
        kill(helper->process, SIGKILL);
    waitpid(helper->process, NULL, has_ended ? 0 : WNOHANG);
}

void helper_stop(struct helper *helper)
{
    struct waiting_request *request;

    if (!helper)
        return;
    if (helper->process > 0)
        end_process(helper);
    if (helper->socket >= 0)
        close(helper->socket);
    if (helper->poller >= 0)
        close(helper->poller);
    while ((request = STAILQ_FIRST(&helper->waiting))) {
        STAILQ_REMOVE_HEAD(&helper->waiting, next);
        free(request);
    }
    free(helper);
}
