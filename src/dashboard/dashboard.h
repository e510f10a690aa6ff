#ifndef DASHBOARD_DASHBOARD_H
#define DASHBOARD_DASHBOARD_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"
#include "records/ticks.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stdint.h>

/* When the dashboard is to be built, and its building from the state: storage → snapshot →
 * renderer. */

/*
 * Whether a build is due at now_ms (spec 7): something was recorded since the last one, time alone
 * has turned a bucket to UNKNOWN, the configuration changed or the dashboard is not there; and
 * render_interval_seconds have passed. What is skipped is remembered by the state.
 */
int dashboard_is_due(struct storage *storage, const struct config *config, int64_t now_ms,
                     bool *due, struct error *error);

/* Builds it in public_dir as of now_ms, and notes in the state that it was. */
int dashboard_build(struct storage *storage, const struct config *config, const struct ticks *ticks,
                    int64_t now_ms, struct error *error);

/*
 * Builds it in any folder as of now_ms, and notes nothing. ticks may be NULL: of a past moment they
 * are not known.
 */
int dashboard_build_in(struct storage *storage, const struct config *config,
                       const struct ticks *ticks, int64_t now_ms, const char *folder,
                       struct error *error);

/* Appends the data of its templates as of now_ms (renderer.h), and writes no file. */
int dashboard_print_model(struct storage *storage, const struct config *config,
                          const struct ticks *ticks, int64_t now_ms, struct buffer *into,
                          struct error *error);

#endif
