/* The command check: checks endpoints now and prints the results, for people and for CI. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "check/collector.h"
#include "check/results.h"
#include "commands/check_report.h"
#include "commands/check_select.h"
#include "commands/command.h"
#include "commands/schedule.h"
#include "commands/stager.h"
#include "dashboard/trial.h"
#include "model/aggregator.h"
#include "model/check.h"
#include "records/export.h"
#include "records/journal.h"
#include "state/certificates.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { JSON = 256, JUNIT, FAIL_ON, RECORD };

/* The values of --fail-on, and the best site status that fails. */
static const struct {
    const char *word;
    enum status fails_from;
} limits[] = {
    {"down", STATUS_DOWN},
    {"degraded", STATUS_DEGRADED},
    {"none", STATUS_COUNT},
};

struct check_options {
    bool json, record;
    const char *junit;      /* NULL: none */
    enum status fails_from; /* STATUS_COUNT: no status fails */
    char **names;
    int n_names;
};

static int read_limit(const char *word, enum status *fails_from)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (strcmp(word, limits[i].word) == 0) {
            *fails_from = limits[i].fails_from;
            return 0;
        }
    }
    return -1;
}

/* Returns EXIT_DONE or EXIT_WRONG_USAGE. */
static int read_options(const struct invocation *invocation, struct check_options *options)
{
    static const struct option accepted[] = {{"json", no_argument, NULL, JSON},
                                             {"junit", required_argument, NULL, JUNIT},
                                             {"fail-on", required_argument, NULL, FAIL_ON},
                                             {"record", no_argument, NULL, RECORD},
                                             {NULL, 0, NULL, 0}};
    int option;

    *options = (struct check_options){.fails_from = STATUS_DOWN};
    /* 0 restarts getopt: here options may follow other words, unlike in main. */
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(invocation->argc, invocation->argv, ":", accepted, NULL)) != -1) {
        if (option == JSON)
            options->json = true;
        else if (option == RECORD)
            options->record = true;
        else if (option == JUNIT)
            options->junit = optarg;
        else if (option != FAIL_ON)
            return command_rejected(invocation, option);
        else if (read_limit(optarg, &options->fails_from))
            return command_usage(invocation, "--fail-on: expected down, degraded or none, got '%s'",
                                 optarg);
    }
    options->names = invocation->argv + optind;
    options->n_names = invocation->argc - optind;
    return EXIT_DONE;
}

static int set_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "check: out of memory");
}

/* Adds these domains to the report, as if each check were interrupted. */
static void add_checks(struct report *report, const bool *selected)
{
    for (size_t i = 0; i < report->config->n_domains; i++) {
        size_t n = report->n_checks;

        if (!selected[i])
            continue;
        report->jobs[n] = (struct job){.domain = i, .explains = true};
        report->results[n] =
            (struct result){.job = n, .domain = i, .no_verdict = true, .phases = PHASES_NONE};
        report->results[n].check = (struct check){
            .start_ms = clock_now(), .latency_ms = -1, .failure = "interrupted before it finished"};
        report->n_checks++;
    }
}

static void take_result(void *context, struct result *result)
{
    struct report *report = context;

    assert(result->job < report->n_checks);
    results_move(&report->results[result->job], result);
}

static void free_results(struct report *report)
{
    for (size_t i = 0; report->results && i < report->n_checks; i++)
        results_free_result(&report->results[i]);
}

/* Makes all the checks at once. Returns 0 or -1. */
static int make_checks(struct report *report, struct error *error)
{
    const struct collector_sink sink = {.context = report, .take = take_result};
    struct collector *collector =
        collector_start(report->config, report->jobs, report->n_checks, &sink, error);
    bool finished = false;

    while (collector && !finished)
        collector_step(collector, &finished, error);
    collector_free(collector);
    return finished ? 0 : -1;
}

/* Computes the status of each site by these checks alone, as timelines of one bucket. Returns 0 or
 * -1. */
static int judge_sites(struct report *report, struct error *error)
{
    const struct config *config = report->config;
    struct member *members = calloc(report->n_checks + 1, sizeof *members);
    uint8_t *cells = calloc(report->n_checks + 1, sizeof *cells);

    for (size_t i = 0, end; members && cells && i < report->n_checks; i = end) {
        uint8_t cell;

        end = check_report_site_end(report, i);
        for (size_t j = i; j < end; j++) {
            const struct check *check = &report->results[j].check;

            cells[j] = (uint8_t)check_state_of(check->status, check->failure);
            members[j] = (struct member){.cells = &cells[j],
                                         .role = config->domains[report->jobs[j].domain].role};
        }
        aggregator_site(&members[i], end - i, 0, 1, &cell);
        report->sites[config->domains[report->jobs[i].domain].site] = (enum status)cell;
    }
    free(members);
    free(cells);
    return members && cells ? 0 : set_no_memory(error);
}

/* Stages the results that have a verdict, and exports them. Returns 0 or -1. */
static int store_results(struct journal *journal, const struct report *report, struct error *error)
{
    const struct config *config = report->config;
    struct schedule schedule = {.due_after_ms = calloc(config->n_domains, sizeof(int64_t)),
                                .wait_until_ms = calloc(config->n_domains, sizeof(int64_t))};
    struct stager stager;
    int result;

    stager_init(&stager, journal_storage(journal), &schedule);
    result = schedule.due_after_ms && schedule.wait_until_ms
                 ? stager_reserve(&stager, report->n_checks, error)
                 : set_no_memory(error);
    for (size_t i = 0; i < report->n_checks && result == 0; i++) {
        struct result *made = &report->results[i];

        made->due_after_ms =
            scheduler_due_after(&config->domains[made->domain], made->check.start_ms);
        stager_take(&stager, made);
    }
    if (result == 0)
        result = stager_store(&stager, error) ||
                         certificates_settle(journal_storage(journal), clock_now(), error)
                     ? -1
                     : export_run(journal, error);
    stager_free(&stager);
    schedule_free(&schedule);
    return result;
}

/* Records the results as a tick does, after waiting for a running one. Returns 0 or -1. */
static int record_results(const struct invocation *invocation, const struct report *report,
                          struct error *error)
{
    struct journal *journal = NULL;
    int lock = command_wait_lock(invocation, report->config, error), result;

    if (lock < 0)
        return -1;
    result = journal_open(&journal, report->config, &invocation->log, clock_now(), error);
    if (result == 0)
        result = store_results(journal, report, error);
    journal_close(journal);
    lock_release(lock);
    return result;
}

static int print_report(const struct report *report, const struct check_options *options,
                        struct error *error)
{
    if (options->json && check_report_json(report, error))
        return -1;
    if (!options->json)
        check_report_table(report);
    fflush(stdout);
    return options->junit ? check_report_junit(report, options->junit, error) : 0;
}

/* A check that a local fault prevented fails nothing; a line reports it. After a signal, the checks
 * that are missing make the run a failure, because nobody knows their verdicts. */
static int exit_status(const struct report *report, const struct check_options *options)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < report->n_checks; i++) {
        enum status site = report->sites[report->config->domains[report->jobs[i].domain].site];

        if (options->fails_from != STATUS_COUNT &&
            status_severity(site) >= status_severity(options->fails_from))
            return EXIT_CHECK_FAILED;
        if (report->results[i].no_verdict && interrupt_came())
            status = EXIT_IO;
    }
    return status;
}

/* One line for all checks that a local fault prevented: usually one cause prevents all of them. */
static void warn_of_local_fault(const struct invocation *invocation, const struct report *report)
{
    const struct result *first = NULL;
    char names[CONFIG_MONITORS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < report->n_checks; i++) {
        if (report->results[i].no_verdict && n++ == 0)
            first = &report->results[i];
    }
    if (!first || interrupt_came())
        return;
    log_warn(&invocation->log, "%s not checked: %s",
             config_monitor_names(report->config, report->jobs[first->job].domain, n, names),
             first->check.failure);
}

/* A failure to print does not prevent recording. */
static int check_and_report(const struct invocation *invocation,
                            const struct check_options *options, struct report *report)
{
    struct error error;
    int status, failed = EXIT_DONE;

    if (make_checks(report, &error) || judge_sites(report, &error))
        return command_fail(invocation, &error);
    warn_of_local_fault(invocation, report);
    if (print_report(report, options, &error))
        failed = command_fail(invocation, &error);
    if (options->record && record_results(invocation, report, &error))
        failed = command_fail(invocation, &error);
    status = exit_status(report, options);
    return status == EXIT_DONE ? failed : status;
}

/* Returns the exit status. */
static int check_domains(const struct invocation *invocation, const struct check_options *options,
                         const struct config *config)
{
    bool *selected = calloc(config->n_domains, sizeof *selected);
    struct report report = {.config = config,
                            .verbose = invocation->log.verbose,
                            .jobs = calloc(config->n_domains + 1, sizeof *report.jobs),
                            .results = calloc(config->n_domains + 1, sizeof *report.results),
                            .sites = calloc(config->n_sites + 1, sizeof *report.sites)};
    struct error error;
    int status;

    if (!selected || !report.jobs || !report.results || !report.sites) {
        set_no_memory(&error);
        status = command_fail(invocation, &error);
    } else {
        status = check_select(invocation, options->names, options->n_names, config, selected);
    }
    if (status == EXIT_DONE) {
        add_checks(&report, selected);
        status = check_and_report(invocation, options, &report);
    }
    free(selected);
    free_results(&report);
    free(report.jobs);
    free(report.results);
    free(report.sites);
    return status;
}

int cmd_check(const struct invocation *invocation)
{
    struct check_options options;
    struct config *config;
    struct error error;
    int status = read_options(invocation, &options);

    if (status != EXIT_DONE)
        return status;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    interrupt_install();

    /* A template that cannot be read now is a matter of the build. */
    if (trial_run(config, &error) && error.code == EXIT_CONFIG)
        status = command_fail(invocation, &error);
    else
        status = check_domains(invocation, &options, config);
    config_free(config);
    return status;
}
