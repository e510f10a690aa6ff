#ifndef DASHBOARD_MESSAGES_H
#define DASHBOARD_MESSAGES_H

#include "base/error.h"
#include "template/template.h"

struct config;

/*
 * The texts of the pages in the configured language: templates/messages.LANGUAGE.yaml, a mapping of
 * names to texts. A text is a template itself, so that each language can put numbers and names
 * where its grammar wants them: {{>messages.NAME}} runs it with the values of that place. It never
 * ends the line, even if the tag is alone on one.
 */
struct messages;

/*
 * Loads the messages of the configured language. Each text comes from the first of these files that
 * has its name: the user's file in templates_dir, the built-in file of the language, the English
 * one. Returns 0, or -1 with "FILE:LINE:COLUMN: what is wrong": a name that English does not have,
 * a text that is not a valid template, a language without a file, or a file that cannot be read.
 * The caller frees *messages with messages_free, which accepts NULL.
 */
int messages_load(struct messages **messages, const struct config *config, struct error *error);
void messages_free(struct messages *messages);

/* Adds each text to the templates, as "messages.NAME". Returns 0 or -1. */
int messages_add(const struct messages *messages, struct template_set *templates,
                 struct error *error);

/*
 * The text of a name that English has, as it is in the file: its tags are not replaced. For the few
 * texts that are values themselves. It belongs to messages.
 */
const char *messages_get(const struct messages *messages, const char *name);

#endif
