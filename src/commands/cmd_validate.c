/* The command validate: checks the configuration, the templates and the messages. */
#include "base/text.h"
#include "commands/command.h"
#include "dashboard/trial.h"

int cmd_validate(const struct invocation *invocation)
{
    struct config *config = command_config(invocation);
    char sites[TEXT_COUNTED_MAX], domains[TEXT_COUNTED_MAX];
    struct error error;

    if (!config)
        return EXIT_CONFIG;
    if (trial_run(config, &error)) {
        config_free(config);
        return command_fail(invocation, &error);
    }
    printf("%s: no mistakes (%s, %s)\n", config->path, text_counted(config->n_sites, "site", sites),
           text_counted(config->n_domains, "domain", domains));
    config_free(config);
    return EXIT_DONE;
}
