#include "commands/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command commands[] = {
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
