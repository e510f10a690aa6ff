#ifndef CONFIG_CONNECTION_H
#define CONFIG_CONNECTION_H

#include "config/mapping.h"

/* How a check connects, and the version of HTTP that it uses. "~" is none. */
extern const struct kind connection_address;      /* into a struct domain */
extern const struct kind connection_unix_socket;  /* const char * */
extern const struct kind connection_http_version; /* enum, by the row's words */

/* Reports keys that contradict each other, if this mapping has one of them. */
void connection_check(struct loader *loader, const struct mapping_values *values,
                      const struct domain *domain);

#endif
