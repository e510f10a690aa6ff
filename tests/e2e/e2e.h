#ifndef E2E_H
#define E2E_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct calls;

/*
 * End-to-end tests: the real program, run as cron runs it, in a folder of its own and against an
 * awkward server of its own. Nothing here uses the program's source. $UPTICK, $AWKWARD and
 * $MOVED_CLOCK_LIBRARY name the two programs and the library that moves a clock; the Makefile sets
 * them.
 *
 * Memory that a function here returns belongs to the world and is freed with it. A function that
 * cannot do its work fails the test.
 */

/* The result of a run of the program. */
struct run {
    int status; /* exit status; -1: killed by signal */
    int signal;
    char *out, *err;
    double seconds;
    struct rusage usage;
};

struct e2e {
    char folder[PATH_MAX]; /* the world's own; contains uptick.yaml */
    const char *clock;     /* "2026-11-23 09:30:00": start of the runs, UTC; NULL: the real time */
    int64_t ahead_ms;      /* of the runs with the real time: added to it */
    const char *environment; /* one more "NAME=value" for runs; NULL: none */
    const char *preload;     /* a library that runs load first; NULL: none */
    const char *stdio;       /* the standard output of runs goes there; NULL: to struct run */
    struct calls *calls;     /* decides about the file calls of runs (calls.h); NULL: no one does */
    int calls_socket;        /* of the current run */
    struct run last;         /* the run that ended last */
    pid_t server;
    int server_stdin;
    struct port *ports;
    json_t *documents; /* all JSON that was read; NULL: none yet */
    struct kept *kept;
    void (*test)(struct e2e *world);
    bool passed;
};

/* An entry in a cmocka table of tests: each test gets a world. If it fails, its folder stays, to be
 * inspected. */
struct e2e_test {
    void (*test)(struct e2e *world);
    bool within_minute;
};
int e2e_open(void **state);
void e2e_run(void **state);
int e2e_close(void **state);

/* clang-format off */
#define E2E_TEST(function) {#function, e2e_run, e2e_open, e2e_close, &(struct e2e_test){function, false}}

/* A test that runs with the real time, which is set forward to the next minute if this one ends
 * soon: a tick in which a minute begins would check again. */
#define E2E_TEST_WITHIN_MINUTE(function) \
    {#function, e2e_run, e2e_open, e2e_close, &(struct e2e_test){function, true}}
/* clang-format on */

/* printf into memory that belongs to the world. */
char *e2e_format(struct e2e *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The path of a file in the world's folder. */
char *e2e_path(struct e2e *world, const char *name);

/* Write and read a file in the world's folder. Missing folders are created. */
void e2e_write(struct e2e *world, const char *name, const char *text);
void e2e_write_bytes(struct e2e *world, const char *name, const void *bytes, size_t size);
char *e2e_read(struct e2e *world, const char *name);
char *e2e_read_any(struct e2e *world, const char *name); /* NULL: no such file */
bool e2e_exists(struct e2e *world, const char *name);
/* Runs a shell command in the world's folder. Fails the test if the command fails. */
void e2e_shell(struct e2e *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Compares two dashboards in a shell command. A rebuild does not know the phases of a check. */
#define E2E_DIFF "diff -r -I 'class=phases' -I 'class=stack' -I '<li class=\\(lookup\\|connect\\)'"

/* Writes uptick.yaml. @http@, @tls@ and the other ports of the awkward server become 127.0.0.1:PORT
 * (@http6@ becomes [::1]:PORT), @:http@ only :PORT, @folder@ the world's folder. Without the key
 * `confirm`, the file gets one: each failed check is an outage, and there are no rechecks. Without
 * the key `alerts`, it gets an empty one: outages are neither printed nor sent. */
void e2e_config(struct e2e *world, const char *yaml);
/* The same replacement in any text. */
char *e2e_expand(struct e2e *world, const char *text);
int e2e_port(struct e2e *world, const char *name); /* 0: this machine has none */

/* Runs uptick with these arguments (the last one NULL) in the world's folder; the result is
 * world->last. start and wait do the same in two steps. */
void e2e_uptick(struct e2e *world, ...) __attribute__((sentinel));
pid_t e2e_start(struct e2e *world, ...) __attribute__((sentinel));
void e2e_wait(struct e2e *world, pid_t pid);
/* Waits until a run that was started has written this text to standard error. */
void e2e_await_error(struct e2e *world, pid_t pid, const char *text);
/* The program was built with a sanitizer: it is slower and needs more memory. */
bool e2e_has_sanitizer(void);
/* Sends a signal to a run and waits for its end, which must come soon. */
void e2e_end(struct e2e *world, pid_t pid, int signal);

/* Two numbers that a test may change at any time: milliseconds that are added to the clocks of the
 * runs to come and of those that run. world->environment is used for this. */
enum { WALL, MONOTONIC };
volatile int64_t *e2e_move_clocks(struct e2e *world);

/* Runs uptick tick at this moment of the clock. It must end with 0 and print nothing on standard
 * error. */
void e2e_tick(struct e2e *world, const char *clock);

/* The last run ended with this status, and printed nothing on standard error. */
void e2e_silent(struct e2e *world, int status);
/* The last run ended with this status, and each of these texts (the last one NULL) is on standard
 * error. */
void e2e_reported(struct e2e *world, int status, ...) __attribute__((sentinel));

/* The fields of a CSV row. */
enum { TIMESTAMP, SITE, DOMAIN, STATUS, HTTP_STATUS, LATENCY, FAILURE, FIELDS };
struct csv_row {
    char *field[FIELDS];
};
struct csv {
    struct csv_row *rows;
    size_t n;
};

/* The rows of one file. Fails the test if one is torn or invalid. No file: no rows. */
struct csv e2e_csv(struct e2e *world, const char *name);
/* All rows of "site/domain", archives first, in the order of the files. */
struct csv e2e_rows(struct e2e *world, const char *monitor);
/* The number of rows of all monitors. */
size_t e2e_all_rows(struct e2e *world);

/* public/status.json, and its entry for "site" or "site/domain". */
json_t *e2e_status(struct e2e *world);
json_t *e2e_entry(const json_t *status, const char *monitor);
/* A string in an object. Fails the test if it is missing. */
const char *e2e_text(const json_t *object, const char *key);

/*
 * The requests that the awkward server got: how many, when (ms since the epoch), and the last one.
 */
long e2e_count(struct e2e *world, const char *target);
size_t e2e_times(struct e2e *world, const char *target, long long *times, size_t max);
char *e2e_last(struct e2e *world, const char *target);
/* The largest number of requests for /crowd/NAME/MS that waited at the same time. */
int e2e_crowd(struct e2e *world, const char *name);
/* Waits until the server has got at least n requests for this target. Fails after ten seconds. */
void e2e_await(struct e2e *world, const char *target, long n);

/*
 * What the webhook /hook/NAME and the mail server of the awkward server have stored: request or
 * mail number n, from 1. They wait for it up to ten seconds, then the test fails. _count: how many
 * there are now. tests/README.md describes both, and the rules for the mail server.
 */
char *e2e_post(struct e2e *world, const char *name, long n);
char *e2e_mail(struct e2e *world, long n);
long e2e_count_posts(struct e2e *world, const char *name);
long e2e_count_mails(struct e2e *world);

/* Milliseconds of the monotonic clock. */
int64_t e2e_now(void);

/* Memory that is freed with the world. A long test can free what was kept since world->kept had the
 * value `since`. */
void *e2e_keep(struct e2e *world, void *memory);
void e2e_release(struct e2e *world, struct kept *since);

/* assert_true with a message. */
void e2e_check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
