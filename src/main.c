/* Options and the table of commands. */
#include "commands/command.h"

#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void print_help(void)
{
    fputs(about, stdout);
    for (const struct command *command = commands; command->name; command++)
        printf("  %-10s%s\n", command->name, command->summary);
}

static void print_command_help(const struct command *command)
{
    printf("usage: uptick [-c FILE] [-v] %s%s%s\n\n%s\n", command->name,
           *command->arguments ? " " : "", command->arguments, command->help);
}

/* A descriptor of 0, 1 or 2 that a careless parent closed must not become a record's file. */
static int open_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    return fd < 0 ? -1 : close(fd);
}

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
        print_command_help(command);
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

    if (open_standard_streams())
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
            print_help();
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
