/* The command rebuild: rebuilds state.db from the CSV. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/secrets.h"
#include "base/text.h"
#include "commands/command.h"
#include "records/export.h"
#include "records/journal.h"

#include <stdio.h>

/* Rebuilds, and exports what the rebuild has staged: the events that it derived from the rows. So
 * the pages have them before the next tick. */
static int rebuild_and_export(const struct config *config, const struct log *log,
                              struct journal_counts *counts, struct error *error)
{
    int64_t now_ms = clock_now();
    struct journal *journal;
    int result;

    if (journal_rebuild(config, log, now_ms, counts, error) ||
        journal_open(&journal, config, log, now_ms, error))
        return -1;
    result = export_run(journal, error);
    journal_close(journal);
    return result;
}

static int rebuild_state(const struct invocation *invocation, const struct config *config)
{
    struct journal_counts counts;
    char rows[TEXT_COUNTED_MAX], files[TEXT_COUNTED_MAX], text[SECRETS_TEXT_MAX];
    struct error error;
    int lock = command_wait_lock(invocation, config, &error), result;

    if (lock < 0)
        return command_fail(invocation, &error);
    interrupt_install();
    result = rebuild_and_export(config, &invocation->log, &counts, &error);
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
