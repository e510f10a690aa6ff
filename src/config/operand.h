#ifndef CONFIG_OPERAND_H
#define CONFIG_OPERAND_H

#include "config/loader.h"

/* Operands of rules. The texts belong to the configuration. */
struct operand {
    const char *json;  /* as a JSON text: "\"no-store\"", "1.50", "[1, {}]" */
    const char *shown; /* as it may be published: "no-store" in quotes, 1.50; cut if it is long */
};

/* These read a node, and return false after reporting a mistake. */

/* Any value of JSON, by the core schema of YAML 1.2: a text without quotes may be a number, a
 * boolean or null. */
bool operand_read(struct loader *loader, struct node *node, struct operand *operand);

/* A text, even if it looks like a number. */
bool operand_read_text(struct loader *loader, struct node *node, struct operand *operand);

/* A number. */
bool operand_read_number(struct loader *loader, struct node *node, struct operand *operand);

/* A text of the configuration as failures show it: on one line, cut if it is long, with this quote
 * before and after it; 0: without quotes. NULL: out of memory, which is reported. */
const char *operand_show(struct loader *loader, const struct bytes *shown, char quote);

#endif
