#ifndef RENDERER_WORDS_H
#define RENDERER_WORDS_H

#include "base/error.h"
#include "config/config.h"
#include "template/template.h"

/*
 * All words of the pages, in the language of the configuration: templates/words.LANGUAGE.yaml, a
 * mapping of names to texts. A text is a template of its own, so that each language puts numbers
 * and names where its grammar wants them: {{>words.NAME}} runs it with all that its place sees.
 */
struct words;

/*
 * Reads the file of the configured language: the user's own in templates_dir, or the built-in one.
 * A name that it lacks is taken from English. Returns 0; or -1 with "FILE:LINE:COLUMN: what is
 * wrong": unknown names, texts that are no templates, a language for which there is no file.
 * words_free takes NULL.
 */
int words_load(struct words **words, const struct config *config, struct error *error);
void words_free(struct words *words);

/* Adds each text to the templates, as "words.NAME". Returns 0 or -1. */
int words_add(const struct words *words, struct template_set *templates, struct error *error);

/* The text of this name as it stands in the file, for the few that the model gives as values. It
 * lives as long as the words. */
const char *words_get(const struct words *words, const char *name);

#endif
