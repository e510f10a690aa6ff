#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"

/*
 * The commands of the program: a file each, a row each in the table of command.c. A command parses
 * what stands behind its name, does its work and returns the exit status.
 */

struct invocation {
    const char *config_path; /* -c, $UPTICK_CONFIG, or "uptick.yaml" */
    struct log log;          /* to standard error */
    int argc;                /* what stands behind the command's name: argv[0] is that name */
    char **argv;
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;   /* half a line */
    const char *help;      /* its options and what it prints, lines ended by \n */
    int (*run)(const struct invocation *invocation);
};

/* All of them, in the order in which --help lists them; ends with a row without a name. */
extern const struct command commands[];

/* Print, to standard output, what the program can do, or one command's help. */
void command_print_all(void);
void command_print_help(const struct command *command);

/* The command of this name; NULL where there is none. */
const struct command *command_find(const char *name);

/*
 * What commands share. Each prints what is wrong to the invocation's log.
 */

/* Loads the configuration; NULL once every mistake is printed: exit with EXIT_CONFIG. */
struct config *command_config(const struct invocation *invocation);

/* Says that these arguments are wrong, and how to get help. Returns EXIT_WRONG_USAGE. */
int command_usage(const struct invocation *invocation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints an error. Returns the exit status that it leads to. */
int command_fail(const struct invocation *invocation, const struct error *error);

/*
 * Makes data_dir where it is missing, and takes its lock. Where another process holds it, sets
 * *busy and returns 0; or waits, if so asked: a tick is over within minutes, and a signal ends the
 * wait.
 */
int command_lock(const struct config *config, bool wait, int *lock, bool *busy,
                 struct error *error);

/* Tells of a command without arguments that it was given some. Returns EXIT_DONE or
 * EXIT_WRONG_USAGE. */
int command_no_arguments(const struct invocation *invocation);

/* The commands themselves. */
int cmd_tick(const struct invocation *invocation);
int cmd_check(const struct invocation *invocation);
int cmd_render(const struct invocation *invocation);
int cmd_status(const struct invocation *invocation);
int cmd_validate(const struct invocation *invocation);
int cmd_rebuild(const struct invocation *invocation);
int cmd_init(const struct invocation *invocation);

#endif
