/*
 * Writes the C source of the table in src/asset.h to standard output, from the files named, which
 * the Makefile gives sorted. Runs when uptick is built, and is no part of it.
 */
#include <stdio.h>

static int embed_bytes(const char *path, int number)
{
    FILE *file = fopen(path, "rb");
    int byte;

    if (!file) {
        perror(path);
        return -1;
    }
    printf("static const char file_%d[] = {", number);
    for (long n = 0; (byte = getc(file)) != EOF; n++)
        printf("%s%d,", n % 24 ? "" : "\n", byte < 128 ? byte : byte - 256);
    printf("\n0};\n");
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    printf("#include \"base/asset.h\"\n");
    for (int i = 1; i < argc; i++) {
        if (embed_bytes(argv[i], i))
            return 1;
    }
    printf("const struct asset assets[] = {\n");
    for (int i = 1; i < argc; i++)
        printf("{\"%s\", file_%d, sizeof file_%d - 1},\n", argv[i], i, i);
    printf("};\nconst size_t n_assets = %d;\n", argc - 1);
    return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
