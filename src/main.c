/* The options before the command, and the start and end of every run. */
#include "base/error.h"
#include "base/file.h"
#include "base/secrets.h"
#include "check/alloc_hooks.h"
#include "commands/command.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *default_config(void)
{
    const char *path = getenv("UPTICK_CONFIG");

    return path && *path ? path : "uptick.yaml";
}

static int report_usage(const char *format, const char *word)
{
    fputs("uptick: ", stderr);
    fprintf(stderr, format, word);
    fputs("; see 'uptick --help'\n", stderr);
    return EXIT_WRONG_USAGE;
}

/* Output counts only once it is written: if the disk under it is full, the run has failed. */
static int finish_output(int status)
{
    bool has_failed = ferror(stdout);

    if (fflush(stdout))
        perror("standard output");
    else if (has_failed)
        fputs("standard output: a part could not be written\n", stderr);
    else
        return status;
    return status ? status : EXIT_IO;
}

/* Returns -1 if the command follows, else the exit status. */
static int read_options(int argc, char **argv, struct invocation *invocation)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    char word[COMMAND_OPTION_MAX];
    int option;

    /* "+": the words after the command belong to the command. */
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:c:vhV", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            invocation->config_path = optarg;
            break;
        case 'v':
            invocation->log.verbose = true;
            break;
        case 'h':
            command_print_all();
            return EXIT_DONE;
        case 'V':
            puts("uptick " UPTICK_VERSION);
            return EXIT_DONE;
        default:
            return report_usage(option == ':' ? "option '%s' needs a value" : "unknown option '%s'",
                                command_rejected_option(argv, word));
        }
    }
    return optind < argc ? -1 : report_usage("no command given", NULL);
}

int main(int argc, char **argv)
{
    struct invocation invocation = {.config_path = default_config(),
                                    .log = {.to = stderr, .secrets = secrets_new()}};
    int status;

    error_exit_on_abort();

    /* A file that may not grow further (ulimit -f) is an error of the write, as a full disk is. */
    signal(SIGXFSZ, SIG_IGN);

    if (!invocation.log.secrets) {
        fputs("uptick: out of memory\n", stderr);
        return EXIT_IO;
    }
    if (file_open_standard())
        return EXIT_IO;
    if (alloc_hooks_install()) {
        fputs("uptick: memory of OpenSSL cannot be watched\n", stderr);
        return EXIT_BUG;
    }

    /* Host names may be international, and cron sets no locale; nothing else depends on one.
     * Created files have the modes that the manual promises, whatever umask cron has. */
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(022);
    status = read_options(argc, argv, &invocation);
    if (status < 0) {
        invocation.argc = argc - optind;
        invocation.argv = argv + optind;
        optind = 1;
        status = command_run(&invocation);
    }
    secrets_free(invocation.log.secrets);
    return finish_output(status);
}
