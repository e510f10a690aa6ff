/* The command rebuild: makes state.db anew from the CSV. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "commands/command.h"
#include "records/journal.h"

#include <stdio.h>

static int rebuild(const struct invocation *invocation, const struct config *config)
{
    struct journal_counts counts;
    struct error error;
    bool busy;
    int lock = -1, result;

    if (command_lock(config, true, &lock, &busy, &error))
        return command_fail(invocation, &error);
    interrupt_install();
    result = journal_rebuild(config, &invocation->log, clock_now(), &counts, &error);
    lock_release(lock);
    if (result)
        return command_fail(invocation, &error);
    printf("%s/state.db: made anew from %lld rows in %lld files\n", config->data_dir,
           (long long)counts.rows, (long long)counts.files);
    return EXIT_DONE;
}

int cmd_rebuild(const struct invocation *invocation)
{
    struct config *config;
    int status = command_no_arguments(invocation);

    if (status)
        return status;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    status = rebuild(invocation, config);
    config_free(config);
    return status;
}
