#ifndef RENDERER_WORDS_H
#define RENDERER_WORDS_H

#include "base/error.h"
#include "config/config.h"
#include "template/template.h"

/*
 * All words of the pages, in the language of the configuration: templates/words.LANGUAGE.yaml, a
 * mapping of names to texts. A text is a template of its own, so that each language puts numbers
 * and names where its grammar wants them: {{>words.NAME}} runs it with all that its place sees.
 * It does not end its line, also where the tag stands alone on one.
 */
struct words;

/*
 * Reads the files of the configured language. A name has the text of the user's own file in
 * templates_dir; where that lacks it, or there is none, that of the built-in file of the language;
 * else the English one. Returns 0; or -1 with "FILE:LINE:COLUMN: what is wrong": names that English
 * does not have, texts that are no templates; a language for which there is no file; or a file that
 * cannot be read. words_free takes NULL.
 */
int words_load(struct words **words, const struct config *config, struct error *error);
void words_free(struct words *words);

/* Adds each text to the templates, as "words.NAME". Returns 0 or -1. */
int words_add(const struct words *words, struct template_set *templates, struct error *error);

/*
 * The text of this name as it stands in the file, for the few that the model gives as values:
 * nothing in it is replaced. It lives as long as the words. The name is one that English has.
 */
const char *words_get(const struct words *words, const char *name);

#endif
