/* The command validate. */
#include "commands/command.h"
#include "dashboard/messages.h"

#include <stdio.h>

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

int cmd_validate(const struct invocation *invocation)
{
    struct config *config;
    struct messages *words;
    struct error error;

    if (command_no_arguments(invocation))
        return EXIT_WRONG_USAGE;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    if (messages_load(&words, config, &error)) {
        config_free(config);
        return command_fail(invocation, &error);
    }
    printf("%s: %zu site%s, %zu domain%s, no mistake\n", config->path, config->n_sites,
           plural(config->n_sites), config->n_domains, plural(config->n_domains));
    messages_free(words);
    config_free(config);
    return EXIT_DONE;
}
