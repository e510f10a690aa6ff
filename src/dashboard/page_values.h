#ifndef DASHBOARD_PAGE_VALUES_H
#define DASHBOARD_PAGE_VALUES_H

#include "template/template.h"

struct messages;
struct snapshot;

/*
 * A snapshot as values for the templates of the pages. uptick-templates(5) describes their names;
 * `uptick render --print-model` prints them.
 */
struct page_values;

/* Returns NULL if out of memory. snapshot and messages must outlive the values. */
struct page_values *page_values_new(const struct snapshot *snapshot,
                                    const struct messages *messages);

/* NULL is allowed. */
void page_values_free(struct page_values *values);

/* The root of index.html, or of the page of a site of the snapshot. It belongs to values and is
 * valid until the next call of either. The index is NULL if out of memory. */
const struct value *page_values_index(struct page_values *values);
const struct value *page_values_site(struct page_values *values, size_t site);

/* The name under which the logo is published: "logo" and the extension of its path, if that has
 * only letters and digits and is not too long. */
enum { PAGE_VALUES_LOGO_MAX = 16 };
void page_values_logo_name(const char *path, char name[PAGE_VALUES_LOGO_MAX]);

#endif
