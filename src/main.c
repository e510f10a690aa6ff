/* Options and the table of commands. */
#include "base/file.h"
#include "commands/command.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *default_config(void)
{
    const char *path = getenv("UPTICK_CONFIG");

    return path && *path ? path : "uptick.yaml";
}

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "uptick: %s%s; see 'uptick --help'\n", why, what);
    return EXIT_WRONG_USAGE;
}

static int run_command(struct invocation *invocation)
{
    const struct command *command = command_find(invocation->argv[0]);

    if (!command)
        return usage("there is no command ", invocation->argv[0]);
    if (invocation->argc == 2 &&
        (!strcmp(invocation->argv[1], "--help") || !strcmp(invocation->argv[1], "-h"))) {
        command_print_help(command);
        return EXIT_DONE;
    }
    return command->run(invocation);
}

/* What was printed counts only once it is written: a full disk behind a pipe is a failure. */
static int finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("standard output");
    return status ? status : EXIT_IO;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    struct invocation invocation = {.config_path = default_config(), .log = {.to = stderr}};
    int option;

    if (file_open_standard())
        return EXIT_IO;

    /* Names of hosts may be international, and cron sets no locale; nothing else depends on one.
     * The modes of what is made are those of the manual, whatever cron's umask. */
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(022);

    /* "+": what stands behind the command is the command's to read. */
    while ((option = getopt_long(argc, argv, "+c:vhV", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            invocation.config_path = optarg;
            break;
        case 'v':
            invocation.log.verbose = true;
            break;
        case 'h':
            command_print_all();
            return finish_output(EXIT_DONE);
        case 'V':
            puts("uptick " UPTICK_VERSION);
            return finish_output(EXIT_DONE);
        default:
            fputs("see 'uptick --help'\n", stderr);
            return EXIT_WRONG_USAGE;
        }
    }
    if (optind == argc)
        return usage("no command", "");
    invocation.argc = argc - optind;
    invocation.argv = argv + optind;
    optind = 1;
    return finish_output(run_command(&invocation));
}
