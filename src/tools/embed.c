/*
 * Writes build/assets.c (the files of templates/, tables, and the SQL) or, with -h,
 * build/state/statements.h (a name for each SQL statement) to standard output. Runs when uptick is
 * built and is no part of it.
 *
 * In a .sql file, a line "-- name: x" begins a statement that is prepared when state.db is opened,
 * and "-- script: x" begins other SQL. Both reach to the next such line. x becomes SQL_X.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char prepared[] = "-- name: ", script[] = "-- script: ";

static bool starts_with(const char *line, const char *start)
{
    return strncmp(line, start, strlen(start)) == 0;
}

static bool is_sql(const char *path)
{
    size_t size = strlen(path);

    return size > 4 && strcmp(path + size - 4, ".sql") == 0;
}

static FILE *open_file(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        perror(path);
    return file;
}

static int print_bytes(const char *path, int number)
{
    FILE *file = open_file(path);
    int byte;

    if (!file)
        return -1;
    printf("static const char file_%d[] = {", number);
    for (long n = 0; (byte = getc(file)) != EOF; n++)
        printf("%s%d,", n % 24 ? "" : "\n", byte < 128 ? byte : byte - 256);
    printf("\n0};\n");
    fclose(file);
    return 0;
}

static void print_name(const char *name)
{
    printf("SQL_");
    for (; *name && *name != '\n'; name++)
        putchar(toupper((unsigned char)*name));
}

/* Prints a line of SQL as a string of C. */
static void print_line(const char *line)
{
    putchar('"');
    for (; *line && *line != '\n'; line++)
        printf(*line == '"' || *line == '\\' ? "\\%c" : "%c", *line);
    printf("\\n\"\n");
}

/* Prints what the files have of this kind: names for an enum, or items of the table of texts. */
static int print_sql(char **paths, const char *kind, bool names_only)
{
    for (; *paths; paths++) {
        FILE *file = is_sql(*paths) ? open_file(*paths) : NULL;
        char line[256];
        bool wanted = false;

        if (!file && is_sql(*paths))
            return -1;
        while (file && fgets(line, sizeof line, file)) {
            bool begins = starts_with(line, prepared) || starts_with(line, script);

            if (begins)
                wanted = starts_with(line, kind);
            if (begins && wanted) {
                printf(names_only ? "" : ",\n[");
                print_name(line + strlen(kind));
                printf(names_only ? ",\n" : "] = ");
            } else if (wanted && !names_only && !starts_with(line, "--")) {
                print_line(line);
            }
        }
        if (file)
            fclose(file);
    }
    return 0;
}

static int print_header(char **paths)
{
    printf("#ifndef STATE_STATEMENTS_H\n#define STATE_STATEMENTS_H\nenum sql {\n");
    if (print_sql(paths, prepared, true))
        return -1;
    printf("SQL_PREPARED, /* above: prepared; below: scripts */\n");
    if (print_sql(paths, script, true))
        return -1;
    printf("SQL_COUNT\n};\nextern const char *const statements[SQL_COUNT];\n#endif\n");
    return 0;
}

static int print_source(char **paths)
{
    int n = 0;

    printf("#include \"base/asset.h\"\n#include \"state/statements.h\"\n");
    for (int i = 0; paths[i]; i++) {
        if (!is_sql(paths[i]) && print_bytes(paths[i], i))
            return -1;
    }
    printf("const struct asset assets[] = {\n");
    for (int i = 0; paths[i]; i++) {
        if (!is_sql(paths[i]) && ++n)
            printf("{\"%s\", file_%d, sizeof file_%d - 1},\n", paths[i], i, i);
    }
    printf("};\nconst size_t n_assets = %d;\n", n);
    /* No compiler that can build uptick limits strings to the 4,095 bytes of C11. */
    printf("#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    printf("const char *const statements[SQL_COUNT] = {[SQL_PREPARED] = NULL");
    if (print_sql(paths, prepared, false) || print_sql(paths, script, false))
        return -1;
    printf("};\n");
    return 0;
}

int main(int argc, char **argv)
{
    bool header = argc > 1 && strcmp(argv[1], "-h") == 0;
    int result = header ? print_header(argv + 2) : print_source(argv + 1);

    return result || fflush(stdout) || ferror(stdout) ? 1 : 0;
}
