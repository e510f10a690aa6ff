#ifndef CONFIG_DURATION_H
#define CONFIG_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Durations and percentages with their unit: 14d, 36h, 90m, 30s, 7.5%. A number has at most three
 * decimals and no sign. There is nothing between the number and its unit.
 */

/* Read a text of this many bytes: a duration in milliseconds, up to 10000d; a percentage
 * in thousandths of a percent, up to 100%. Return whether it is one. */
bool duration_read(const char *text, size_t size, int64_t *ms);
bool duration_read_percent(const char *text, size_t size, int64_t *thousandths);

/* Write a duration in the largest unit that needs no decimals, and a percentage. */
enum { DURATION_TEXT_MAX = 32 };
const char *duration_write(int64_t ms, char text[DURATION_TEXT_MAX]);
const char *duration_write_percent(int64_t thousandths, char text[DURATION_TEXT_MAX]);

#endif
