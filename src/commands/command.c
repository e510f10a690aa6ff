#include "commands/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command commands[] = {
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
     check_run},
    {"status", "[--json]", "print the present state",
     "Prints how every site and domain is, from the records; checks nothing.\n"
     "\n"
     "  --json   the same as public/status.json\n",
     status_run},
    {"validate", "", "check the configuration",
     "Reads the configuration and prints how much there is in it, or every mistake with its\n"
     "line and column, on standard error. Checks no endpoint and writes nothing.\n",
     validate_run},
    {"init", "[DIR]", "write a commented starter configuration",
     "Writes DIR/uptick.yaml (here, without DIR) and prints the line for the crontab. Makes DIR\n"
     "where it is missing. A file that is there already is left as it is.\n",
     init_run},
    {NULL, NULL, NULL, NULL, NULL},
};

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
    struct buffer problems = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct config *config = config_load(invocation->config_path, &problems);

    if (!config && problems.size)
        fwrite(problems.data, 1, problems.size, invocation->log.to);
    if (!config && problems.failed)
        log_warn(&invocation->log, "%s: out of memory", invocation->config_path);
    buffer_free(&problems);
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

int command_no_arguments(const struct invocation *invocation)
{
    if (invocation->argc > 1)
        return command_usage(invocation, "takes no argument, and got '%s'", invocation->argv[1]);
    return EXIT_DONE;
}
