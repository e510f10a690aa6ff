#ifndef CONFIG_EXPECT_H
#define CONFIG_EXPECT_H

#include "config/keys.h"

/*
 * Kinds of values that a response is compared with. Those without a comment are read into a struct
 * domain. For all of them, "~" is none.
 */
extern const struct kind expect_version; /* the version, by the row's words */
extern const struct kind expect_final_url;
extern const struct kind expect_redirects;
extern const struct kind expect_days; /* double */
extern const struct kind expect_headers;
extern const struct kind expect_matches;
extern const struct kind expect_not_matches;
extern const struct kind expect_bytes;
extern const struct kind expect_json;

/* The words of enum http_version from HTTP_1_0 on; ends with NULL. */
extern const char *const expect_versions[];

#endif
