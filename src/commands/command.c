/* The table of commands, their help, and what they share. */
#include "commands/command.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/secrets.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

struct command {
    const char *name;
    const char *arguments; /* for the usage line; empty: there are none */
    const char *summary;   /* for the list of all commands */
    const char *help;      /* what it does and its options; each line ends with \n */
    int (*run)(const struct invocation *invocation);
};

static const struct command table[] = {
    {"tick", "", "check what is due, record it, build the dashboard, send alerts (run by cron)",
     "Checks what is due in this minute, records the results, moves and deletes old records,\n"
     "builds the dashboard, sends alerts and exits. Without the key 'alerts', prints which\n"
     "outages were confirmed and which have ended, and cron mails that. If another tick is\n"
     "running, it exits at once. With -v, prints the time each step took.\n",
     cmd_tick},
    {"check", "[--json] [--junit FILE] [--fail-on STATE] [--record] [SITE[/DOMAIN]...]",
     "check endpoints now and print the results",
     "Checks the sites or domains named, or all of them, and prints each verdict with its times.\n"
     "Records nothing without --record. With -v, the table has the code of each failure.\n"
     "\n"
     "  --json            print JSON instead of a table\n"
     "  --junit FILE      also write a JUnit report\n"
     "  --fail-on STATE   exit with 1 if, by these checks alone, a site is 'down' (the default),\n"
     "                    or 'degraded' or worse; 'none': never exit with 1\n"
     "  --record          store the results, as tick does\n",
     cmd_check},
    {"render", "[--at TIME] [--output DIR | --print-model]",
     "build the dashboard, as of now or of a past moment",
     "Builds the dashboard from the records, in public_dir or another folder.\n"
     "\n"
     "  --at TIME      as it was at a past moment; needs --output, and prints the page's path.\n"
     "                 02:30, -2h, -1h30m, yesterday, monday, 2026-11-24 (the whole day),\n"
     "                 'monday 09:00', 2026-11-24T02:30; in UTC, or with an offset: 02:30+02:00\n"
     "  --output DIR   build it in DIR instead of public_dir\n"
     "  --print-model  print the values that templates see as JSON; build nothing\n",
     cmd_render},
    {"status", "[--json]", "print the current state",
     "Prints the state of every site and domain from the records. Checks nothing.\n"
     "\n"
     "  --json   the same as public/status.json\n",
     cmd_status},
    {"alert", "test [ID...] | list [--json] | ack EVENT", "test, list and acknowledge alerts",
     "Works with the targets of the key 'alerts'.\n"
     "\n"
     "  test [ID...]    send a message that is marked as a test to these targets, or to all, and\n"
     "                  print what each answered; exit with 1 if one did not accept it\n"
     "  list [--json]   print the messages that wait, and the newest ones that were sent, failed\n"
     "                  or expired\n"
     "  ack EVENT       send no more reminders about an outage that lasts: its id, or "
     "SITE/DOMAIN.\n"
     "                  Its end is sent\n",
     cmd_alert},
    {"validate", "", "check the configuration",
     "Checks the configuration and prints every mistake with its line and column; then the\n"
     "templates and messages in templates_dir, if there are any (the first mistake only). Checks\n"
     "no endpoint and writes nothing.\n",
     cmd_validate},
    {"rebuild", "", "rebuild state.db from the CSV files",
     "Rebuilds data_dir/state.db from the CSV files. You rarely need this: if the state is\n"
     "missing or damaged, tick rebuilds it.\n",
     cmd_rebuild},
    {"init", "[DIR]", "write a commented starter configuration",
     "Writes DIR/uptick.yaml (default: here) and prints the line for your crontab. Creates DIR if\n"
     "needed. Never replaces a file.\n",
     cmd_init},
    {NULL, NULL, NULL, NULL, NULL},
};

static const char about[] =
    "usage: uptick [-c FILE] [-v] COMMAND [ARGUMENT...]\n"
    "\n"
    "Checks HTTP endpoints when cron starts it, records the results as CSV and\n"
    "rebuilds a static dashboard.\n"
    "\n"
    "  -c FILE, --config FILE   configuration file (default: $UPTICK_CONFIG, else ./uptick.yaml)\n"
    "  -v, --verbose            print each step of a tick and its time to standard error\n"
    "  -h, --help               print help, or the help of the command given before it\n"
    "  -V, --version            print the version\n"
    "\n";

void command_print_all(void)
{
    fputs(about, stdout);
    for (const struct command *command = table; command->name; command++)
        printf("  %-10s%s\n", command->name, command->summary);
}

static void print_help(const struct command *command)
{
    printf("usage: uptick [-c FILE] [-v] %s%s%s\n\n%s\n", command->name,
           *command->arguments ? " " : "", command->arguments, command->help);
}

static const struct command *find_command(const char *name)
{
    for (const struct command *command = table; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

int command_run(const struct invocation *invocation)
{
    const struct command *command = find_command(invocation->argv[0]);
    const char *word = invocation->argc > 1 ? invocation->argv[1] : NULL;

    if (!command) {
        log_warn(&invocation->log, "uptick: unknown command '%s'; see 'uptick --help'",
                 invocation->argv[0]);
        return EXIT_WRONG_USAGE;
    }
    if (invocation->argc == 2 && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
        print_help(command);
        return EXIT_DONE;
    }
    if (word && !*command->arguments)
        return command_unexpected(invocation, word);
    return command->run(invocation);
}

struct config *command_config(const struct invocation *invocation)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct config *config = config_load(invocation->config_path, &mistakes);

    if (!config && mistakes.size)
        fwrite(mistakes.data, 1, mistakes.size, invocation->log.to);
    if (!config && mistakes.failed)
        log_warn(&invocation->log, "%s: out of memory", invocation->config_path);
    if (config && secrets_copy(invocation->log.secrets, config->secrets)) {
        log_warn(&invocation->log, "%s: out of memory", invocation->config_path);
        config_free(config);
        config = NULL;
    }
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
    log_warn(&invocation->log, "uptick %s: %s", invocation->argv[0], text);
    return EXIT_WRONG_USAGE;
}

int command_unexpected(const struct invocation *invocation, const char *word)
{
    static const char *const before[] = {"-c", "--config", "-v", "--verbose"};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        if (strcmp(word, before[i]) == 0)
            return command_usage(invocation, "unknown option '%s'; %s goes before the command",
                                 word, word);
    }
    return command_usage(invocation, "%s '%s'; see 'uptick %s --help'",
                         word[0] == '-' && word[1] ? "unknown option" : "unexpected argument", word,
                         invocation->argv[0]);
}

const char *command_rejected_option(char *const *argv, char text[COMMAND_OPTION_MAX])
{
    /* getopt_long has not moved past a word of several letters, so optind does not show it. */
    if (optopt == 0 || optopt > UCHAR_MAX)
        return argv[optind - 1];
    snprintf(text, COMMAND_OPTION_MAX, "-%c", optopt);
    return text;
}

int command_rejected(const struct invocation *invocation, int result)
{
    char text[COMMAND_OPTION_MAX];
    const char *option = command_rejected_option(invocation->argv, text);

    if (result == ':')
        return command_usage(invocation, "option '%s' needs a value; see 'uptick %s --help'",
                             option, invocation->argv[0]);
    return command_unexpected(invocation, option);
}

int command_fail(const struct invocation *invocation, const struct error *error)
{
    log_warn(&invocation->log, "%s", error->text);
    return (int)error->code;
}

int command_lock(const struct config *config, bool *busy, struct error *error)
{
    if (file_make_folder(config->data_dir, 0750, error))
        return -1;
    return lock_acquire(config->data_dir, busy, error);
}

static const char busy_text[] = "another uptick is working here";

int command_wait_lock(const struct invocation *invocation, const struct config *config,
                      struct error *error)
{
    if (file_make_folder(config->data_dir, 0750, error))
        return -1;
    return lock_wait(lock_acquire, config->data_dir, busy_text, &invocation->log, error);
}

int command_wait_output(const struct invocation *invocation, const char *folder,
                        struct error *error)
{
    if (file_make_folder(folder, 0755, error))
        return -1;
    return lock_wait(lock_acquire_folder, folder, busy_text, &invocation->log, error);
}

int command_open_state(const struct config *config, struct storage **storage, struct error *error)
{
    enum storage_health health;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/state.db", config->data_dir);
    return storage_open(storage, path, STORAGE_READ_ONLY, config, &health, error);
}
