#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "state/storage.h"

/*
 * The commands of the program, and what they share. Each is a file cmd_NAME.c and a row of the
 * table in command.c. A command parses the words after its name, does its work and returns the exit
 * status. command_run refuses any word after a command whose row has no arguments.
 */

struct invocation {
    const char *config_path; /* -c, $UPTICK_CONFIG, or "uptick.yaml" */
    struct log log;          /* to standard error */
    int argc;                /* of the command: argv[0] is its name */
    char **argv;
};

/* Runs the command that argv[0] names, or prints its help. Returns the exit status. */
int command_run(const struct invocation *invocation);

/* Prints the help of the program to standard output. */
void command_print_all(void);

/* Loads the configuration, to be freed with config_free. Returns NULL after printing all mistakes;
 * then exit with EXIT_CONFIG. */
struct config *command_config(const struct invocation *invocation);

/* Prints what is wrong with the words after the command. Returns EXIT_WRONG_USAGE. */
int command_usage(const struct invocation *invocation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Does the same for a word that the command does not accept, and prints how to get help. */
int command_unexpected(const struct invocation *invocation, const char *word);

/* Does the same for an option that getopt_long rejected with this result, '?' or ':'. The val of
 * long options of commands must be above 255. */
int command_rejected(const struct invocation *invocation, int result);

/* The option that getopt_long just rejected, as its user wrote it: one of argv, or text. */
enum { COMMAND_OPTION_MAX = 3 };
const char *command_rejected_option(char *const *argv, char text[COMMAND_OPTION_MAX]);

/* Prints an error. Returns its exit status. */
int command_fail(const struct invocation *invocation, const struct error *error);

/* Creates data_dir if needed and takes its lock, like lock_acquire with `busy`. */
int command_lock(const struct config *config, bool *busy, struct error *error);

/*
 * Does the same, but waits while another uptick has the lock. After a second it prints one line.
 * Waiting takes minutes at most: as long as a tick.
 */
int command_wait_lock(const struct invocation *invocation, const struct config *config,
                      struct error *error);

/* Creates a folder for a dashboard if needed and locks it, so that two builds do not mix their
 * files. Waits in the same way. Returns a descriptor for lock_release, or -1 with the error. */
int command_wait_output(const struct invocation *invocation, const char *folder,
                        struct error *error);

/* Opens state.db only to read it, so a tick may be running. Returns 0 or -1. */
int command_open_state(const struct config *config, struct storage **storage, struct error *error);

/* The commands. Each returns the exit status. */
int cmd_tick(const struct invocation *invocation);
int cmd_check(const struct invocation *invocation);
int cmd_render(const struct invocation *invocation);
int cmd_status(const struct invocation *invocation);
int cmd_validate(const struct invocation *invocation);
int cmd_rebuild(const struct invocation *invocation);
int cmd_init(const struct invocation *invocation);
int cmd_alert(const struct invocation *invocation);

#endif
