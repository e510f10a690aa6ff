/* Table certificate: reads and stores its rows. */
#include "state/certificate_table.h"

#include "state/certificate_events.h"
#include "state/column.h"

#include <string.h>

/* Columns of list_certificates and list_chains. */
enum { SCOPE, ID, FROM_MS, UNTIL_MS, SEEN_MS, UNSEEN, LONGEST, VIA, CHAIN };

/* A list under way. */
struct certificate_listing {
    struct storage *storage;
    certificate_table_each_one *each;
    void *context;
    bool (*is_valid)(const struct certificate_row *row);
};

static int read_row(struct storage *storage, sqlite3_stmt *row, struct certificate_row *into,
                    struct error *error)
{
    const struct {
        char *text;
        size_t size;
        int column;
    } texts[] = {{into->scope, sizeof into->scope, SCOPE},
                 {into->id, sizeof into->id, ID},
                 {into->via, sizeof into->via, VIA},
                 {into->chain, sizeof into->chain, CHAIN}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (column_read_text(storage, row, texts[i].column, texts[i].text, texts[i].size, error))
            return -1;
    }
    if (column_read_number(storage, row, FROM_MS, COLUMN_TIME, &into->from_ms, error) ||
        column_read_number(storage, row, UNTIL_MS, COLUMN_TIME, &into->until_ms, error) ||
        column_read_number(storage, row, SEEN_MS, COLUMN_TIME, &into->seen_ms, error) ||
        column_read_number(storage, row, UNSEEN, COLUMN_LENGTH, &into->unseen, error))
        return -1;
    return column_read_number(storage, row, LONGEST, COLUMN_LENGTH, &into->longest, error);
}

static int pass_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct certificate_listing *listing = context;
    struct certificate_row read;

    if (read_row(listing->storage, row, &read, error))
        return -1;
    if (!listing->is_valid(&read))
        return database_damaged(listing->storage, error);
    return listing->each(listing->context, &read, error);
}

static bool has_chain(const struct certificate_row *row)
{
    struct chain_facts facts;

    return chain_read(row->chain, strlen(row->chain), &facts) == 0;
}

int certificate_table_each(struct storage *storage, certificate_table_each_one *each, void *context,
                           struct error *error)
{
    struct certificate_listing listing = {storage, each, context, has_chain};

    return database_each(storage, database_statement(storage, SQL_LIST_CHAINS), pass_row, &listing,
                         error);
}

static bool has_hashes(const struct certificate_row *row)
{
    return chain_is_hash(row->id, strlen(row->id)) && chain_is_hash(row->chain, strlen(row->chain));
}

int certificate_table_each_known(struct storage *storage, certificate_table_each_one *each,
                                 void *context, struct error *error)
{
    struct certificate_listing listing = {storage, each, context, has_hashes};

    return database_each(storage, database_statement(storage, SQL_LIST_CERTIFICATES), pass_row,
                         &listing, error);
}

int certificate_table_put(struct storage *storage, const struct certificate_server *server,
                          const struct certificate_leaf *leaf, struct error *error)
{
    sqlite3_stmt *put = database_bind(storage, SQL_PUT_CERTIFICATE, leaf->from_ms, leaf->until_ms,
                                      leaf->seen_ms, leaf->unseen, leaf->longest);

    sqlite3_bind_text(put, 6, server->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 7, leaf->id, -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 8, server->via_name, -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 9, leaf->chain->text, -1, SQLITE_STATIC);
    return database_run(storage, put, error);
}

int certificate_table_update(struct storage *storage, const struct certificate_server *server,
                             const struct certificate_leaf *leaf, struct error *error)
{
    sqlite3_stmt *update =
        database_bind(storage, SQL_UPDATE_CERTIFICATE, leaf->seen_ms, leaf->unseen, leaf->longest);

    sqlite3_bind_text(update, 4, server->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(update, 5, leaf->id, -1, SQLITE_STATIC);
    sqlite3_bind_text(update, 6, server->via_name, -1, SQLITE_STATIC);
    return database_run(storage, update, error);
}

int certificate_table_delete(struct storage *storage, const struct certificate_server *server,
                             const struct certificate_leaf *leaf, struct error *error)
{
    sqlite3_stmt *delete = database_statement(storage, SQL_DELETE_CERTIFICATE);

    sqlite3_bind_text(delete, 1, server->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(delete, 2, leaf->id, -1, SQLITE_STATIC);
    return database_run(storage, delete, error);
}

int certificate_table_go_back(struct storage *storage, int64_t at_ms, struct error *error)
{
    if (database_run(storage, database_bind(storage, SQL_DELETE_LATER_CERTIFICATES, at_ms), error))
        return -1;
    return database_run(storage, database_bind(storage, SQL_REVIVE_CERTIFICATES, at_ms), error);
}
