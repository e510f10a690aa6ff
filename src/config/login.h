#ifndef CONFIG_LOGIN_H
#define CONFIG_LOGIN_H

#include "config/mapping.h"

/* Logins by Basic authentication (RFC 7617). Each part is read into a const char *; "~" is none. */
extern const struct kind login_username; /* without ":" */
extern const struct kind login_password;

/*
 * Adds the header of its login to a domain that has a user name. Reports a login that is given in
 * two ways. at is the mapping of the domain, and values are those of this mapping.
 */
void login_complete(struct loader *loader, const struct mapping_values *values, struct node *at,
                    struct domain *domain);

/*
 * Returns the value of the header for a login, which belongs to the configuration. Adds the
 * password, and both parts in base64, to the secrets. NULL: out of memory, which is reported.
 */
const char *login_header(struct loader *loader, const char *username, const char *password);

#endif
