#include "commands/command.h"

#include "base/file.h"
#include "base/lock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command commands[] = {
    {"tick", "", "check what is due, record it, build the dashboard: what cron runs",
     "Checks what is due in this minute, records it, moves and deletes old records, builds the\n"
     "dashboard and exits. Prints nothing unless something is wrong. Where another tick is\n"
     "running it leaves at once. With -v, says what took how long.\n",
     cmd_tick},
    {"check", "[--json] [--junit FILE] [--fail-on STATE] [--record] [SITE[/DOMAIN]...]",
     "check endpoints now and print what was found",
     "Checks these sites or domains at once (all, if none is named) and prints each verdict\n"
     "with its phases. Records nothing.\n"
     "\n"
     "  --json            print JSON instead of a table\n"
     "  --junit FILE      write a JUnit report too\n"
     "  --fail-on STATE   exit with 1 if a site is 'down' (the default), or 'degraded' or\n"
     "                    worse, by these checks alone; 'none': never\n"
     "  --record          record the results as a tick does\n",
     cmd_check},
    {"render", "[--at TIME] [--output DIR | --print-model]",
     "build the dashboard, now or as it stood at any time",
     "Builds the dashboard from the records, in public_dir or another folder.\n"
     "\n"
     "  --at TIME      as it stood then: 2026-11-23, 2026-11-23T09:30, 2026-11-23T09:30:00Z, or\n"
     "                 @ and seconds since the epoch; always UTC\n"
     "  --output DIR   build it there, and leave public_dir as it is\n"
     "  --print-model  print as JSON what the templates see, and build nothing\n",
     cmd_render},
    {"status", "[--json]", "print the present state",
     "Prints how every site and domain is, from the records; checks nothing.\n"
     "\n"
     "  --json   the same as public/status.json\n",
     cmd_status},
    {"validate", "", "check the configuration",
     "Reads the configuration and prints how much there is in it, or every mistake with its\n"
     "line and column, on standard error; then the words of the pages, where templates_dir has\n"
     "a file of them. Checks no endpoint and writes nothing.\n",
     cmd_validate},
    {"rebuild", "", "make the state anew from the CSV files",
     "Makes data_dir/state.db anew from the CSV files. A tick does the same by itself where the\n"
     "state is missing or damaged.\n",
     cmd_rebuild},
    {"init", "[DIR]", "write a commented starter configuration",
     "Writes DIR/uptick.yaml (here, without DIR) and prints the line for the crontab. Makes DIR\n"
     "where it is missing. A file that is there already is left as it is.\n",
     cmd_init},
    {NULL, NULL, NULL, NULL, NULL},
};

static const char about[] =
    "usage: uptick [-c FILE] [-v] COMMAND [ARGUMENT...]\n"
    "\n"
    "Checks HTTP endpoints when cron starts it, records what it saw as CSV and\n"
    "rebuilds a static dashboard.\n"
    "\n"
    "  -c FILE, --config FILE   the configuration: $UPTICK_CONFIG, or ./uptick.yaml\n"
    "  -v, --verbose            say what is done, on standard error\n"
    "  -h, --help               this help; after a command, that command's\n"
    "  -V, --version            the version\n"
    "\n";

void command_print_all(void)
{
    fputs(about, stdout);
    for (const struct command *command = commands; command->name; command++)
        printf("  %-10s%s\n", command->name, command->summary);
}

void command_print_help(const struct command *command)
{
    printf("usage: uptick [-c FILE] [-v] %s%s%s\n\n%s\n", command->name,
           *command->arguments ? " " : "", command->arguments, command->help);
}

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

struct config *command_config(const struct invocation *invocation)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct config *config = config_load(invocation->config_path, &mistakes);

    if (!config && mistakes.size)
        fwrite(mistakes.data, 1, mistakes.size, invocation->log.to);
    if (!config && mistakes.failed)
        log_warn(&invocation->log, "%s: out of memory", invocation->config_path);
    buffer_free(&mistakes);
    return config;
}

int command_usage(const struct invocation *invocation, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    log_warn(&invocation->log, "uptick %s: %s; see 'uptick %s --help'", invocation->argv[0], text,
             invocation->argv[0]);
    return EXIT_WRONG_USAGE;
}

int command_fail(const struct invocation *invocation, const struct error *error)
{
    log_warn(&invocation->log, "%s", error->text);
    return (int)error->code;
}

int command_lock(const struct config *config, bool wait, int *lock, bool *busy, struct error *error)
{
    if (file_make_folder(config->data_dir, 0750, error))
        return -1;
    return lock_acquire(config->data_dir, wait, lock, busy, error);
}

int command_no_arguments(const struct invocation *invocation)
{
    if (invocation->argc > 1)
        return command_usage(invocation, "takes no argument, and got '%s'", invocation->argv[1]);
    return EXIT_DONE;
}
