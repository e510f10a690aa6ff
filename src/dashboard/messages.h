#ifndef DASHBOARD_MESSAGES_H
#define DASHBOARD_MESSAGES_H

#include "base/error.h"
#include "config/config.h"
#include "template/template.h"

/*
 * All words of the pages, in the language of the configuration: templates/messages.LANGUAGE.yaml, a
 * mapping of names to texts. A text is a template of its own, so that each language puts numbers
 * and names where its grammar wants them: {{>messages.NAME}} runs it with all that its place sees.
 * It does not end its line, also where the tag stands alone on one.
 */
struct messages;

/*
 * Reads the files of the configured language. A name has the text of the user's own file in
 * templates_dir; where that lacks it, or there is none, that of the built-in file of the language;
 * else the English one. Returns 0; or -1 with "FILE:LINE:COLUMN: what is wrong": names that English
 * does not have, texts that are no templates; a language for which there is no file; or a file that
 * cannot be read. messages_free takes NULL.
 */
int messages_load(struct messages **words, const struct config *config, struct error *error);
void messages_free(struct messages *words);

/* Adds each text to the templates, as "messages.NAME". Returns 0 or -1. */
int messages_add(const struct messages *words, struct template_set *templates, struct error *error);

/*
 * The text of this name as it stands in the file, for the few that the model gives as values:
 * nothing in it is replaced. It lives as long as the words. The name is one that English has.
 */
const char *messages_get(const struct messages *words, const char *name);

#endif
