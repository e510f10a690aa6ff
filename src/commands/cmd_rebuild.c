/* The command rebuild: rebuilds state.db from the CSV. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/secrets.h"
#include "base/text.h"
#include "commands/command.h"
#include "records/journal.h"

#include <stdio.h>

static int rebuild_state(const struct invocation *invocation, const struct config *config)
{
    struct journal_counts counts;
    char rows[TEXT_COUNTED_MAX], files[TEXT_COUNTED_MAX], text[SECRETS_TEXT_MAX];
    struct error error;
    int lock = command_wait_lock(invocation, config, &error), result;

    if (lock < 0)
        return command_fail(invocation, &error);
    interrupt_install();
    result = journal_rebuild(config, &invocation->log, clock_now(), &counts, &error);
    lock_release(lock);
    if (result)
        return command_fail(invocation, &error);
    snprintf(text, sizeof text, "%s/state.db: rebuilt from %s in %s", config->data_dir,
             text_counted((uint64_t)counts.rows, "row", rows),
             text_counted((uint64_t)counts.files, "file", files));
    secrets_hide(config->secrets, text, sizeof text); /* of the path */
    puts(text);
    return EXIT_DONE;
}

int cmd_rebuild(const struct invocation *invocation)
{
    struct config *config = command_config(invocation);
    int status;

    if (!config)
        return EXIT_CONFIG;
    status = rebuild_state(invocation, config);
    config_free(config);
    return status;
}
