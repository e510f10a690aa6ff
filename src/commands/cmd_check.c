/* Checks endpoints now, and tells what each check found: for people at a terminal and for CI. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "check/runner.h"
#include "commands/check_report.h"
#include "commands/check_select.h"
#include "commands/command.h"
#include "model/aggregator.h"
#include "records/journal.h"
#include "state/staged.h"

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAKE_AT_ONCE = 64 };

/* What --fail-on may say, and the least site status that it is about. */
static const struct {
    const char *word;
    enum status least;
} limits[] = {
    {"down", STATUS_DOWN},
    {"degraded", STATUS_DEGRADED},
    {"none", STATUS_COUNT},
};

struct settings {
    bool json, record;
    const char *junit; /* NULL: none */
    enum status least; /* STATUS_COUNT: no status fails */
    char **names;
    int n_names;
};

static int read_limit(const char *word, enum status *least)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (strcmp(word, limits[i].word) == 0) {
            *least = limits[i].least;
            return 0;
        }
    }
    return -1;
}

/* Returns EXIT_DONE or EXIT_WRONG_USAGE. */
static int read_settings(const struct invocation *invocation, struct settings *settings)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"junit", required_argument, NULL, 'u'},
                                            {"fail-on", required_argument, NULL, 'f'},
                                            {"record", no_argument, NULL, 'r'},
                                            {NULL, 0, NULL, 0}};
    int option;

    *settings = (struct settings){.least = STATUS_DOWN};
    /* 0 makes getopt forget that main's options end at the first word. */
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) != -1) {
        if (option == 'j')
            settings->json = true;
        else if (option == 'r')
            settings->record = true;
        else if (option == 'u')
            settings->junit = optarg;
        else if (option == ':')
            return command_usage(invocation, "'%s' needs a value", invocation->argv[optind - 1]);
        else if (option != 'f')
            return command_usage(invocation, "there is no option '%s'",
                                 invocation->argv[optind - 1]);
        else if (read_limit(optarg, &settings->least))
            return command_usage(invocation, "--fail-on takes down, degraded or none, not '%s'",
                                 optarg);
    }
    settings->names = invocation->argv + optind;
    settings->n_names = invocation->argc - optind;
    return EXIT_DONE;
}

/* Marks what is to be checked. Returns EXIT_DONE or EXIT_WRONG_USAGE. */
static int mark(const struct invocation *invocation, const struct settings *settings,
                const struct config *config, bool *marked)
{
    for (size_t i = 0; i < config->n_domains; i++)
        marked[i] = settings->n_names == 0;
    for (int i = 0; i < settings->n_names; i++) {
        char nearest[256];

        if (check_select(config, settings->names[i], marked))
            continue;
        check_select_nearest(config, settings->names[i], nearest, sizeof nearest);
        if (*nearest)
            return command_usage(invocation, "there is no site or domain '%s': did you mean '%s'?",
                                 settings->names[i], nearest);
        return command_usage(invocation, "there is no site or domain '%s'", settings->names[i]);
    }
    return EXIT_DONE;
}

/* A report of these domains, on each of which the verdict is still out. Returns 0 or -1. */
static int prepare(struct report *report, const struct config *config, const bool *marked)
{
    *report = (struct report){.config = config};
    report->checks = calloc(config->n_domains + 1, sizeof *report->checks);
    report->sites = calloc(config->n_sites + 1, sizeof *report->sites);
    if (!report->checks || !report->sites)
        return -1;
    for (size_t i = 0; i < config->n_domains; i++) {
        struct checked *checked = &report->checks[report->n_checks];

        if (!marked[i])
            continue;
        checked->domain = i;
        checked->result = (struct result){.no_verdict = true, .phases = PHASES_NONE};
        checked->result.check = (struct check){
            .start_ms = clock_now(), .latency_ms = -1, .failure = "interrupted before its end"};
        report->n_checks++;
    }
    return 0;
}

/* Takes results until there are no more, or someone wants it to end. */
static void collect(struct runner *runner, struct report *report)
{
    struct result results[TAKE_AT_ONCE];
    bool finished = false, stopped = false;

    while (!finished) {
        struct pollfd fds[] = {{.fd = runner_fd(runner), .events = POLLIN},
                               {.fd = stopped ? -1 : interrupt_fd(), .events = POLLIN}};
        size_t n;

        poll(fds, 2, -1);
        if (interrupt_came() && !stopped) {
            runner_stop(runner);
            stopped = true;
        }
        n = runner_take(runner, results, TAKE_AT_ONCE, &finished);
        for (size_t i = 0; i < n; i++)
            report->checks[results[i].job].result = results[i];
    }
}

/* Makes the checks, all of them at once. Returns 0 or -1. */
static int make_checks(struct report *report, struct error *error)
{
    struct job *jobs = calloc(report->n_checks + 1, sizeof *jobs);
    struct runner *runner = NULL;
    int result = -1;

    if (!jobs) {
        error_set(error, EXIT_IO, "out of memory");
        goto out;
    }
    for (size_t i = 0; i < report->n_checks; i++)
        jobs[i].domain = report->checks[i].domain;
    if (runner_start(&runner, report->config, jobs, report->n_checks, error))
        goto out;
    collect(runner, report);
    result = 0;
out:
    runner_free(runner);
    free(jobs);
    return result;
}

/* Each site's status over these checks alone: timelines of one bucket. Returns 0 or -1. */
static int judge_sites(struct report *report)
{
    const struct config *config = report->config;
    struct member *members = calloc(report->n_checks + 1, sizeof *members);
    uint8_t *cells = calloc(report->n_checks + 1, sizeof *cells);

    for (size_t i = 0, end; members && cells && i < report->n_checks; i = end) {
        uint8_t cell;

        end = check_report_site_end(report, i);
        for (size_t j = i; j < end; j++) {
            cells[j] = (uint8_t)report->checks[j].result.check.status;
            members[j] = (struct member){.cells = &cells[j],
                                         .role = config->domains[report->checks[j].domain].role};
        }
        aggregator_site(&members[i], end - i, 0, 1, &cell);
        report->sites[config->domains[report->checks[i].domain].site] = (enum status)cell;
    }
    free(members);
    free(cells);
    return members && cells ? 0 : -1;
}

/* What a check without a verdict leaves out is not recorded. */
static size_t list_outcomes(const struct report *report, struct staged_result *staged_results)
{
    size_t n = 0;

    for (size_t i = 0; i < report->n_checks; i++) {
        const struct checked *checked = &report->checks[i];
        const struct domain *domain = &report->config->domains[checked->domain];
        const struct check *check = &checked->result.check;

        if (checked->result.no_verdict)
            continue;
        staged_results[n++] =
            (struct staged_result){.domain = checked->domain,
                                   .due_after_ms = scheduler_due_after(domain, check->start_ms),
                                   .check = *check,
                                   .has_phases = true,
                                   .phases = checked->result.phases};
    }
    return n;
}

/* As a tick does; one that is running is waited for. Returns 0 or -1. */
static int record(const struct invocation *invocation, const struct report *report,
                  struct error *error)
{
    const struct config *config = report->config;
    struct staged_result *staged_results = calloc(report->n_checks + 1, sizeof *staged_results);
    struct journal *journal = NULL;
    int lock = -1, result = -1;
    bool busy;

    if (!staged_results) {
        error_set(error, EXIT_IO, "out of memory");
        goto out;
    }
    if (command_lock(config, true, &lock, &busy, error) ||
        journal_open(&journal, config, &invocation->log, clock_now(), error) ||
        staged_add(journal_storage(journal), staged_results, list_outcomes(report, staged_results),
                   error) ||
        export_run(journal, error))
        goto out;
    result = 0;
out:
    journal_close(journal);
    lock_release(lock);
    free(staged_results);
    return result;
}

static int print(const struct report *report, const struct settings *settings, struct error *error)
{
    if (settings->json && check_report_json(report, error))
        return -1;
    if (!settings->json)
        check_report_table(report);
    fflush(stdout);
    return settings->junit ? check_report_junit(report, settings->junit, error) : 0;
}

/* As bad as asked counts first; then whether every check came to a verdict. */
static int exit_status(const struct report *report, const struct settings *settings)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < report->n_checks; i++) {
        const struct checked *checked = &report->checks[i];
        enum status site = report->sites[report->config->domains[checked->domain].site];

        if (settings->least != STATUS_COUNT &&
            status_severity(site) >= status_severity(settings->least))
            return EXIT_CHECK_FAILED;
        if (checked->result.no_verdict)
            status = EXIT_IO;
    }
    return status;
}

/* Each step in turn; every one that can be done is, whatever became of the one before. */
static int check_and_tell(const struct invocation *invocation, const struct settings *settings,
                          struct report *report)
{
    struct error error;
    int status, failed = EXIT_DONE;

    if (make_checks(report, &error))
        return command_fail(invocation, &error);
    if (judge_sites(report)) {
        error_set(&error, EXIT_IO, "out of memory");
        return command_fail(invocation, &error);
    }
    if (print(report, settings, &error))
        failed = command_fail(invocation, &error);
    if (settings->record && record(invocation, report, &error))
        failed = command_fail(invocation, &error);
    status = exit_status(report, settings);
    return status == EXIT_DONE ? failed : status;
}

int cmd_check(const struct invocation *invocation)
{
    struct settings settings;
    struct report report = {.checks = NULL};
    struct config *config = NULL;
    bool *marked = NULL;
    int status = read_settings(invocation, &settings);

    if (status != EXIT_DONE)
        return status;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    interrupt_install();
    marked = calloc(config->n_domains + 1, sizeof *marked);
    if (!marked || (status = mark(invocation, &settings, config, marked)) != EXIT_DONE ||
        prepare(&report, config, marked))
        status = status == EXIT_DONE ? EXIT_IO : status;
    else
        status = check_and_tell(invocation, &settings, &report);
    free(marked);
    free(report.checks);
    free(report.sites);
    config_free(config);
    return status;
}
